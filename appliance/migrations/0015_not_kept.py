"""What the police want erased as soon as the alert has ended (R87)."""

from peewee import BooleanField
from playhouse.migrate import migrate


def up(migrator, _db):
    migrate(migrator.add_column("alert", "not_kept", BooleanField(default=False)))
