"""What the box says of an alert, held against what the network really carried."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from appliance.models import Alert, Delivery, Segment
from appliance.modem.emulator import Sent
from appliance.queue.outbox import Kind


@dataclass(frozen=True)
class Truth:
    """Counted in segments. All but `doubled` must be zero on a box that does what it promises."""

    lost: int  # promised, called accepted or delivered, and never on the air
    missing: int  # promised and not on the air, whatever the box says
    doubled: int  # on the air more than once
    doubled_unshown: int  # and not shown as "possibly twice"
    unasked: int  # on the air to a recipient, of this alert's text, and promised to nobody


def hold(alert: Alert, airwaves: Iterable[Sent]) -> Truth:
    """Compare each segment of *alert* with *airwaves*, by number, text and place in its text."""
    of_alert = (Delivery.alert == alert) & (Delivery.kind == Kind.ALERT)
    segments = list(Segment.select().join(Delivery).where(of_alert))
    texts = {segment.text for segment in segments}
    heard = Counter((s.number, s.text, _place(s)) for s in airwaves if s.text in texts)
    promised = {(s.number, s.text, (s.concat_reference, s.sequence) if s.total > 1 else None): s for s in segments}
    times = {key: heard[key] for key in promised}
    said_out = [key for key, segment in promised.items() if segment.state in ("submitted", "delivered")]
    return Truth(
        lost=sum(not times[key] for key in said_out),
        missing=sum(not count for count in times.values()),
        doubled=sum(count > 1 for count in times.values()),
        doubled_unshown=sum(count > 1 and not promised[key].possibly_twice for key, count in times.items()),
        unasked=sum(key not in promised for key in heard),
    )


def _place(sent: Sent) -> tuple[int, int] | None:
    place = sent.concatenation
    return (place.reference, place.sequence) if place else None
