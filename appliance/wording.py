"""Every text the box writes, in each language. Pure: the words are in lang/*.toml; tests prove that they fit."""

from collections.abc import Sequence
from datetime import datetime
from datetime import time as time_of_day
from enum import StrEnum

from appliance import lang
from appliance.segments import TooLong, split

BEGINNING = 30  # characters of a police text that are said back
TOO_MANY = 99  # segments: more than can be sent


class Key(StrEnum):
    """One text. Its placeholders are in lang/nl.toml; a missing value raises KeyError."""

    LABEL_URGENT_FULL = "label_urgent_full"
    LABEL_URGENT_SHORT = "label_urgent_short"
    LABEL_PREVENTIVE_FULL = "label_preventive_full"
    LABEL_PREVENTIVE_SHORT = "label_preventive_short"
    LABEL_FEEDBACK_FULL = "label_feedback_full"
    LABEL_FEEDBACK_SHORT = "label_feedback_short"
    LABEL_TEST_FULL = "label_test_full"
    LABEL_TEST_SHORT = "label_test_short"
    LABEL_ORGANISATION_FULL = "label_organisation_full"
    LABEL_ORGANISATION_SHORT = "label_organisation_short"
    LABEL_COORDINATOR_FULL = "label_coordinator_full"
    LABEL_COORDINATOR_SHORT = "label_coordinator_short"
    LABEL_PANIC_FULL = "label_panic_full"
    LABEL_PANIC_SHORT = "label_panic_short"
    ASK_CONFIRM = "ask_confirm"
    CLASS_URGENT = "class_urgent"
    CLASS_PREVENTIVE = "class_preventive"
    CLASS_FEEDBACK = "class_feedback"
    CLASS_TEST = "class_test"
    CLASS_ORGANISATION = "class_organisation"
    CLASS_PANIC = "class_panic"
    WELCOME = "welcome"
    TEST = "test"
    PANIC_CORE = "panic_core"
    CORRECTION = "correction"
    WITHDRAWN = "withdrawn"
    REPORT_101 = "report_101"
    ABSENCE = "absence"
    STOPPED = "stopped"
    STOPPED_URGENT = "stopped_urgent"
    STOPPED_PREVENTIVE = "stopped_preventive"
    STOPPED_NIGHT = "stopped_night"
    START_ASKED = "start_asked"
    INFO = "info"
    INFO_NO_PHONE = "info_no_phone"
    HELP = "help"
    PRIVACY = "privacy"
    LANGUAGE_CHANGED = "language_changed"
    LANGUAGE_ASK = "language_ask"
    COORDINATOR_NOTICE = "coordinator_notice"
    COORDINATOR_NOTICE_UNVERIFIED = "coordinator_notice_unverified"
    COORDINATOR_WAITING = "coordinator_waiting"
    COORDINATOR_TOLD_FORWARDED = "coordinator_told_forwarded"
    COORDINATOR_TOLD_DECLINED = "coordinator_told_declined"
    COORDINATOR_TOLD_DELAYED = "coordinator_told_delayed"
    COORDINATOR_TOLD_WITHDRAWN = "coordinator_told_withdrawn"
    COORDINATOR_DONE_FORWARDED = "coordinator_done_forwarded"
    COORDINATOR_DONE_DELAYED = "coordinator_done_delayed"
    COORDINATOR_DONE_DECLINED = "coordinator_done_declined"
    COORDINATOR_STATUS = "coordinator_status"
    COORDINATOR_LATER_HOW = "coordinator_later_how"
    CHALLENGE_WRONG = "challenge_wrong"
    POLICE_RECEIVED = "police_received"
    POLICE_UNVERIFIED = "police_unverified"
    POLICE_WAITING = "police_waiting"
    POLICE_FORWARDED = "police_forwarded"
    POLICE_DELAYED = "police_delayed"
    POLICE_DECLINED = "police_declined"
    POLICE_COUNTS = "police_counts"
    POLICE_WITHDRAWN = "police_withdrawn"
    POLICE_HOW = "police_how"
    COORDINATOR_NOTHING = "coordinator_nothing"
    COORDINATOR_NOBODY = "coordinator_nobody"
    POLICE_NOTHING = "police_nothing"


_FOUND = {language: lang.load(language) for language in lang.LANGUAGES}
TEXTS = {language: {Key(key): words for key, words in found["texts"].items()} for language, found in _FOUND.items()}
TIMES = {language: str(found["times"]["form"]) for language, found in _FOUND.items()}

# A label that names the source may be shortened but never left out, unless the police wrote the text:
# a neighbour must not pass for the police (R48, R91), a test must not pass for an alert (R75).
POLICE_LABELS = {
    "urgent": (Key.LABEL_URGENT_FULL, Key.LABEL_URGENT_SHORT, None),
    "preventive": (Key.LABEL_PREVENTIVE_FULL, Key.LABEL_PREVENTIVE_SHORT, None),
    "feedback": (Key.LABEL_FEEDBACK_FULL, Key.LABEL_FEEDBACK_SHORT, None),
}
LABELS = {
    "test": (Key.LABEL_TEST_FULL, Key.LABEL_TEST_SHORT),
    "organisation": (Key.LABEL_ORGANISATION_FULL, Key.LABEL_ORGANISATION_SHORT),
    "panic": (Key.LABEL_PANIC_FULL, Key.LABEL_PANIC_SHORT),
}
COORDINATOR_LABELS = (Key.LABEL_COORDINATOR_FULL, Key.LABEL_COORDINATOR_SHORT)


def text(key: Key, language: str, **values: object) -> str:
    """The text *key* in *language* with *values* filled in. Raises KeyError when one is missing."""
    return str(TEXTS[language][key].format(**values))


def time(at: datetime | time_of_day, language: str) -> str:
    """A time of day as people write it: 14u32, 14h32, 14:32. *at* is local time."""
    return TIMES[language].format(hour=at.hour, minute=at.minute)


def class_name(message_class: str, language: str) -> str:
    """The message class in capitals: DRINGEND."""
    return text(Key(f"class_{message_class}"), language)


def answer(reply: str, language: str, name: str, phone: str) -> str:
    """What the box answers for a `conversation.Reply`; *name* is the BIN's, *phone* the zone's or empty."""
    key = Key.INFO_NO_PHONE if reply == Key.INFO and not phone else Key(reply)
    return text(key, language, name=name, phone=phone)


def beginning(original: str) -> str:
    """The first words of *original* on one line, so that its writer knows which text is meant."""
    line = " ".join(original.split())
    return line if len(line) <= BEGINNING else line[:BEGINNING].rsplit(" ", 1)[0] + "..."


def frame(message_class: str, text: str, language: str, at_local: datetime, source: str, ask: bool) -> str:
    """*text*, to the letter, behind the fullest label that costs no extra segment (the label ladder, domain.md 11).

    *ask* adds the question to confirm, with the full label only: members learn once that an OK is expected.
    *source* is "police" or "coordinator". Raises what `split` raises for a text that cannot be sent.
    """
    framed = _ladder(message_class, text, language, at_local, source, ask)
    allowed = _segments(text)
    return next((words for words in framed if _segments(words) <= allowed), framed[-1])


def _ladder(message_class: str, original: str, language: str, at: datetime, source: str, ask: bool) -> Sequence[str]:
    full, *shorter = _labels(message_class, source)
    question = text(Key.ASK_CONFIRM, language) if ask else ""
    values = {"time": time(at, language), "message_class": class_name(message_class, language)}
    rungs = [(text(label, language, **values) if label else "") + original for label in shorter]
    return [text(full, language, **values) + original + question, *rungs]


def _labels(message_class: str, source: str) -> tuple[Key, ...] | tuple[Key, Key, None]:
    if message_class in LABELS:
        return LABELS[message_class]
    return POLICE_LABELS[message_class] if source == "police" else COORDINATOR_LABELS


def _segments(words: str) -> int:
    try:
        return len(split(words).parts)
    except TooLong:
        return TOO_MANY
