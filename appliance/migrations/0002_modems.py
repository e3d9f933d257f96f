"""What is remembered of modems and their SIM cards: the recovery ladder, the self-test, the credit, a refused PIN."""

from peewee import Field, IntegerField, Model, TextField
from playhouse.migrate import migrate


class MomentField(Field):
    field_type = "TEXT"


class SimCard(Model):
    iccid = TextField(unique=True)
    refused_pin = TextField(default="")
    service_centre = TextField(default="")

    class Meta:
        legacy_table_names = False


COLUMNS = {
    "stopped": TextField(default=""),
    "segments_per_day": IntegerField(null=True),
    "recovery_step": IntegerField(null=True),
    "recovery_at": MomentField(null=True),
    "hard_at": MomentField(null=True),
    "power_at": MomentField(null=True),
    "powers": IntegerField(default=0),
    "steps_taken": TextField(default="{}"),
    "self_test_at": MomentField(null=True),
    "self_heard_at": MomentField(null=True),
    "balance": TextField(default=""),
    "balance_at": MomentField(null=True),
    "balance_asked_at": MomentField(null=True),
}


def up(migrator, db):
    migrate(*(migrator.add_column("modem_state", name, column) for name, column in COLUMNS.items()))
    with db.bind_ctx([SimCard]):
        db.create_tables([SimCard])
