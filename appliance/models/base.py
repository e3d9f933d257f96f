"""What all tables share: the database, and how a moment is kept."""

from datetime import UTC, datetime
from typing import Any

from peewee import DatabaseProxy, Field, Model

database = DatabaseProxy()


class MomentField(Field):
    """A moment in UTC, kept as ISO text of one width, so that text order is time order in every store."""

    field_type = "TEXT"

    def db_value(self, value: datetime | None) -> str | None:
        """*value* as text; it must know its time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def python_value(self, value: str | None) -> datetime | None:
        """The stored text as an aware moment in UTC."""
        return None if value is None else datetime.fromisoformat(value)


class Row(Model):
    """What all tables share: the database."""

    id: Any

    class Meta:
        database = database
        legacy_table_names = False
        only_save_dirty = True  # what was not changed is not written: it is the larger part of our own time
