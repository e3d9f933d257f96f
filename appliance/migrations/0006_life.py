"""The proof of consent, second numbers, and the tables of the BIN's life."""

from peewee import Field, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import migrate


class MomentField(Field):
    field_type = "TEXT"


class Row(Model):
    class Meta:
        legacy_table_names = False


class Member(Row):
    pass


class Alert(Row):
    pass


class Refusal(Row):
    salt = TextField()
    mark = TextField(unique=True)
    at = MomentField()


class Tally(Row):
    alert = ForeignKeyField(Alert, unique=True, on_delete="CASCADE")
    counts = TextField()
    millicents = IntegerField(default=0)
    first_submitted_at = MomentField(null=True)
    last_submitted_at = MomentField(null=True)
    median_seconds = IntegerField(null=True)


class MonthCount(Row):
    month = TextField()
    what = TextField()
    number = IntegerField()

    class Meta:
        indexes = ((("month", "what"), True),)


class Bookmark(Row):
    name = TextField(unique=True)
    at = MomentField()


class Milestone(Row):
    phase = TextField(unique=True)
    at = MomentField()
    detail = TextField(default="")


class Charter(Row):
    version = IntegerField(unique=True)
    settings = TextField()
    drafted_at = MomentField()
    signed_on = TextField(default="")
    coordinator = TextField(default="")
    mayor = TextField(default="")
    chief = TextField(default="")


class Meeting(Row):
    held_on = TextField()
    kind = TextField()
    topics = TextField(default="")
    decisions = TextField(default="")
    attended = IntegerField(null=True)


class Theme(Row):
    month = IntegerField(unique=True)
    text = TextField()
    source = TextField(default="")


TABLES = (Refusal, Tally, MonthCount, Bookmark, Milestone, Charter, Meeting, Theme)
COLUMNS = {
    "consent_way": TextField(default=""),
    "consent_form": TextField(default=""),
    "consented_at": MomentField(null=True),
    "welcomed_at": MomentField(null=True),
    "second_of_id": ForeignKeyField(Member, field=Member.id, null=True, on_delete="CASCADE"),
    "unanswered_tests": IntegerField(default=0),
}


def up(migrator, db):
    migrate(*(migrator.add_column("member", name, column) for name, column in COLUMNS.items()))
    with db.bind_ctx([Member, Alert, *TABLES]):
        db.create_tables(TABLES)
