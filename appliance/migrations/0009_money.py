"""Who paid; how safe people feel, in totals; a hand-over that was taken back and may have happened after all."""

from peewee import BooleanField, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import migrate


class Payment(Model):
    paid_on = TextField()
    kind = TextField()
    cents = IntegerField()
    who = TextField(default="")
    what = TextField(default="")

    class Meta:
        legacy_table_names = False


class Alert(Model):
    class Meta:
        legacy_table_names = False


class Survey(Model):
    year = IntegerField(unique=True)
    alert = ForeignKeyField(Alert, null=True, on_delete="SET NULL")
    answers = IntegerField(default=0)
    total = IntegerField(default=0)

    class Meta:
        legacy_table_names = False


def up(migrator, db):
    migrate(migrator.add_column("segment", "refunded", BooleanField(default=False)))
    with db.bind_ctx([Alert, Payment, Survey]):
        db.create_tables([Payment, Survey])
