"""An alert from its text to its last confirmation.

The rooms: `classes` (rules, the table of moves), `life` (who may move it), `target` (for everybody or some streets),
`promise` (to whom, in which words),
`telling` (coordinators and police), `timers` (what the clock does), `receipts` (who has read it), `aftermath`
(counts, repeat, outcome) and `button`.
"""

from appliance.alerts.aftermath import (
    NoRepeat,
    correction,
    follow_up,
    how_many_silent,
    is_untold,
    meant_by_feedback,
    open_feedback,
    repeat,
    silent_deliveries,
    untold,
)
from appliance.alerts.button import PANIC_PAUSE, TooSoon, press
from appliance.alerts.classes import MOVES, RULES, URGENCIES, AlertEvent, AlertState, MessageClass, Rules, Source
from appliance.alerts.life import (
    AlreadyDecided,
    NobodyToTell,
    close,
    create,
    decline,
    delay,
    fingerprint,
    forward,
    is_fast,
    is_stale,
    mark_origin,
    move,
    release_delayed,
    spelled,
    waiting,
    withdraw,
)
from appliance.alerts.promise import Variants, frame, is_on_trial, leaves, recipients, variants, who_got
from appliance.alerts.receipts import confirm, counts_for_police, newest_alert_to
from appliance.alerts.target import BadTarget, streets_of
from appliance.alerts.telling import ask_again, judges, tell_coordinators, with_trial
from appliance.alerts.timers import run as run_timers

__all__ = [
    "MOVES", "PANIC_PAUSE", "RULES", "URGENCIES", "AlertEvent", "AlertState", "AlreadyDecided", "BadTarget",
    "MessageClass", "NoRepeat", "NobodyToTell", "Rules", "Source", "TooSoon", "Variants", "ask_again", "close",
    "confirm", "correction", "counts_for_police", "create", "decline", "delay", "fingerprint", "follow_up", "forward",
    "frame", "how_many_silent", "is_fast", "is_on_trial", "is_stale", "is_untold", "judges", "leaves", "mark_origin",
    "meant_by_feedback", "move", "newest_alert_to", "open_feedback", "press", "recipients", "release_delayed", "repeat",
    "run_timers", "silent_deliveries", "spelled", "streets_of", "tell_coordinators", "untold", "variants", "waiting",
    "who_got", "with_trial", "withdraw",
]  # fmt: skip
