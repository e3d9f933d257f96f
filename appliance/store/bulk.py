"""Many rows at once, in few words.

peewee builds the words of an insert anew for each value: that took longer than all else that a promise does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from peewee import AutoField, chunked

from appliance.models import Row, database

BATCH = 400  # rows in one statement: SQLite takes 32,766 values, our widest table has 31 columns


def insert(table: type[Row], rows: Sequence[Mapping[str, object]]) -> None:
    """*rows* are in *table*, BATCH in a statement; a column that a row does not name has its default.

    Raises TypeError for a name that is no column. Call it inside `store.writing()`: all of them, or none.
    """
    fields = [field for field in table._meta.sorted_fields if not isinstance(field, AutoField)]
    for unknown in {name for row in rows for name in row} - {field.name for field in fields}:
        raise TypeError(f"{table.__name__} has no column {unknown}")
    columns = ", ".join(f'"{field.column_name}"' for field in fields)
    into = f'INSERT INTO "{table._meta.table_name}" ({columns}) VALUES '  # noqa: S608 - names of ours, not data
    one = f"({', '.join([database.param] * len(fields))})"
    for batch in chunked(rows, BATCH):
        values = [_value(field, row) for row in batch for field in fields]
        database.execute_sql(into + ", ".join([one] * len(batch)), values)


def _value(field: Any, row: Mapping[str, object]) -> Any:
    return field.db_value(row.get(field.name, field.default))
