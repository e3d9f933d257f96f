"""Lists of members that were read in on the page and can be undone; the public key for backups."""

from peewee import Field, ForeignKeyField, Model, TextField


class MomentField(Field):
    field_type = "TEXT"


class Member(Model):
    class Meta:
        legacy_table_names = False


class MemberList(Model):
    made_at = MomentField()
    made_by = TextField()
    content = TextField()
    applied_at = MomentField(null=True)
    undone_at = MomentField(null=True)

    class Meta:
        legacy_table_names = False


class ListChange(Model):
    member_list = ForeignKeyField(MemberList, on_delete="CASCADE")
    member = ForeignKeyField(Member, on_delete="CASCADE")
    before = TextField()
    after = TextField()

    class Meta:
        legacy_table_names = False


class BackupKey(Model):
    recipient = TextField()
    made_at = MomentField()

    class Meta:
        legacy_table_names = False


TABLES = (MemberList, ListChange, BackupKey)


def up(_migrator, db):
    with db.bind_ctx([Member, *TABLES]):
        db.create_tables(TABLES)
