"""The tables of the queue: what is owed and what came in. No rules here."""

from peewee import BooleanField, ForeignKeyField, IntegerField, TextField

from appliance.models.alerts import Alert
from appliance.models.base import MomentField, Row
from appliance.models.people import Callee, Member


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
    leader = ForeignKeyField("self", null=True, on_delete="SET NULL")  # pyramid: told once this one is confirmed

    class Meta:
        indexes = ((("alert", "kind"), False), (("number", "kind", "id"), False))


class Phoned(Row):
    """Somebody of the call list who heard an alert by telephone or at the door: told, not confirmed."""

    alert = ForeignKeyField(Alert, on_delete="CASCADE", backref="phoned")
    callee = ForeignKeyField(Callee, null=True, on_delete="CASCADE")  # a neighbour without a mobile
    delivery = ForeignKeyField(Delivery, null=True, on_delete="CASCADE")  # or whom the SMS did not reach
    by = TextField()
    at = MomentField()

    class Meta:
        indexes = ((("alert", "callee"), True), (("alert", "delivery"), True))


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
    goes_over = BooleanField(default=False)  # no ceiling of a SIM holds it
    sim_day = IntegerField(null=True)  # the row of SimDay that its last hand-over is about
    price = IntegerField(default=0)  # millicents, of the last hand-over
    refunded = BooleanField(default=False)  # the last hand-over was taken back: it surely did not happen
    millicents = IntegerField(default=0)  # of all its hand-overs

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
    handed_at = MomentField(null=True)  # a coordinator handed it on to the police (R66)
    answered_at = MomentField(null=True)  # a coordinator sent a ready answer (R92)

    class Meta:
        indexes = ((("state", "kind", "id"), False), (("number", "concat_reference"), False))


class MonthCount(Row):
    """How many arrivals of one kind a month had, counted before they were erased."""

    month = TextField()  # "2026-11", on the clocks of the neighbourhood
    what = TextField()  # an intent, or "ring"
    number = IntegerField()

    class Meta:
        indexes = ((("month", "what"), True),)
