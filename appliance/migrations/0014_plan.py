"""Who decides by the charter, what left on trial or came from above the zone, who lives there; problems in the BIN."""

from peewee import BooleanField, Field, Model, TextField
from playhouse.migrate import migrate


class MomentField(Field):
    field_type = "TEXT"


class Issue(Model):
    text = TextField()
    made_at = MomentField()
    changed_at = MomentField()

    class Meta:
        legacy_table_names = False


def up(migrator, db):
    with db.bind_ctx([Issue]):
        db.create_tables([Issue])
    migrate(
        migrator.add_column("charter", "deciders", TextField(default="")),
        migrator.add_column("alert", "on_trial", BooleanField(default=False)),
        migrator.add_column("alert", "from_above", BooleanField(default=False)),
        migrator.add_column("member", "resident_on", TextField(default="")),
    )
