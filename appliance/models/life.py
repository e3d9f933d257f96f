"""The tables of a BIN's life: how it was founded, what was agreed, when it met. No rules here."""

from peewee import ForeignKeyField, IntegerField, TextField

from appliance.models.alerts import Alert
from appliance.models.base import MomentField, Row


class Milestone(Row):
    """A phase of the founding that was reached (R104)."""

    phase = TextField(unique=True)  # founding.Phase
    at = MomentField()
    detail = TextField(default="")  # the certificate of the founding test, as JSON


class Charter(Row):
    """One version of the communication plan; signed, it is the annex of the charter (R20, R28)."""

    version = IntegerField(unique=True)
    settings = TextField()  # what was agreed, as JSON
    drafted_at = MomentField()
    signed_on = TextField(default="")  # ISO date
    coordinator = TextField(default="")
    mayor = TextField(default="")
    chief = TextField(default="")
    deciders = TextField(default="")  # the coordinators of then, as "1 4": members.id, for names would stay for ever


class Meeting(Row):
    """A meeting that was held: how many came, never who (R29, R99, R109)."""

    held_on = TextField()  # ISO date
    kind = TextField()  # diary.Kind
    topics = TextField(default="")
    decisions = TextField(default="")
    attended = IntegerField(null=True)


class Theme(Row):
    """What prevention is about in one month of every year (R42)."""

    month = IntegerField(unique=True)
    text = TextField()
    source = TextField(default="")  # who proposed it: the officer, a campaign


class Payment(Row):
    """Money that came in or went out (R117 to R119)."""

    paid_on = TextField()  # ISO date
    kind = TextField()  # money.Kind: says whether it came in or went out
    cents = IntegerField()
    who = TextField(default="")  # who paid, or was paid; never a member
    what = TextField(default="")


class Issue(Row):
    """A problem inside the network that a coordinator is solving (R19). Of nobody: it is tied to no member."""

    text = TextField()
    made_at = MomentField()
    changed_at = MomentField()  # it is erased so long after this


class Survey(Row):
    """How safe people feel, asked once a year: totals, never who answered what (R112)."""

    year = IntegerField(unique=True)
    alert = ForeignKeyField(Alert, null=True, on_delete="SET NULL")  # that asked it
    answers = IntegerField(default=0)
    total = IntegerField(default=0)  # of the answers, each 0 to 10
