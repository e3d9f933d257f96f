"""Whom members may ring and when (R22, R37, R123); for which streets an alert is (R10)."""

from peewee import TextField
from playhouse.migrate import migrate


def up(migrator, _db):
    migrate(
        migrator.add_column("police_contact", "duty", TextField(default="")),
        migrator.add_column("police_contact", "public_phone", TextField(default="")),
        migrator.add_column("police_contact", "hours", TextField(default="")),
        migrator.add_column("member", "hours", TextField(default="")),
        migrator.add_column("alert", "streets", TextField(default="")),
    )
