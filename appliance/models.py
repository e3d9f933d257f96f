"""The tables: columns, indexes, constraints. No rules here; those are in `alerts`, `members` and `queue`."""

from datetime import UTC, datetime
from typing import Any

from peewee import (
    BooleanField,
    DatabaseProxy,
    Field,
    FloatField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

database = DatabaseProxy()


class MomentField(Field):
    """A moment in UTC, kept as ISO text of one width, so that text order is time order in every store."""

    field_type = "TEXT"

    def db_value(self, value: datetime | None) -> str | None:
        """*value* as text; it must know its time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def python_value(self, value: str | None) -> datetime | None:
        """The stored text as an aware moment in UTC."""
        return None if value is None else datetime.fromisoformat(value)


class Row(Model):
    """What all tables share: the database."""

    id: Any

    class Meta:
        database = database
        legacy_table_names = False
        only_save_dirty = True  # what was not changed is not written: it is the larger part of our own time


class Member(Row):
    """A person who is enrolled; a coordinator is a member with that role."""

    name = TextField()
    number = TextField(unique=True)  # E.164
    street = TextField(default="")
    language = TextField(default="nl")
    role = TextField(default="member")  # members.Role
    state = TextField(default="active", index=True)  # members.Standing
    consent = TextField(default="")  # what the form says: a date or a word; empty is no consent
    preventive = BooleanField(default=True)
    night = BooleanField(default=True)  # urgent texts between 22 and 7 o'clock
    created_at = MomentField()
    left_at = MomentField(null=True)


class PoliceContact(Row):
    """Somebody of the police who may text the box. The number is necessary and never sufficient (R34, R36)."""

    name = TextField()
    number = TextField(unique=True)  # E.164; answers go here and nowhere else
    method = TextField()  # "card" (RFC 4226) or "totp" (RFC 6238)
    secret = TextField()
    counter = IntegerField(default=0)  # card: the next code that is good; totp: the last step that was used
    failures = IntegerField(default=0)  # wrong codes since the last good one
    failed_at = MomentField(null=True)
    created_at = MomentField()
    revoked_at = MomentField(null=True)


class Alert(Row):
    """One original text and its fate."""

    message_class = TextField()  # alerts.MessageClass
    source = TextField()  # alerts.Source
    state = TextField(index=True)  # alerts.AlertState
    verified = BooleanField(default=False)  # a police contact's number and one-time code were both right
    original = TextField()  # as it arrived, less keyword and code; never rewritten
    text = TextField()  # what is forwarded: the original
    police_contact = ForeignKeyField(PoliceContact, null=True)
    author = TextField(default="")  # who typed it, when it did not come by SMS
    decided_by = TextField(default="")
    decided_via = TextField(default="")  # page, sms, button, command line
    decided_at = MomentField(null=True)
    due_at = MomentField(null=True)  # a delayed alert is forwarded then
    why = TextField(default="")  # the reason of a decline or a withdrawal
    counted_at = MomentField(null=True)  # the police heard the counts when the last text was accepted
    followed_up_at = MomentField(null=True)  # and once more, later
    created_at = MomentField(index=True)


class Challenge(Row):
    """The number that one coordinator must repeat to decide about one alert by SMS: only the real phone has seen it."""

    alert = ForeignKeyField(Alert, backref="challenges")
    member = ForeignKeyField(Member)
    number = TextField()
    failures = IntegerField(default=0)
    failed_at = MomentField(null=True)

    class Meta:
        indexes = ((("alert", "member"), True),)


class Delivery(Row):
    """One text owed to one phone: an alert to a recipient, a notice to a coordinator, or an answer."""

    alert = ForeignKeyField(Alert, null=True, backref="deliveries")
    kind = TextField()  # outbox.Kind
    member = ForeignKeyField(Member, null=True, on_delete="SET NULL")
    number = TextField(index=True)
    name = TextField(default="")
    text = TextField()
    confirmed_at = MomentField(null=True)
    confirmed_by = TextField(default="")  # "reply" or "ring"
    created_at = MomentField()

    class Meta:
        indexes = ((("alert", "kind"), False), (("number", "kind", "id"), False))


class Segment(Row):
    """One SMS of a delivery: what is queued, submitted and reported on."""

    delivery = ForeignKeyField(Delivery, backref="segments")
    number = TextField()
    text = TextField()
    encoding = TextField()  # arrivals.Encoding
    concat_reference = IntegerField()
    total = IntegerField()
    sequence = IntegerField()
    validity_minutes = IntegerField()
    state = TextField(default="queued")  # queue.states.State
    rank = IntegerField()  # which message class goes first: lower is sooner
    turn = IntegerField()  # place within its rank
    due_at = MomentField()
    expires_at = MomentField()  # not submitted after this
    attempts = IntegerField(default=0)
    modem = TextField(default="")  # who claimed it last
    claimed_at = MomentField(null=True)
    message_reference = IntegerField(null=True)  # TP-MR of the last accepted submit; 0 is a valid one
    submitted_at = MomentField(null=True)
    delivered_at = MomentField(null=True)
    doubts = IntegerField(default=0)  # hand-overs that were interrupted or never answered
    possibly_twice = BooleanField(default=False)  # two or more copies may be out
    code = TextField(default="")  # the raw code of the last refusal
    code_words = TextField(default="")
    withdrawn = BooleanField(default=False)  # while it was being submitted: there is no further try

    class Meta:
        indexes = (
            (("state", "rank", "turn", "id"), False),
            (("state", "due_at"), False),
            (("state", "modem"), False),
            (("modem", "claimed_at"), False),
            (("number", "message_reference"), False),
            (("delivery", "sequence"), True),
        )


class Arrival(Row):
    """A text, delivery report, ring or oddity that came in: kept first, acted on after."""

    key = TextField(unique=True)  # the same arrival, read twice, is one row
    kind = TextField()  # "text", "report", "ring", "oddity"
    number = TextField(default="")
    alphanumeric = BooleanField(default=False)
    text = TextField(default="")
    sent_at = MomentField(null=True)
    binary = BooleanField(default=False)  # no words of a person: never a receipt confirmation
    concat_reference = IntegerField(null=True)
    concat_bits = IntegerField(default=8)  # width of the reference: 8 or 16
    total = IntegerField(default=1)
    sequence = IntegerField(default=1)
    message_reference = IntegerField(null=True)
    status = IntegerField(null=True)
    pdu = TextField(default="")  # hexadecimal, as the modem printed it
    modem = TextField(default="")
    state = TextField(default="kept")  # inbox.Standing
    attempts = IntegerField(default=0)
    due_at = MomentField(null=True)  # not acted on before: it waits for other parts, or for the submit it is about
    intent = TextField(default="")
    alert = ForeignKeyField(Alert, null=True, backref="arrivals")
    member = ForeignKeyField(Member, null=True, on_delete="SET NULL")
    received_at = MomentField()
    read_at = MomentField(null=True)

    class Meta:
        indexes = ((("state", "kind", "id"), False), (("number", "concat_reference"), False))


class ModemState(Row):
    """What a gateway last knew of its modem."""

    name = TextField(unique=True)
    heartbeat_at = MomentField()
    online = BooleanField(default=False)
    fault = TextField(default="")  # why it is not online, in one sentence
    changed_at = MomentField()  # since when `online` is what it is
    registered = BooleanField(default=False)
    registration = TextField(default="")
    operator = TextField(default="")
    technology = TextField(default="")
    signal_percent = IntegerField(null=True)
    storage_used = IntegerField(null=True)
    storage_total = IntegerField(null=True)
    imei = TextField(default="")
    iccid = TextField(default="")
    service_centre = TextField(default="")
    model = TextField(default="")
    sent_at = MomentField(null=True)  # the last text that the network accepted
    received_at = MomentField(null=True)  # the last arrival
    seconds_per_submit = FloatField(null=True)  # measured, running mean
    stopped = TextField(default="")  # why this SIM may not send now, in one sentence
    segments_per_day = IntegerField(null=True)  # the ceiling; above it only urgent texts leave
    # the recovery ladder (modem.recovery): where it stands, and what may not come again too soon
    recovery_step = IntegerField(null=True)  # the last step of this trouble; null: the modem is well
    recovery_at = MomentField(null=True)
    hard_at = MomentField(null=True)
    power_at = MomentField(null=True)
    powers = IntegerField(default=0)
    steps_taken = TextField(default="{}")  # how often each step was taken, ever: JSON, by name
    self_test_at = MomentField(null=True)  # when a text to the own number last left
    self_heard_at = MomentField(null=True)  # when one last came back: the receive side works
    balance = TextField(default="")  # the credit, in the network's words
    balance_at = MomentField(null=True)
    balance_asked_at = MomentField(null=True)


class SimCard(Row):
    """What must be remembered of a SIM card, whichever modem it is in."""

    iccid = TextField(unique=True)  # "": a card that did not say
    refused_pin = TextField(default="")  # a fingerprint of the PIN that it did not take: never tried again
    service_centre = TextField(default="")


class Heartbeat(Row):
    """When each service last finished a step."""

    service = TextField(unique=True)
    at = MomentField()


class Audit(Row):
    """Who did what, in order, each row sealed by the hash of the one before. No texts, no numbers."""

    at = MomentField()
    actor = TextField()
    verb = TextField()
    subject = TextField(default="")
    detail = TextField(default="")
    seal = TextField()


class Account(Row):
    """Who may log in to the page. Passwords are Argon2id hashes (RFC 9106)."""

    username = TextField(unique=True)
    member = ForeignKeyField(Member, null=True, on_delete="CASCADE")
    password = TextField()
    active = BooleanField(default=True)
    fs_uniquifier = TextField(unique=True)  # changes with the password, which ends every session
    failures = IntegerField(default=0)
    failed_at = MomentField(null=True)
    created_at = MomentField()


class Acknowledgement(Row):
    """Something a human must see and put away on the page: the button was used, a text could not be read."""

    kind = TextField()
    detail = TextField(default="")
    at = MomentField()
    seen_at = MomentField(null=True)
    seen_by = TextField(default="")


TABLES: tuple[type[Row], ...] = (
    Member, PoliceContact, Alert, Challenge, Delivery, Segment, Arrival, ModemState, SimCard, Heartbeat, Audit,
    Account, Acknowledgement,
)  # fmt: skip
