"""BIN-kast: the SMS alert box of one neighbourhood information network (BIN)."""

__version__ = "0.1.0"
