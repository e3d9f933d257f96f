"""What a gateway last knew of its modem, for the page, for the other services and for its own next start."""

from datetime import datetime, timedelta
from enum import StrEnum

from appliance import audit
from appliance.models import ModemState
from appliance.queue.states import NotAllowed
from appliance.store import ring_after_commit, writing

GAVE_UP = 8  # `recovery_step`: the last rung of modem.recovery, which only the gateway may import
FRESH = timedelta(seconds=60)  # a gateway that said nothing for so long is no help


class Wish(StrEnum):
    """What a person can ask of a gateway; all but the first only where the settings say how."""

    RESTART = "restart"
    POWER = "power"  # the same, by cutting the modem's power: what RESTART becomes where it can
    SELF_TEST = "self_test"
    BALANCE = "balance"


class Unable(NotAllowed):
    """The settings of that modem do not say how. Nothing was changed."""

    def __init__(self, modem: str, wish: Wish) -> None:
        super().__init__(f"modem {modem} cannot do that on demand: {wish}")


def wish(row: ModemState, wanted: Wish, by: str, now: datetime) -> None:
    """The gateway of *row* does it at its next look, within some ten seconds, and never amid a text. Raises Unable."""
    if wanted is not Wish.RESTART and wanted not in row.able.split():
        raise Unable(row.name, wanted)
    with writing():
        match wanted:
            case Wish.SELF_TEST:
                remember(row.name, now, self_test_at=None)
            case Wish.BALANCE:
                remember(row.name, now, balance_asked_at=None)
            case _:
                remember(row.name, now, restart_wanted_at=now)
        audit.record(by, f"asked for {wanted}", f"modem {row.name}", now)
        ring_after_commit()


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


def away(row: ModemState) -> bool:
    """Whether its stick may come and go, and is not plugged in: whatever is at fault has its words."""
    return not row.online and not row.fault


def another_is_well(modem: str, now: datetime) -> bool:
    """Whether a modem other than *modem* can send now."""
    row = ModemState
    usable = row.online & row.registered & (row.stopped == "") & (row.heartbeat_at > now - FRESH)
    return bool(row.select().where(usable & (row.name != modem)).exists())
