"""When something that comes back was last done."""

from datetime import datetime

from appliance.models import Bookmark

NIGHTLY = "nightly backup"  # one was made on the box, and read back
STUCK = "button stuck"  # the panel last saw it so


def last(name: str) -> datetime | None:
    """When *name* was last done."""
    mark = Bookmark.get_or_none(Bookmark.name == name)
    return mark.at if mark else None


def clear(name: str) -> None:
    """*name* was never done. Call it inside `writing()`."""
    Bookmark.delete().where(Bookmark.name == name).execute()


def mark(name: str, now: datetime) -> None:
    """*name* was done now. Call it inside `writing()`."""
    done = Bookmark.insert(name=name, at=now)
    done.on_conflict(conflict_target=[Bookmark.name], update={Bookmark.at: now}).execute()
