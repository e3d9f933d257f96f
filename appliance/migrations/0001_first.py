"""The first tables."""

from appliance.models import TABLES


def up(migrator, db):
    db.create_tables(TABLES)
