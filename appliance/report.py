"""A year in totals: what was told, how far it came. No names, no numbers of people, nothing estimated."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from appliance import progress
from appliance.alerts import AlertState, MessageClass
from appliance.models import Alert, Audit


@dataclass(frozen=True)
class Totals:
    """One message class. `recipients` and below count only alerts whose deliveries are still kept."""

    alerts: int
    states: dict[str, int]
    details_erased: int  # forwarded alerts whose deliveries retention has erased: not in the counts below
    recipients: int
    segments: int
    accepted: int  # recipients for whom the network took all segments
    reached: int  # recipients whose handset has all segments, says the network
    confirmed: int
    failed: int  # segments
    possibly_twice: int  # segments


@dataclass(frozen=True)
class Year:
    """All classes of one calendar year on the clocks of the neighbourhood."""

    year: int
    classes: dict[str, Totals]
    log_rows: int
    log_head: str  # first eight digits of the last audit row's seal, to be kept on paper


COUNTED = ("recipients", "segments", "accepted", "reached", "confirmed", "failed", "possibly_twice")


def of_year(year: int, zone: ZoneInfo) -> Year:
    """The totals of *year*. Read only."""
    begin, end = (datetime(y, 1, 1, tzinfo=zone).astimezone(UTC) for y in (year, year + 1))
    within = (Alert.created_at >= begin) & (Alert.created_at < end)
    found = list(Alert.select().where(within))
    classes = {c.value: _totals(alert for alert in found if alert.message_class == c) for c in MessageClass}
    log = Audit.select().where((Audit.at >= begin) & (Audit.at < end))
    last = log.order_by(Audit.id.desc()).first()
    return Year(year, classes, log.count(), last.seal[:8] if last else "")


def _totals(of_class: Iterable[Alert]) -> Totals:
    alerts = list(of_class)
    states = Counter(alert.state for alert in alerts)
    counts: Counter[str] = Counter()
    erased = 0
    for alert in alerts:
        so_far = progress.of(alert).counts
        went_out = alert.state in (AlertState.FORWARDED, AlertState.CLOSED)
        erased += went_out and not so_far["recipients"]
        counts.update({name: so_far[name] for name in COUNTED})
    return Totals(
        alerts=len(alerts), states={state.value: states[state] for state in AlertState}, details_erased=erased,
        **{name: counts[name] for name in COUNTED},
    )  # fmt: skip
