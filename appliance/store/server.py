"""The door to PostgreSQL, for several boxes on one database: only `store` opens it, and only when the settings ask."""

import sys
from typing import Any

from peewee import Psycopg3Adapter

if sys.modules.get("psycopg", True) is None:  # kept out until here: see the package's own first lines
    del sys.modules["psycopg"]

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.string import StrDumperUnknown


class _Words(StrDumperUnknown):
    """PostgreSQL keeps no NUL: a text with one is kept with its picture instead."""

    def dump(self, obj: str) -> bytes | bytearray | memoryview | None:
        return super().dump(obj.replace("\0", "\N{SYMBOL FOR NULL}"))


class Adapter(Psycopg3Adapter):
    """What peewee leaves out when it is loaded without psycopg."""

    txn_idle = TransactionStatus.IDLE
    txn_inerror = TransactionStatus.INERROR
    txn_unknown = TransactionStatus.UNKNOWN

    def check_driver(self) -> None:
        """It is here."""

    def connect(self, db: Any, **params: Any) -> psycopg.Connection:
        """A connection to the server at the address that *db* was given."""
        connection = psycopg.connect(db.database, **params)
        connection.adapters.register_dumper(str, _Words)
        return connection
