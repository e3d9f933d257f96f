"""The BIN's own logo (R14): one harmless picture, chosen by a coordinator. The trademark itself is not shipped."""

from base64 import b64decode, b64encode
from datetime import datetime

from appliance import audit, png
from appliance.models import Choice
from appliance.store import writing

NAME = "logo"  # its row among what was chosen


def choose(data: bytes, now: datetime, by: str) -> None:
    """The picture in *data* is the logo from now on, on the page and on every sheet. Raises png.BadPicture."""
    value = b64encode(png.harmless(data)).decode()
    with writing():
        Choice.delete().where(Choice.name == NAME).execute()
        Choice.create(name=NAME, value=value, by=by, at=now)
        audit.record(by, "logo chosen", "", now)


def remove(now: datetime, by: str) -> bool:
    """There is no logo any more; whether there was one."""
    with writing():
        gone = bool(Choice.delete().where(Choice.name == NAME).execute())
        if gone:
            audit.record(by, "logo removed", "", now)
    return gone


def chosen_at() -> datetime | None:
    """When the logo was chosen; None without one."""
    found: datetime | None = Choice.select(Choice.at).where(Choice.name == NAME).scalar()
    return found


def picture() -> bytes | None:
    """The logo as a PNG, or None."""
    value = Choice.select(Choice.value).where(Choice.name == NAME).scalar()
    return b64decode(value) if value else None


def address() -> str:
    """The logo as an address that holds all of it, for a sheet that may not fetch anything; empty without one."""
    found = picture()
    return f"data:image/png;base64,{b64encode(found).decode()}" if found else ""
