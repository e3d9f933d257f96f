"""Tests as drills: figures of their own, never mixed with real alerts (R75, R103)."""

from dataclasses import dataclass
from datetime import datetime

from appliance import alerts
from appliance.alerts import AlertState, MessageClass, progress
from appliance.models import Alert, Member, Tally
from appliance.people import members
from appliance.upkeep import tallies

IN_A_ROW = 3  # tests without a sign, before a coordinator is told the name: one silence means nothing


@dataclass(frozen=True)
class Drill:
    """One test that went out, in numbers."""

    alert: int
    at: datetime
    streets: int  # for how many streets it was; 0 is everybody
    recipients: int
    accepted: int
    reached: int
    confirmed: int
    median_seconds: int | None


def held() -> list[Drill]:
    """The tests that went out, newest first."""
    out = (AlertState.FORWARDED, AlertState.WITHDRAWN, AlertState.CLOSED)
    tests = Alert.select().where((Alert.message_class == MessageClass.TEST) & (Alert.state << out))
    return [_drill(alert) for alert in tests.order_by(Alert.id.desc())]


def _drill(alert: Alert) -> Drill:
    counts = progress.of(alert).counts
    return Drill(
        alert=alert.id, at=alert.decided_at or alert.created_at,
        streets=len(alerts.streets_of(alert)), recipients=counts["recipients"],
        accepted=counts["accepted"], reached=counts["reached"], confirmed=counts["confirmed"],
        median_seconds=median_seconds(alert),
    )  # fmt: skip


def median_seconds(alert: Alert) -> int | None:
    """How long it took to confirm *alert*, in the middle, be its deliveries still there or counted."""
    tally = Tally.get_or_none(Tally.alert == alert)
    if tally:
        found: int | None = tally.median_seconds
        return found
    return tallies.median_seconds(progress.of(alert).lines)


def silent() -> list[Member]:
    """Who left IN_A_ROW tests unanswered: worth a friendly visit. For coordinators only."""
    return [member for member in members.active() if member.unanswered_tests >= IN_A_ROW]
