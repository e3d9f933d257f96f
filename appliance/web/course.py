"""How an alert runs that has left: everything that its page shows, and what may still be done about it."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from peewee import fn

from appliance import alerts
from appliance.alerts import RULES, AlertEvent, AlertState, MessageClass, going_on, progress, prospect
from appliance.alerts.progress import Line, Progress, Stage
from appliance.models import Alert, Audit
from appliance.people import call_list
from appliance.queue.states import State
from appliance.web import context, show, timeline
from appliance.web.words import gettext as _

BUSY_SECONDS, REST_SECONDS = 2, 15
TENTHS = 10  # so often at most a screen reader says how far it is
OWED = (State.QUEUED, State.SUBMITTING, State.IN_DOUBT)
NOT_OUT = (Stage.DROPPED, Stage.QUEUED, Stage.SUBMITTING)  # who cannot have read it


def of(alert: Alert) -> dict[str, object]:
    """The facts of the progress page."""
    done = progress.of(alert)
    counts = done.counts
    owed = sum(counts[state] for state in OWED)
    forwarded = alert.state == AlertState.FORWARDED
    title = f"{counts['accepted']}/{counts['recipients']}"
    return {
        "alert": alert, "progress": done, "counts": counts, "lines": show.worst_first(done), "title": title,
        "said": _said(counts) if done.busy else counts["accepted"],
        "busy": forwarded and done.busy, "every": seconds(done),
        "bars": _bars(done), "told": prospect.of(alert, context.now(), context.the_bin()),
        "moments": timeline.of(alert, done), "cents": round(done.millicents / 1000),
        "can_stop": forwarded and bool(owed), "can_close": AlertEvent.CLOSED in alerts.MOVES[AlertState(alert.state)],
        "waits": going_on.waiting(alert, context.now()) if forwarded and owed else 0,
        "silent": len(silent(done)) if _asks(alert) else 0, "phoned": counts.get("phoned", 0),
        "without_mobile": sum(bool(callee.consent) for callee in call_list.callees()) if done.lines else 0,
        "again": may_repeat(alert, done),
        "untold": alerts.is_untold(alert),
    }  # fmt: skip


def seconds(done: Progress) -> int:
    """After how long a page asks again."""
    return BUSY_SECONDS if done.busy else REST_SECONDS


def version(alert: Alert) -> str:
    """A name for what there is to tell of *alert* now: its counts, the last line of the log, and the minute.

    The database counts: much less work than a line for each recipient. What only time changes waits for the minute.
    """
    counts = progress.totals([alert])[alert.id]
    last = Audit.select(fn.MAX(Audit.id)).scalar()
    told = (counts, alert.state, last, f"{context.now():%H:%M}", show.language())
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _said(counts: dict[str, int]) -> int:
    """How many have it by the last whole tenth."""
    tenths = TENTHS * counts["accepted"] // (counts["recipients"] or 1)
    return counts["recipients"] * tenths // TENTHS


def _asks(alert: Alert) -> bool:
    return RULES[MessageClass(alert.message_class)].asks_receipt


def _bars(done: Progress) -> list[tuple[str, str, str, str, int]]:
    """Colour, shape, what it counts, what that means, how many of the recipients. Unknown only if there are any."""
    counts, stages = done.counts, [line.stage for line in done.lines]
    unknown = stages.count(Stage.UNKNOWN) + stages.count(Stage.IN_DOUBT)
    bars = [
        ("busy", "→", _("Aanvaard"), _("het netwerk nam de sms aan"), counts["accepted"]),
        ("good", "✔", _("Afgeleverd"), _("de sms staat op het toestel"), counts["reached"]),
        ("good", "✔✔", _("Bevestigd"), _("iemand antwoordde of belde"), counts["confirmed"]),
        ("bad", "✖", _("Mislukt"), _("geweigerd of onbereikbaar"), stages.count(Stage.FAILED)),
    ]
    return bars + ([("mind", "?", _("Onbekend"), _("vertrok misschien"), unknown)] if unknown else [])


def silent(done: Progress) -> list[Line]:
    """Who was told, or should have been, and gave no sign."""
    return [line for line in done.lines if line.confirmed_at is None and line.stage not in NOT_OUT]


def by_street(lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """*lines* by street, those without one last."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.street].append(line)
    return sorted(found.items(), key=lambda street: (not street[0], street[0].casefold()))


def may_repeat(alert: Alert, done: Progress) -> int:
    """How many silent people can be told once more now; 0 when that was done, or cannot be yet."""
    if alert.state != AlertState.FORWARDED or not _asks(alert) or alert.repeated_at or done.busy:
        return 0
    return alerts.how_many_silent(alert)
