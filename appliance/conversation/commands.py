"""The two kinds of text that may move an alert: the police's with a code, a coordinator's with a challenge. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from appliance import lang
from appliance.conversation.hearing import plain


class Keyword(StrEnum):
    """What a police text is for (facts/domain.md section 6)."""

    URGENT = "urgent"
    PREVENTIVE = "preventive"
    FEEDBACK = "feedback"
    COORDINATORS = "coordinators"  # how the communication went, for coordinators only (R44)
    WITHDRAW = "withdraw"
    STATUS = "status"
    TEST = "test"
    READY = "ready"  # sends back a text to fill in, for a threat (R77); needs no code, for it moves nothing


@dataclass(frozen=True)
class PoliceMessage:
    """A text with a police keyword. Whether its code is right is for `codes` to say."""

    keyword: Keyword
    code: str | None  # 6 to 8 digits, without the space
    text: str  # what may be made public: without keyword and code, else byte for byte
    from_above: bool = False  # "... 123456 BOVENLOKAAL ...": the word comes from above the zone (R39)
    about: int | None = None  # "BINF 7 123456 ...": the alert that the outcome belongs to
    not_kept: bool = False  # "DRINGEND 123456 NIET BEWAREN ...": its text is erased when the alert has ended (R87)

    @property
    def alert(self) -> int | None:
        """The alert's number in "BINX 7", or None."""
        number = re.fullmatch(r"\s*#?([0-9]{1,5})\W*", self.text)
        return int(number.group(1)) if number else None


class Verb(StrEnum):
    """What a coordinator decides about a waiting alert."""

    FORWARD = "forward"
    LATER = "later"
    DECLINE = "decline"
    STATUS = "status"


@dataclass(frozen=True)
class Decision:
    """A coordinator's command; only the challenge proves that it comes from the registered phone."""

    verb: Verb
    challenge: str | None
    at: time | None  # local time of day, for LATER
    fast: bool = False  # "JA 4821 SNEL": without the letters that make it dear


def _police_words(names: Iterable[str]) -> dict[str, Keyword]:
    return {
        plain(word): Keyword(key)
        for name in names
        for key, words in lang.load(name)["police"].items()
        for word in words
    }


def _verbs() -> dict[str, Verb]:
    found = {name: lang.load(name)["decision"] for name in lang.LANGUAGES}
    return {plain(word): Verb(key) for lists in found.values() for key, words in lists.items() for word in words}


def _not_kept() -> re.Pattern[str]:
    """Before the text and behind the code only: elsewhere these are words of the text."""
    found = (words for name in lang.LANGUAGES for words in lang.load(name)["keeping"]["not_kept"])
    wishes = "|".join(r"\s+".join(map(re.escape, words.split())) for words in found)
    return re.compile(rf"(?:{wishes})\b{JOIN}\s*", re.IGNORECASE)


def _fast_words() -> frozenset[str]:
    return frozenset(plain(word) for name in lang.LANGUAGES for word in lang.load(name)["style"]["fast"])


def _above_words() -> frozenset[str]:
    return frozenset(plain(word) for name in lang.LANGUAGES for word in lang.load(name)["origin"]["above"])


ABOVE = _above_words()
SHORT = _police_words((lang.COMMON,))  # BIN1 and the like: nobody writes these by chance
KEYWORDS = SHORT | _police_words(lang.LANGUAGES)
VERBS = _verbs()
FAST = _fast_words()

# The first word or two, whatever joins it to the rest, and the rest as it was typed.
FIRST = re.compile(r"\s*(?P<word>bin ?[^\W_]\b|[^\W_]+)(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
JOIN = r"(?:[.:,;-]?\s+|[.:,;-]|$)"
CODE = re.compile(rf"(?P<code>[0-9]{{6,8}}|[0-9]{{3}} [0-9]{{3}}|[0-9]{{4}} [0-9]{{4}}){JOIN}")
NUMBER = re.compile(rf"#?(?P<number>[0-9]{{1,5}}){JOIN}")
NOT_KEPT = _not_kept()
DECISION = re.compile(
    rf"\W*(?P<verb>{'|'.join(sorted(VERBS, key=len, reverse=True))})[^\w]*(?P<challenge>[0-9]{{3,6}})\b(?P<rest>.*)",
    re.DOTALL,
)
BARE_STATUS = re.compile(rf"\W*(?:{'|'.join(word for word, verb in VERBS.items() if verb is Verb.STATUS)})\W*")
TIME = re.compile(
    r"(?<![0-9])(?P<hour>[01]?[0-9]|2[0-3])\s?(?:(?:u|h|uhr|:|\.)\s?(?P<minute>[0-5][0-9])?(?![0-9])|(?P<bare>[0-5][0-9])(?![0-9]))"
)


def police_message(text: str, registered: bool) -> PoliceMessage | None:
    """*text* as a police message, or None when it does not begin with a keyword.

    A number that is not *registered* must write BIN1 and the like, or a code after the word: members say
    "test" and "urgent" too.
    """
    found = FIRST.fullmatch(text)
    keyword = KEYWORDS.get(plain(found["word"])) if found else None
    if found is None or keyword is None:
        return None
    code, public = _take_code(_joined(found["rest"]), keyword)
    if not registered and code is None and plain(found["word"]) not in SHORT:
        return None
    if keyword is Keyword.READY and any(map(str.isalnum, public)):  # "Voorbeeld: ..." is a sentence
        return None
    if keyword is Keyword.FEEDBACK and code is None and (numbered := _numbered_feedback(public)):
        return numbered
    return _coded(keyword, code, public)


def _coded(keyword: Keyword, code: str | None, public: str, about: int | None = None) -> PoliceMessage:
    """Behind a code may stand where it comes from and that it is not to be kept, in any order."""
    if code is None:
        return PoliceMessage(keyword, code, public, about=about)
    public, from_above = _take_origin(public)
    wish = NOT_KEPT.match(public)
    if wish:
        public, too = _take_origin(public[wish.end() :])
        from_above = from_above or too
    return PoliceMessage(keyword, code, public, from_above, about, not_kept=wish is not None)


def _numbered_feedback(rest: str) -> PoliceMessage | None:
    """In "7 123456 Twee aangehouden" the 7 is an alert's number; without a code behind it, it is of the text."""
    number = NUMBER.match(rest)
    code, public = _take_code(rest[number.end() :], Keyword.FEEDBACK) if number else (None, rest)
    if number is None or code is None:
        return None
    return _coded(Keyword.FEEDBACK, code, public, int(number["number"]))


def _take_origin(public: str) -> tuple[str, bool]:
    """*public* without the word that it comes from above the zone, and whether that stood in front."""
    found = FIRST.fullmatch(public)
    if found is None or plain(found["word"]) not in ABOVE:
        return public, False
    return _joined(found["rest"]), True


def _joined(rest: str) -> str:
    return re.sub(rf"\A{JOIN}\s*", "", rest)


def _take_code(rest: str, keyword: Keyword) -> tuple[str | None, str]:
    number = NUMBER.match(rest) if keyword is Keyword.WITHDRAW else None
    start = number.end() if number else 0
    found = CODE.match(rest, start)
    if number and found is None:
        return _take_code(rest, Keyword.STATUS)  # "BINX 123 456": no alert's number, only a code
    if found is None or _is_date(found["code"]):
        return None, rest
    return found["code"].replace(" ", ""), rest[:start] + rest[found.end() :].lstrip()


def _is_date(code: str) -> bool:
    """Whether eight digits are a day of this century, or a day and a time: then the text simply has no code."""
    digits = code.replace(" ", "")
    forms = ("%d%m%Y", "%Y%m%d") if " " not in code else ("%d%m %H%M",)
    return len(digits) == len("20112026") and any(_reads_as(code, form) for form in forms)


def _reads_as(code: str, form: str) -> bool:
    try:
        year = datetime.strptime(code, form).year
    except ValueError:
        return False
    return 2000 <= year < 2100 or "%Y" not in form


def decision(text: str) -> Decision | None:
    """*text* as a coordinator's decision, or None. Case, accents and spaces are forgiven; the order is not."""
    said = plain(text)
    found = DECISION.match(said)
    if found:
        fast = bool(FAST & set(found["rest"].split()))
        return Decision(VERBS[found["verb"]], found["challenge"], _time_in(found["rest"]), fast)
    return Decision(Verb.STATUS, None, None) if BARE_STATUS.fullmatch(said) else None


def _time_in(rest: str) -> time | None:
    found = TIME.search(rest)
    return time(int(found["hour"]), int(found["minute"] or found["bare"] or 0)) if found else None
