"""The seconds between pressing "send" and sending, in which anybody at the page can still say STOP.

The clock is the box's: closing the page changes nothing, and a power cut neither loses the promise nor keeps it twice.
"""

from datetime import datetime, timedelta

from appliance import alerts, audit
from appliance.alerts import AlertState, AlreadyDecided, MessageClass, NobodyToTell, Source
from appliance.models import Alert, Countdown
from appliance.neighbourhood import Neighbourhood
from appliance.segments import BadText
from appliance.store import ring_after_commit, writing

SECONDS = {MessageClass.PREVENTIVE: 30, MessageClass.ORGANISATION: 30}
URGENT_SECONDS = 10  # for all other classes
STALE = timedelta(minutes=10)  # the box was off so long that a person must look again


def begin(alert: Alert, by: str, via: str, now: datetime, bin_: Neighbourhood, *, fast: bool = False) -> Countdown:
    """*alert* will be forwarded when the countdown is over; the one that runs already, if there is one.

    *fast*: without the letters that make it dear.
    Raises NobodyToTell and AlreadyDecided now, rather than when nobody is looking any more.
    """
    if not alerts.recipients(alert, now, bin_):
        raise NobodyToTell(alert.message_class)
    due_at = now + timedelta(seconds=seconds(MessageClass(alert.message_class)))
    with writing():
        fresh = Alert.get_by_id(alert.id)
        if fresh.state not in (AlertState.WAITING, AlertState.DELAYED):
            raise AlreadyDecided(fresh, alerts.AlertEvent.FORWARDED)
        running = of(alert)
        if running:
            return running
        audit.record(by, "countdown begun", f"alert {alert.id}", now, f"{via}, fast" if fast else via)
        return Countdown.create(alert=alert, by=by, via=via, fast=fast, due_at=due_at)


def of(alert: Alert) -> Countdown | None:
    """The countdown of *alert*, if one runs."""
    found: Countdown | None = Countdown.get_or_none(Countdown.alert == alert.id)
    return found


def running() -> list[Countdown]:
    """All that run, the first to end first."""
    return list(Countdown.select(Countdown, Alert).join(Alert).order_by(Countdown.due_at))


def left(due_at: datetime, now: datetime) -> int:
    """Whole seconds until *due_at*, rounded up; zero after that. Pure."""
    return max(0, -((now - due_at) // timedelta(seconds=1)))


def seconds(message_class: MessageClass) -> int:
    """How long the countdown of an alert of this class is. Pure."""
    return SECONDS.get(message_class, URGENT_SECONDS)


def stop(alert: Alert, by: str, now: datetime, bin_: Neighbourhood) -> bool:
    """Whether *alert* could still be stopped: then nothing of it leaves.

    What the police wrote waits for a decision again; what a coordinator wrote is withdrawn, and its text still shown.
    """
    with writing():
        if not Countdown.delete().where(Countdown.alert == alert.id).execute():
            return False
        audit.record(by, "countdown stopped", f"alert {alert.id}", now)
        if alert.source == Source.COORDINATOR:
            alerts.withdraw(alert, by, "page", now, bin_)
    return True


def end_now(alert: Alert, now: datetime) -> None:
    """The countdown of *alert* is over: the gateway, which is woken, forwards it."""
    with writing():
        Countdown.update(due_at=now).where((Countdown.alert == alert.id) & (Countdown.due_at > now)).execute()
        ring_after_commit()


def release(now: datetime, bin_: Neighbourhood) -> None:
    """Commit point 3 for each alert whose countdown is over: promise and end of the countdown in one transaction."""
    for ended in list(Countdown.select().where(Countdown.due_at <= now)):
        with writing():
            # whoever deletes the row forwards: two gateways, or a STOP at the last moment, meet here
            if Countdown.delete().where((Countdown.id == ended.id) & (Countdown.due_at <= now)).execute():
                _forward(ended, now, bin_)


def _forward(ended: Countdown, now: datetime, bin_: Neighbourhood) -> None:
    alert = Alert.get_by_id(ended.alert.id)
    if now - ended.due_at > STALE:
        audit.record(ended.by, "countdown too old", f"alert {ended.alert.id}", now)
        return
    try:
        alerts.forward(alert, ended.by, ended.via, now, bin_, fast=ended.fast)
    except (AlreadyDecided, NobodyToTell, BadText):
        audit.record(ended.by, "countdown without effect", f"alert {ended.alert.id}", now)
