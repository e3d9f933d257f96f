"""When a member's text was handed on to the police (R66), and when it got a ready answer (R92)."""

from peewee import Field
from playhouse.migrate import migrate


class MomentField(Field):
    field_type = "TEXT"


def up(migrator, _db):
    migrate(
        migrator.add_column("arrival", "handed_at", MomentField(null=True)),
        migrator.add_column("arrival", "answered_at", MomentField(null=True)),
    )
