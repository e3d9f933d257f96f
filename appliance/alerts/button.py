"""The panic button, once it was held and not cancelled (DESIGN 2.6, domain section 2)."""

from datetime import datetime, timedelta

from appliance import audit, wording
from appliance.alerts.classes import AlertState, MessageClass, Source
from appliance.alerts.life import NobodyToTell, forward, is_stale, waiting
from appliance.alerts.promise import is_on_trial, promise
from appliance.alerts.telling import report_own
from appliance.life import observance
from appliance.models import Acknowledgement, Alert
from appliance.neighbourhood import Neighbourhood
from appliance.people import members
from appliance.people.members import Role
from appliance.plain import PlainError
from appliance.store import writing
from appliance.wording import Key

PANIC_PAUSE = timedelta(minutes=10)


class TooSoon(PlainError):
    """The button was used less than PANIC_PAUSE ago. Nothing was changed."""


def press(now: datetime, bin_: Neighbourhood) -> Alert:
    """Forward what waits from the police, else tell the core group.

    Only a verified police text that is not stale is forwarded blind. Raises TooSoon, NobodyToTell.
    """
    with writing():
        _refuse_again(now)
        waits = [alert for alert in waiting() if _may_go_blind(alert, now)]
        alert = waits[0] if waits else _panic(now, bin_)
        if waits:
            forward(alert, "knop", "button", now, bin_)
        Acknowledgement.create(kind="button", detail=str(alert.id), at=now)
        audit.record("knop", "held", f"alert {alert.id}", now)
    return alert


def _refuse_again(now: datetime) -> None:
    """Raises TooSoon. A last time that lies ahead is a clock that was lost since, and refuses nobody."""
    last = Acknowledgement.select().where(Acknowledgement.kind == "button").order_by(Acknowledgement.id.desc()).first()
    if last and timedelta(0) <= now - last.at < PANIC_PAUSE:
        raise TooSoon(last.at)


def _may_go_blind(alert: Alert, now: datetime) -> bool:
    fresh = not is_stale(MessageClass(alert.message_class), alert.created_at, now)
    return bool(alert.verified and alert.source == Source.POLICE and fresh)


def _panic(now: datetime, bin_: Neighbourhood) -> Alert:
    """The charter's fixed text to the core group, labelled as not from the police, who hear of it (R48)."""
    receiving = members.with_role(Role.COORDINATOR, Role.CORE)
    if not receiving:
        raise NobodyToTell(MessageClass.PANIC)
    text = wording.text(Key.PANIC_CORE, bin_.language, name=bin_.name)
    alert = Alert.create(
        message_class=MessageClass.PANIC, source=Source.COORDINATOR, state=AlertState.FORWARDED, original=text,
        text=text, author="knop", created_at=now, decided_by="knop", decided_via="button", decided_at=now, goes_over=1,
    )  # fmt: skip
    alert.on_trial = is_on_trial(alert)
    alert.save()
    promise(alert, receiving, now, bin_)
    observance.decided(alert, alert.decided_by, bin_.mode, None, now)
    report_own(alert, len(receiving), now, bin_)
    return alert
