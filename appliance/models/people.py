"""The tables of who is who, and of lists that were read in. No rules here."""

from peewee import BooleanField, ForeignKeyField, IntegerField, TextField

from appliance.models.base import MomentField, Row


class Member(Row):
    """A person who is enrolled; a coordinator is a member with that role."""

    name = TextField()
    number = TextField(unique=True)  # E.164
    street = TextField(default="")
    language = TextField(default="nl")
    role = TextField(default="member")  # members.Role
    state = TextField(default="active", index=True)  # members.Standing
    consent = TextField(default="")  # what the form says: a date or a word; empty is no consent
    consent_way = TextField(default="")  # members.Way: how it was given (GDPR art. 7)
    consent_form = TextField(default="")  # the version of the form that was signed
    consented_at = MomentField(null=True)  # when the box heard of it
    welcomed_at = MomentField(null=True)
    second_of = ForeignKeyField("self", null=True, on_delete="CASCADE")  # a second number, with a consent of its own
    unanswered_tests = IntegerField(default=0)  # tests in a row without a sign; no dates: never a list of absences
    preventive = BooleanField(default=True)
    night = BooleanField(default=True)  # urgent texts between 22 and 7 o'clock
    resident_on = TextField(default="")  # ISO date: this coordinator said to live there (R21); no address
    hours = TextField(default="")  # of a coordinator: when members may ring him; without, no member sees his number
    created_at = MomentField()
    left_at = MomentField(null=True)


class PoliceContact(Row):
    """Somebody of the police who may text the box. The number is necessary and never sufficient (R34, R36)."""

    name = TextField()
    number = TextField(unique=True)  # E.164; answers go here and nowhere else
    role = TextField(default="mandated")  # roles.Part: what they may do
    method = TextField()  # "card" (RFC 4226) or "totp" (RFC 6238)
    card = IntegerField(default=1)  # the number printed on the code card; a new card voids the old one
    secret = TextField()
    counter = IntegerField(default=0)  # card: the next code that is good; totp: the last step that was used
    failures = IntegerField(default=0)  # wrong codes since the last good one
    failed_at = MomentField(null=True)
    duty = TextField(default="")  # reachable.Duty: what members know him as; empty is nothing
    public_phone = TextField(default="")  # E.164: where members may ring, which is better not `number`
    hours = TextField(default="")  # when he can be reached there
    created_at = MomentField()
    revoked_at = MomentField(null=True)


class Callee(Row):
    """A neighbour without a mobile, whom somebody rings when an alert goes out."""

    name = TextField()
    number = TextField(default="")  # E.164; empty: knock on the door
    street = TextField(default="")
    consent = TextField(default="")
    created_at = MomentField()


class Refusal(Row):
    """A number that said STOP and was erased: a salted mark, so that no list read in later brings it back."""

    salt = TextField()
    mark = TextField(unique=True)  # HMAC-SHA256 of the number, hexadecimal
    at = MomentField()


class MemberList(Row):
    """A file with members that was brought to the page: looked at, then applied or not; kept for a day."""

    made_at = MomentField()
    made_by = TextField()  # the log-in name
    content = TextField()  # the file in base 64; empty from the moment that it was applied
    applied_at = MomentField(null=True)
    undone_at = MomentField(null=True)


class ListChange(Row):
    """What one applied list did to one member, so that it can be undone. It goes with the member."""

    member_list = ForeignKeyField(MemberList, on_delete="CASCADE", backref="changes")
    member = ForeignKeyField(Member, on_delete="CASCADE")
    before = TextField()  # JSON; empty: the list brought this member in
    after = TextField()  # JSON: only who is still so is put back
