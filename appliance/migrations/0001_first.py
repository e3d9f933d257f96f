"""The first tables: a frozen copy, which no later change of `models` may touch."""

from peewee import BooleanField, Field, FloatField, ForeignKeyField, IntegerField, Model, TextField


class MomentField(Field):
    field_type = "TEXT"


class Row(Model):
    class Meta:
        legacy_table_names = False


class Member(Row):
    name = TextField()
    number = TextField(unique=True)
    street = TextField(default="")
    language = TextField(default="nl")
    role = TextField(default="member")
    state = TextField(default="active", index=True)
    consent = TextField(default="")
    preventive = BooleanField(default=True)
    night = BooleanField(default=True)
    created_at = MomentField()
    left_at = MomentField(null=True)


class PoliceContact(Row):
    name = TextField()
    number = TextField(unique=True)
    method = TextField()
    secret = TextField()
    counter = IntegerField(default=0)
    failures = IntegerField(default=0)
    failed_at = MomentField(null=True)
    created_at = MomentField()
    revoked_at = MomentField(null=True)


class Alert(Row):
    message_class = TextField()
    source = TextField()
    state = TextField(index=True)
    verified = BooleanField(default=False)
    original = TextField()
    text = TextField()
    police_contact = ForeignKeyField(PoliceContact, null=True)
    author = TextField(default="")
    decided_by = TextField(default="")
    decided_via = TextField(default="")
    decided_at = MomentField(null=True)
    due_at = MomentField(null=True)
    why = TextField(default="")
    counted_at = MomentField(null=True)
    followed_up_at = MomentField(null=True)
    created_at = MomentField(index=True)


class Challenge(Row):
    alert = ForeignKeyField(Alert, backref="challenges")
    member = ForeignKeyField(Member)
    number = TextField()
    failures = IntegerField(default=0)
    failed_at = MomentField(null=True)

    class Meta:
        indexes = ((("alert", "member"), True),)


class Delivery(Row):
    alert = ForeignKeyField(Alert, null=True, backref="deliveries")
    kind = TextField()
    member = ForeignKeyField(Member, null=True, on_delete="SET NULL")
    number = TextField(index=True)
    name = TextField(default="")
    text = TextField()
    confirmed_at = MomentField(null=True)
    confirmed_by = TextField(default="")
    created_at = MomentField()

    class Meta:
        indexes = ((("alert", "kind"), False), (("number", "kind", "id"), False))


class Segment(Row):
    delivery = ForeignKeyField(Delivery, backref="segments")
    number = TextField()
    text = TextField()
    encoding = TextField()
    concat_reference = IntegerField()
    total = IntegerField()
    sequence = IntegerField()
    validity_minutes = IntegerField()
    state = TextField(default="queued")
    rank = IntegerField()
    turn = IntegerField()
    due_at = MomentField()
    expires_at = MomentField()
    attempts = IntegerField(default=0)
    modem = TextField(default="")
    claimed_at = MomentField(null=True)
    message_reference = IntegerField(null=True)
    submitted_at = MomentField(null=True)
    delivered_at = MomentField(null=True)
    doubts = IntegerField(default=0)
    possibly_twice = BooleanField(default=False)
    code = TextField(default="")
    code_words = TextField(default="")

    class Meta:
        indexes = (
            (("state", "rank", "turn", "id"), False),
            (("state", "modem"), False),
            (("modem", "claimed_at"), False),
            (("number", "message_reference"), False),
            (("delivery", "sequence"), True),
        )


class Arrival(Row):
    key = TextField(unique=True)
    kind = TextField()
    number = TextField(default="")
    alphanumeric = BooleanField(default=False)
    text = TextField(default="")
    sent_at = MomentField(null=True)
    binary = BooleanField(default=False)
    concat_reference = IntegerField(null=True)
    concat_bits = IntegerField(default=8)
    total = IntegerField(default=1)
    sequence = IntegerField(default=1)
    message_reference = IntegerField(null=True)
    status = IntegerField(null=True)
    pdu = TextField(default="")
    modem = TextField(default="")
    state = TextField(default="kept")
    attempts = IntegerField(default=0)
    due_at = MomentField(null=True)
    intent = TextField(default="")
    alert = ForeignKeyField(Alert, null=True, backref="arrivals")
    member = ForeignKeyField(Member, null=True, on_delete="SET NULL")
    received_at = MomentField()
    read_at = MomentField(null=True)

    class Meta:
        indexes = ((("state", "kind", "id"), False), (("number", "concat_reference"), False))


class ModemState(Row):
    name = TextField(unique=True)
    heartbeat_at = MomentField()
    online = BooleanField(default=False)
    fault = TextField(default="")
    changed_at = MomentField()
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
    sent_at = MomentField(null=True)
    received_at = MomentField(null=True)
    seconds_per_submit = FloatField(null=True)


class Heartbeat(Row):
    service = TextField(unique=True)
    at = MomentField()


class Audit(Row):
    at = MomentField()
    actor = TextField()
    verb = TextField()
    subject = TextField(default="")
    detail = TextField(default="")
    seal = TextField()


class Account(Row):
    username = TextField(unique=True)
    member = ForeignKeyField(Member, null=True, on_delete="CASCADE")
    password = TextField()
    active = BooleanField(default=True)
    fs_uniquifier = TextField(unique=True)
    failures = IntegerField(default=0)
    failed_at = MomentField(null=True)
    created_at = MomentField()


class Acknowledgement(Row):
    kind = TextField()
    detail = TextField(default="")
    at = MomentField()
    seen_at = MomentField(null=True)
    seen_by = TextField(default="")


TABLES = (
    Member,
    PoliceContact,
    Alert,
    Challenge,
    Delivery,
    Segment,
    Arrival,
    ModemState,
    Heartbeat,
    Audit,
    Account,
    Acknowledgement,
)


def up(migrator, db):
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)
