"""What somebody at the page wants a gateway to do, and what that gateway can do."""

from peewee import Field, TextField
from playhouse.migrate import migrate


class MomentField(Field):
    field_type = "TEXT"


def up(migrator, _db):
    migrate(
        migrator.add_column("modem_state", "able", TextField(default="")),
        migrator.add_column("modem_state", "restart_wanted_at", MomentField(null=True)),
    )
