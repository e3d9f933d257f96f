"""BIN-kast: the SMS alert box of one neighbourhood information network (BIN)."""

import sys

# peewee imports psycopg wherever it is installed: 15 MB in each service of a box that has SQLite.
# Who has a server gets it from `server`.
sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]

__version__ = "0.1.0"
