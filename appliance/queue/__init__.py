"""What is owed to the network, and what came in from it."""
