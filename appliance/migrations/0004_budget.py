"""What each SIM card may hand over and has cost; waves of a pyramid; neighbours without a mobile."""

from peewee import BooleanField, Field, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import migrate


class MomentField(Field):
    field_type = "TEXT"


class Row(Model):
    class Meta:
        legacy_table_names = False


class Delivery(Row):
    pass


class SimDay(Row):
    iccid = TextField()
    day = TextField()
    segments = IntegerField(default=0)
    in_doubt = IntegerField(default=0)
    paid = IntegerField(default=0)
    millicents = IntegerField(default=0)

    class Meta:
        indexes = ((("iccid", "day"), True),)


class Callee(Row):
    name = TextField()
    number = TextField(default="")
    street = TextField(default="")
    consent = TextField(default="")
    created_at = MomentField()


COLUMNS = {
    "modem_state": {
        "segments_per_month": IntegerField(null=True),
        "reserve_percent": IntegerField(default=0),
        "segments_per_minute": IntegerField(null=True),
        "pace_urgent": BooleanField(default=False),
        "tariff": IntegerField(default=0),
        "bundle_segments": IntegerField(default=0),
        "room": TextField(default="all"),
        "credit_low": BooleanField(default=False),
    },
    "sim_card": {"credit": IntegerField(null=True)},
    "segment": {
        "goes_over": BooleanField(default=False),
        "sim_day": IntegerField(null=True),
        "price": IntegerField(default=0),
        "millicents": IntegerField(default=0),
    },
    "alert": {"goes_over": BooleanField(default=False), "ceiling_told_at": MomentField(null=True)},
    "delivery": {"leader_id": ForeignKeyField(Delivery, field=Delivery.id, null=True, on_delete="SET NULL")},
}


def up(migrator, db):
    for table, columns in COLUMNS.items():
        migrate(*(migrator.add_column(table, name, column) for name, column in columns.items()))
    with db.bind_ctx([SimDay, Callee]):
        db.create_tables([SimDay, Callee])
