"""The tables of who may get in: accounts, their devices and proofs, tokens of programs. No rules here."""

from peewee import BooleanField, ForeignKeyField, IntegerField, TextField

from appliance.models.base import MomentField, Row
from appliance.models.people import Member


class Account(Row):
    """Who may log in to the page. Passwords are Argon2id hashes (RFC 9106)."""

    username = TextField(unique=True)
    member = ForeignKeyField(Member, null=True, on_delete="CASCADE")
    password = TextField()
    active = BooleanField(default=True)
    session_stamp = TextField(unique=True)  # changes with the password, which ends every session
    failures = IntegerField(default=0)
    failed_at = MomentField(null=True)
    language = TextField(default="")  # of the page; empty is whatever the browser asks for
    app_secret = TextField(default="")  # RFC 6238, in base 32; empty when there is no app with codes
    app_step = IntegerField(default=0)  # the last time step whose code was used
    created_at = MomentField()


class Device(Row):
    """A browser that is logged in. Its cookie holds the token, this table only the token's hash."""

    account = ForeignKeyField(Account, on_delete="CASCADE", backref="devices")
    token = TextField(unique=True)  # SHA-256
    label = TextField(default="")  # "Chrome, Android": from a short list of our own, never the browser's words
    created_at = MomentField()
    seen_at = MomentField()  # to ten minutes
    proven_at = MomentField()  # when a password or a passkey was last given on it


class Passkey(Row):
    """A key in somebody's telephone or computer (WebAuthn): it proves the person, by finger, face or PIN."""

    account = ForeignKeyField(Account, on_delete="CASCADE", backref="passkeys")
    credential = TextField(unique=True)  # its id, base64url
    public_key = TextField()  # COSE, base64url
    sign_count = IntegerField(default=0)
    label = TextField(default="")
    created_at = MomentField()
    used_at = MomentField(null=True)


class RecoveryCode(Row):
    """One line of a printed sheet, good once. Only its hash is kept: it has 59 bits of chance."""

    account = ForeignKeyField(Account, on_delete="CASCADE", backref="recovery_codes")
    hashed = TextField(unique=True)  # SHA-256
    used_at = MomentField(null=True)


class Presence(Row):
    """Somebody stood at the box: the button was pressed, or the terminal printed a code. Good once, for ten minutes."""

    hashed = TextField(default="")  # SHA-256 of the code; empty for the button
    at = MomentField()
    used_at = MomentField(null=True)


class Token(Row):
    """What a program shows at the API instead of logging in."""

    name = TextField(index=True)
    digest = TextField(unique=True)  # SHA-256 of it, hexadecimal: 256 bits of chance need no slower hash
    may_create = BooleanField(default=False)  # may ask for an alert, which then waits for a coordinator
    created_at = MomentField()
    revoked_at = MomentField(null=True)
