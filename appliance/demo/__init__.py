"""A neighbourhood to play with: people with habits behind the emulated modem. Never part of a real box's work."""
