"""The tables of alerts: each, who is asked about it, what the clock owes it. No rules here."""

from peewee import BooleanField, ForeignKeyField, IntegerField, TextField

from appliance.models.access import Account
from appliance.models.base import MomentField, Row
from appliance.models.people import Member, PoliceContact


class Alert(Row):
    """One original text and its fate."""

    message_class = TextField()  # alerts.MessageClass
    source = TextField()  # alerts.Source
    state = TextField(index=True)  # alerts.AlertState
    verified = BooleanField(default=False)  # a police contact's number and one-time code were both right
    doubt = TextField(default="")  # proof.Doubt: why a police text is not verified
    proof = TextField(default="")  # the number that the police phone must repeat to be believed after all
    proof_failures = IntegerField(default=0)
    original = TextField()  # as it arrived, less keyword and code; never rewritten
    text = TextField()  # what is forwarded: the original, to the letter or without the letters that make it dear
    not_kept = BooleanField(default=False)  # the police want its text erased when it has ended (R87)
    police_contact = ForeignKeyField(PoliceContact, null=True)
    streets = TextField(default="")  # one on a line: only for who lives there (R10); empty is everybody
    on_trial = BooleanField(default=False)  # it left before the charter was signed (R20)
    from_above = BooleanField(default=False)  # the word comes from above the zone: federal police, another zone (R39)
    author = TextField(default="")  # who typed it, when it did not come by SMS
    decided_by = TextField(default="")
    decided_via = TextField(default="")  # page, sms, button, command line
    decided_at = MomentField(null=True)
    due_at = MomentField(null=True)  # a delayed alert is forwarded then
    why = TextField(default="")  # the reason of a decline or a withdrawal
    about = ForeignKeyField("self", null=True, backref="replies")  # the alert that this tells the outcome of
    feedback_at = MomentField(null=True)  # the members heard how it ended
    repeated_at = MomentField(null=True)  # the silent got it once more: never again
    counted_at = MomentField(null=True)  # the police heard the counts when the last text was accepted
    followed_up_at = MomentField(null=True)  # and once more, later
    goes_over = BooleanField(default=False)  # a coordinator sends it although the SIM's ceilings are used up
    ceiling_told_at = MomentField(null=True)  # the coordinators heard that it waits for room
    created_at = MomentField(index=True)


class Challenge(Row):
    """The number that one coordinator must repeat to decide about one alert by SMS: only the real phone has seen it."""

    alert = ForeignKeyField(Alert, backref="challenges")
    member = ForeignKeyField(Member)
    number = TextField()
    failures = IntegerField(default=0)
    failed_at = MomentField(null=True)
    asked_at = MomentField(null=True)  # when this number was told: an answer that comes much later must be asked anew

    class Meta:
        indexes = ((("alert", "member"), True),)


class Timer(Row):
    """What the clock will do about one alert, once: kept, so that a box that was off does it when it is back."""

    alert = ForeignKeyField(Alert)
    step = TextField()  # alerts.timers.Step
    due_at = MomentField()
    done_at = MomentField(null=True)

    class Meta:
        indexes = ((("done_at", "due_at"), False),)


class Countdown(Row):
    """An alert that is forwarded at `due_at` unless somebody says STOP: a promise that survives a power cut."""

    alert = ForeignKeyField(Alert, unique=True, on_delete="CASCADE")
    by = TextField()
    via = TextField()
    fast = BooleanField(default=False)  # without the letters that make it dear
    due_at = MomentField()


class Draft(Row):
    """What somebody is writing: it is found back on any of his devices, until it is sent or thrown away."""

    account = ForeignKeyField(Account, on_delete="CASCADE")
    token = TextField(unique=True)  # of the form: an alert is made of it once (`composed` in the log)
    message_class = TextField(default="")  # alerts.MessageClass; empty: not chosen yet
    text = TextField(default="")
    told_101 = BooleanField(default=False)
    streets = TextField(default="")  # as Alert.streets
    about = ForeignKeyField(
        Alert, null=True, on_delete="SET NULL", backref="+"
    )  # the alert that it tells the outcome of
    changed_at = MomentField()


class Tally(Row):
    """How far one alert came, counted before its deliveries were erased. Nobody can be found in it."""

    alert = ForeignKeyField(Alert, unique=True, on_delete="CASCADE")
    counts = TextField()  # progress.Progress.counts as JSON
    millicents = IntegerField(default=0)  # what its hand-overs cost
    first_submitted_at = MomentField(null=True)
    last_submitted_at = MomentField(null=True)
    median_seconds = IntegerField(null=True)  # from the last submit of a phone to its receipt confirmation
