"""Every text the box writes, in each language. Pure: the words are in lang/*.toml; tests prove that they fit."""

from collections.abc import Sequence
from datetime import datetime
from datetime import time as time_of_day
from enum import StrEnum

from appliance import gsm7, lang
from appliance.segments import TooLong, fold, split

BEGINNING = 30  # characters of a police text that are said back
LONGEST_NAME = 24  # characters of a name in INFO, which must stay within two segments
TOO_MANY = 99  # segments: more than can be sent


class Key(StrEnum):
    """One text. Its placeholders are in lang/nl.toml; a missing value raises KeyError."""

    LABEL_URGENT_FULL = "label_urgent_full"
    LABEL_URGENT_SHORT = "label_urgent_short"
    LABEL_PREVENTIVE_FULL = "label_preventive_full"
    LABEL_PREVENTIVE_SHORT = "label_preventive_short"
    LABEL_FEEDBACK_FULL = "label_feedback_full"
    LABEL_FEEDBACK_SHORT = "label_feedback_short"
    LABEL_FEEDBACK_COORDINATORS_FULL = "label_feedback_coordinators_full"
    LABEL_FEEDBACK_COORDINATORS_SHORT = "label_feedback_coordinators_short"
    LABEL_TEST_FULL = "label_test_full"
    LABEL_TEST_SHORT = "label_test_short"
    LABEL_ORGANISATION_FULL = "label_organisation_full"
    LABEL_ORGANISATION_SHORT = "label_organisation_short"
    LABEL_COORDINATOR_FULL = "label_coordinator_full"
    LABEL_COORDINATOR_SHORT = "label_coordinator_short"
    LABEL_RELAYED_FULL = "label_relayed_full"
    LABEL_RELAYED_SHORT = "label_relayed_short"
    LABEL_PANIC_FULL = "label_panic_full"
    LABEL_PANIC_SHORT = "label_panic_short"
    KEEP_AWAY = "keep_away"
    ASK_CONFIRM = "ask_confirm"
    TRIAL = "trial"
    POLICE_TRIAL = "police_trial"
    FROM_ABOVE = "from_above"
    CLASS_URGENT = "class_urgent"
    CLASS_PREVENTIVE = "class_preventive"
    CLASS_FEEDBACK = "class_feedback"
    CLASS_FEEDBACK_COORDINATORS = "class_feedback_coordinators"
    CLASS_TEST = "class_test"
    CLASS_ORGANISATION = "class_organisation"
    CLASS_PANIC = "class_panic"
    DOUBT_SPOKEN = "doubt_spoken"
    DOUBT_NO_CODE = "doubt_no_code"
    DOUBT_WRONG_CODE = "doubt_wrong_code"
    DOUBT_USED_CODE = "doubt_used_code"
    DOUBT_OLD = "doubt_old"
    DOUBT_FUTURE = "doubt_future"
    DOUBT_GUESSING = "doubt_guessing"
    DOUBT_NOT_ALLOWED = "doubt_not_allowed"
    WELCOME = "welcome"
    TEST = "test"
    SURVEY = "survey"
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
    NOT_FOR_US = "not_for_us"
    OTHER_SERVICES = "other_services"
    SERVICE_MUNICIPALITY = "service_municipality"
    SERVICE_UTILITY = "service_utility"
    INFO = "info"
    INFO_NO_PHONE = "info_no_phone"
    INFO_OFFICER = "info_officer"
    INFO_COORDINATOR = "info_coordinator"
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
    POLICE_THREAT = "police_threat"
    POLICE_PROVE = "police_prove"
    POLICE_MAY_NOT = "police_may_not"
    POLICE_LAST_CODES = "police_last_codes"
    POLICE_PASSED = "police_passed"
    POLICE_OWN = "police_own"
    POLICE_HANDED = "police_handed"
    POLICE_HANDED_WORDS = "police_handed_words"
    POLICE_CLOSED = "police_closed"
    POLICE_FEEDBACK_DUE = "police_feedback_due"
    COORDINATOR_LOG = "coordinator_log"
    COORDINATOR_NOTHING = "coordinator_nothing"
    COORDINATOR_NOBODY = "coordinator_nobody"
    COORDINATOR_CEILING = "coordinator_ceiling"
    COORDINATOR_GOES_ON = "coordinator_goes_on"
    CALLS_TITLE = "calls_title"
    CALLS_READ = "calls_read"
    CALLS_CALLER = "calls_caller"
    CALLS_DONE = "calls_done"
    CALLS_NOBODY = "calls_nobody"
    CALLS_DOOR = "calls_door"
    CALLS_NO_MOBILE = "calls_no_mobile"
    CALLS_FAILED = "calls_failed"
    COORDINATOR_LOUDER = "coordinator_louder"
    COORDINATOR_STALE = "coordinator_stale"
    COORDINATOR_LETTERS = "coordinator_letters"
    COORDINATOR_VERIFIED = "coordinator_verified"
    COORDINATOR_FLOOD = "coordinator_flood"
    COORDINATOR_FEEDBACK_DUE = "coordinator_feedback_due"
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
    "feedback_coordinators": (Key.LABEL_FEEDBACK_COORDINATORS_FULL, Key.LABEL_FEEDBACK_COORDINATORS_SHORT, None),
}
LABELS = {
    "test": (Key.LABEL_TEST_FULL, Key.LABEL_TEST_SHORT),
    "organisation": (Key.LABEL_ORGANISATION_FULL, Key.LABEL_ORGANISATION_SHORT),
    "panic": (Key.LABEL_PANIC_FULL, Key.LABEL_PANIC_SHORT),
}
# A police text that no code proved, or that was typed over from the telephone: a coordinator vouches for it (R51, R91).
RELAYED_LABELS = (Key.LABEL_RELAYED_FULL, Key.LABEL_RELAYED_SHORT, None)
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


def doubt(name: str, language: str) -> str:
    """Why a police text is not verified, in a few words; a text that was typed over from a telephone has no *name*."""
    return text(Key(f"doubt_{name or 'spoken'}"), language)


def answer(reply: str, language: str, name: str, phone: str, people: str = "") -> str:
    """What the box answers for a `conversation.Reply`; *name* is the BIN's, *phone* the zone's or empty.

    *people* are whom members may ring, as lines of `person`: INFO names them after 101 and 112.
    """
    if reply != Key.INFO:
        return text(Key(reply), language, name=name, phone=phone)
    words = text(Key.INFO if phone else Key.INFO_NO_PHONE, language, name=name, phone=phone)
    return f"{words} {people}".strip()


def person(key: Key, language: str, name: str, phone: str, hours: str) -> str:
    """Who can be rung, where and when."""
    return text(key, language, who=who(name, phone), hours=fold(hours))


def who(name: str, phone: str) -> str:
    """A name and a number; a name that would make the text dear is cut, or left out."""
    short = fold(name)
    short = short if len(short) <= LONGEST_NAME else short[:LONGEST_NAME].rsplit(" ", 1)[0]
    return f"{short} {phone}" if gsm7.fits(short) else phone


def services(language: str, municipality: str, utility: str) -> str:
    """Whom to ask what is no matter for a BIN; *municipality* and *utility* are numbers, or empty (R92)."""
    numbers = {Key.SERVICE_MUNICIPALITY: municipality, Key.SERVICE_UTILITY: utility}
    named = {key.removeprefix("service_"): text(key, language, phone=it).strip() for key, it in numbers.items()}
    return text(Key.OTHER_SERVICES, language, **named)


def beginning(original: str) -> str:
    """The first words of *original* on one line, so that its writer knows which text is meant."""
    line = " ".join(original.split())
    return line if len(line) <= BEGINNING else line[:BEGINNING].rsplit(" ", 1)[0] + "..."


def frame(message_class: str, text: str, language: str, at_local: datetime, source: str, ask: bool) -> str:
    """*text*, to the letter, behind the fullest label that costs no extra segment (the label ladder, domain.md 11).

    *ask* adds the question to confirm, with the full label only: members learn once that an OK is expected.
    An urgent text also says that nobody should approach anybody (R90), on the highest rung: it is the first to be left
    out, for every member has it on paper, and a second segment would double the time until the last one knows.
    *source* is "police", "relayed" (the police's, but not verified) or "coordinator". Raises BadText.
    """
    framed = _ladder(message_class, text, language, at_local, source, ask)
    allowed = _segments(text)
    return next((words for words in framed if _segments(words) <= allowed), framed[-1])


def marked(words: str, mark: Key, language: str) -> str:
    """*words*, and behind them what *mark* says where it costs no segment more."""
    longer = words + text(mark, language)
    return longer if _segments(longer) == _segments(words) else words


def _ladder(message_class: str, original: str, language: str, at: datetime, source: str, ask: bool) -> Sequence[str]:
    full, *shorter = _labels(message_class, source)
    question = text(Key.ASK_CONFIRM, language) if ask else ""
    values = {"time": time(at, language), "message_class": class_name(message_class, language)}
    rungs = [(text(label, language, **values) if label else "") + original for label in shorter]
    fullest = text(full, language, **values) + original
    away = [fullest + text(Key.KEEP_AWAY, language) + question] if message_class == "urgent" else []
    return [*away, fullest + question, *rungs]


def _labels(message_class: str, source: str) -> tuple[Key, ...] | tuple[Key, Key, None]:
    if message_class in LABELS:
        return LABELS[message_class]
    if source == "relayed":
        return RELAYED_LABELS
    return POLICE_LABELS[message_class] if source == "police" else COORDINATOR_LABELS


def _segments(words: str) -> int:
    try:
        return len(split(words).parts)
    except TooLong:
        return TOO_MANY
