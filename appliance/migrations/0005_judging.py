"""Police contacts have a role and a numbered card; alerts know why they are doubted and how they ended; timers."""

from peewee import Field, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import migrate


class MomentField(Field):
    field_type = "TEXT"


class Alert(Model):
    class Meta:
        legacy_table_names = False


class Timer(Model):
    alert = ForeignKeyField(Alert)
    step = TextField()
    due_at = MomentField()
    done_at = MomentField(null=True)

    class Meta:
        legacy_table_names = False
        indexes = ((("done_at", "due_at"), False),)


COLUMNS = {
    "police_contact": {"role": TextField(default="mandated"), "card": IntegerField(default=1)},
    "challenge": {"asked_at": MomentField(null=True)},
    "alert": {
        "doubt": TextField(default=""),
        "proof": TextField(default=""),
        "proof_failures": IntegerField(default=0),
        "about_id": ForeignKeyField(Alert, Alert.id, null=True),
        "feedback_at": MomentField(null=True),
        "repeated_at": MomentField(null=True),
    },
}


def up(migrator, db):
    for table, columns in COLUMNS.items():
        migrate(*(migrator.add_column(table, name, column) for name, column in columns.items()))
    with db.bind_ctx([Timer, Alert]):
        db.create_tables([Timer])
