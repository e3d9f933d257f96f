"""A segment that is withdrawn while it is being submitted; and an index for a long history."""

from peewee import BooleanField
from playhouse.migrate import migrate


def up(migrator, db):
    migrate(
        migrator.add_column("segment", "withdrawn", BooleanField(default=False)),
        migrator.add_index("segment", ("state", "due_at")),
    )
