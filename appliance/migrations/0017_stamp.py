"""What a session holds of its account has a name of ours: it was that of a library that is gone."""

from playhouse.migrate import migrate


def up(migrator, _db):
    migrate(migrator.rename_column("account", "fs_uniquifier", "session_stamp"))
