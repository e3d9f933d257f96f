"""A new version: who made it (`release`), may it begin (`prepare`), and doing it, or going back (`steps`).

One that comes on a `stick` waits for a yes: its `offer` at the page.
"""
