"""A new version: who made it (`release`), may it begin (`prepare`), and doing it, or going back (`steps`)."""
