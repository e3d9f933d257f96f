"""Log-in by devices, passkeys, codes of an app and of a sheet; proof of presence; the countdown before sending."""

from peewee import Field, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import migrate


class MomentField(Field):
    field_type = "TEXT"


class Row(Model):
    class Meta:
        legacy_table_names = False


class Account(Row):
    pass


class Alert(Row):
    pass


class Device(Row):
    account = ForeignKeyField(Account, on_delete="CASCADE")
    token = TextField(unique=True)
    label = TextField(default="")
    created_at = MomentField()
    seen_at = MomentField()
    proven_at = MomentField()


class Passkey(Row):
    account = ForeignKeyField(Account, on_delete="CASCADE")
    credential = TextField(unique=True)
    public_key = TextField()
    sign_count = IntegerField(default=0)
    label = TextField(default="")
    created_at = MomentField()
    used_at = MomentField(null=True)


class RecoveryCode(Row):
    account = ForeignKeyField(Account, on_delete="CASCADE")
    hashed = TextField(unique=True)
    used_at = MomentField(null=True)


class Presence(Row):
    hashed = TextField(default="")
    at = MomentField()
    used_at = MomentField(null=True)


class Countdown(Row):
    alert = ForeignKeyField(Alert, unique=True, on_delete="CASCADE")
    by = TextField()
    via = TextField()
    due_at = MomentField()


TABLES = (Device, Passkey, RecoveryCode, Presence, Countdown)


def up(migrator, db):
    migrate(
        migrator.add_column("account", "language", TextField(default="")),
        migrator.add_column("account", "app_secret", TextField(default="")),
        migrator.add_column("account", "app_step", IntegerField(default=0)),
    )
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)
