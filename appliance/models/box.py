"""The tables of the box itself: which service lives, who did what, what a human must see. No rules here."""

from peewee import TextField

from appliance.models.base import MomentField, Row


class Heartbeat(Row):
    """When each service last finished a step."""

    service = TextField(unique=True)
    at = MomentField()


class Audit(Row):
    """Who did what, in order, each row sealed by the hash of the one before. No texts, no numbers."""

    at = MomentField()
    actor = TextField()
    verb = TextField()
    subject = TextField(default="", index=True)
    detail = TextField(default="")
    seal = TextField()


class Acknowledgement(Row):
    """Something a human must see and put away on the page: the button was used, a text could not be read."""

    kind = TextField()
    detail = TextField(default="")
    at = MomentField()
    seen_at = MomentField(null=True)
    seen_by = TextField(default="")


class Bookmark(Row):
    """When something that comes back was last done."""

    name = TextField(unique=True)
    at = MomentField()


class BackupKey(Row):
    """For whom page, night and stick make backups: the public half. The secret half is on paper and never in here."""

    recipient = TextField()
    made_at = MomentField()


class Choice(Row):
    """A setting that was chosen on the page and does not stand in the configuration file."""

    name = TextField(unique=True)  # the key in [bin]
    value = TextField()
    by = TextField()
    at = MomentField()


class Onset(Row):
    """Since when something is the matter with one box; the row goes when it is over."""

    box = TextField()
    trouble = TextField()  # health.Trouble
    at = MomentField()

    class Meta:
        indexes = ((("box", "trouble"), True),)
