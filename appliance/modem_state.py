"""What a gateway last knew of its modem, for the page, for the other services and for its own next start."""

from datetime import datetime, timedelta

from appliance.models import ModemState
from appliance.store import writing

FRESH = timedelta(seconds=60)  # a gateway that said nothing for so long is no help


def of(modem: str) -> ModemState | None:
    """The row of *modem*; None before its gateway first ran."""
    row: ModemState | None = ModemState.get_or_none(ModemState.name == modem)
    return row


def remember(modem: str, now: datetime, **facts: object) -> ModemState:
    """*facts* are in the row of *modem*, with the moment at which it became usable or stopped being so."""
    with writing():
        row = of(modem) or ModemState(name=modem, changed_at=now, heartbeat_at=now)
        was_well = row.online and row.registered
        for column, value in facts.items():
            setattr(row, column, value)
        if was_well != (row.online and row.registered):
            row.changed_at = now
        row.save()
    return row


def another_is_well(modem: str, now: datetime) -> bool:
    """Whether a modem other than *modem* can send now."""
    row = ModemState
    usable = row.online & row.registered & (row.stopped == "") & (row.heartbeat_at > now - FRESH)
    return bool(row.select().where(usable & (row.name != modem)).exists())
