"""What people at the page leave behind: drafts, calls they made, what they chose. Since when a trouble is there."""

from peewee import BooleanField, Field, ForeignKeyField, Model, TextField
from playhouse.migrate import migrate


class MomentField(Field):
    field_type = "TEXT"


class Alert(Model):
    class Meta:
        legacy_table_names = False


class Account(Model):
    class Meta:
        legacy_table_names = False


class Callee(Model):
    class Meta:
        legacy_table_names = False


class Delivery(Model):
    class Meta:
        legacy_table_names = False


class Draft(Model):
    account = ForeignKeyField(Account, on_delete="CASCADE")
    token = TextField(unique=True)
    message_class = TextField(default="")
    text = TextField(default="")
    told_101 = BooleanField(default=False)
    streets = TextField(default="")
    about = ForeignKeyField(Alert, null=True, on_delete="SET NULL")
    changed_at = MomentField()

    class Meta:
        legacy_table_names = False


class Phoned(Model):
    alert = ForeignKeyField(Alert, on_delete="CASCADE")
    callee = ForeignKeyField(Callee, null=True, on_delete="CASCADE")
    delivery = ForeignKeyField(Delivery, null=True, on_delete="CASCADE")
    by = TextField()
    at = MomentField()

    class Meta:
        legacy_table_names = False
        indexes = ((("alert", "callee"), True), (("alert", "delivery"), True))


class Choice(Model):
    name = TextField(unique=True)
    value = TextField()
    by = TextField()
    at = MomentField()

    class Meta:
        legacy_table_names = False


class Onset(Model):
    box = TextField()
    trouble = TextField()
    at = MomentField()

    class Meta:
        legacy_table_names = False
        indexes = ((("box", "trouble"), True),)


TABLES = (Draft, Phoned, Choice, Onset)


def up(migrator, db):
    with db.bind_ctx([Alert, Account, Callee, Delivery, *TABLES]):
        db.create_tables(TABLES)
    migrate(
        migrator.add_index("audit", ("subject",), False),
        migrator.add_column("countdown", "fast", BooleanField(default=False)),
    )
