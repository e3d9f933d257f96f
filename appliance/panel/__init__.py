"""Service 2: the button and the lamp on the box. They need the store and nothing else: no network, no page."""
