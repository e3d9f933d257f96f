"""Tokens for the API."""

from peewee import BooleanField, Field, Model, TextField


class MomentField(Field):
    field_type = "TEXT"


class Token(Model):
    name = TextField(index=True)
    digest = TextField(unique=True)
    may_create = BooleanField(default=False)
    created_at = MomentField()
    revoked_at = MomentField(null=True)

    class Meta:
        legacy_table_names = False


def up(_migrator, db):
    with db.bind_ctx([Token]):
        db.create_tables([Token])
