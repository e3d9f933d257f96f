"""What a text that came in asks for. Pure; facts/domain.md sections 6, 8 and 9, the order in DESIGN.md section 4."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from appliance.conversation.commands import Decision, Keyword, PoliceMessage, Verb, decision, police_message
from appliance.conversation.hearing import LEXICON, Heard, hear

__all__ = ["Decision", "Intent", "Judgement", "Keyword", "PoliceMessage", "Reply", "Stop", "Verb", "Who", "judge"]

SHORT_ANSWER = 6  # words: longer than this is a story, not a confirmation


class Intent(StrEnum):
    """What the writer wants."""

    CONFIRM = "confirm"
    STOP = "stop"
    START = "start"
    REPORT = "report"
    ABSENCE = "absence"
    QUESTION = "question"
    AUTO = "auto"
    OPERATOR = "operator"
    POLICE = "police"
    DECISION = "decision"
    INFO = "info"
    LANGUAGE = "language"
    HELP = "help"
    PRIVACY = "privacy"
    OTHER = "other"


class Who(StrEnum):
    """Whose number a text came from. The number proves nothing: domain.md section 6."""

    OPERATOR = "operator"  # a short number, a name, or nothing
    POLICE = "police"
    COORDINATOR = "coordinator"
    MEMBER = "member"
    UNKNOWN = "unknown"


class Reply(StrEnum):
    """What the box would answer; each value is a `wording.Key`."""

    REPORT_101 = "report_101"
    ABSENCE = "absence"
    STOPPED = "stopped"
    STOPPED_PREVENTIVE = "stopped_preventive"
    STOPPED_NIGHT = "stopped_night"
    START_ASKED = "start_asked"
    INFO = "info"
    HELP = "help"
    PRIVACY = "privacy"
    LANGUAGE_CHANGED = "language_changed"
    LANGUAGE_ASK = "language_ask"
    POLICE_HOW = "police_how"


class Stop(StrEnum):
    """How much a STOP ends (domain.md section 9)."""

    ALL = "all"
    PREVENTIVE = "preventive"
    NIGHT = "night"


@dataclass(frozen=True)
class Judgement:
    """What the box makes of one text."""

    intent: Intent
    receipt: bool = False  # a person has shown to have read the newest alert sent to this number
    reply: Reply | None = None
    why: str = ""
    police: PoliceMessage | None = None
    decision: Decision | None = None
    language: str | None = None  # the language asked for
    wipe: bool = False  # it tells of an absence: the words may not be kept
    stop: Stop | None = None
    wrong_number: bool = False  # nothing more may go to this number until somebody has looked


def judge(text: str, who: Who, our_texts: Sequence[str], window_open: bool, language: str = "nl") -> Judgement:
    """What *text* asks for. It is always answered, never refused: anything may come in.

    *our_texts* is what we lately sent to that number, *window_open* whether an alert to it still waits for a
    sign of life, *language* the member's own. An unknown number is never answered and confirms nothing.
    """
    if who is Who.OPERATOR:
        return Judgement(Intent.OPERATOR, why="the sender is a short number, a name or hidden")
    found = _command(text, who) or _meaning(hear(text, our_texts), language)
    if who is Who.POLICE:
        return _from_the_police(found)
    if who is Who.UNKNOWN:
        return replace(found, receipt=False, reply=None, why=f"{found.why}; the number is unknown, so no answer")
    return replace(found, receipt=window_open and found.intent not in (Intent.AUTO, Intent.POLICE))


def _command(text: str, who: Who) -> Judgement | None:
    message = police_message(text, registered=who is Who.POLICE)
    if message:
        return Judgement(Intent.POLICE, why=f"begins with the police keyword for {message.keyword}", police=message)
    decided = decision(text) if who is Who.COORDINATOR else None
    if decided:
        return Judgement(Intent.DECISION, why=f"a coordinator's {decided.verb}", decision=decided)
    return None


def _from_the_police(found: Judgement) -> Judgement:
    """A police contact without a keyword: told how it is done, unless it was a mere OK or a machine."""
    silent = found.intent in (Intent.POLICE, Intent.CONFIRM, Intent.AUTO)
    if found.intent is Intent.POLICE:
        return found
    intent = Intent.AUTO if found.intent is Intent.AUTO else Intent.OTHER
    return Judgement(intent, reply=None if silent else Reply.POLICE_HOW, why="from a police contact, without a keyword")


def _meaning(heard: Heard, language: str) -> Judgement:
    found = _machine(heard) or _danger(heard, language) or _absence(heard) or _order(heard) or _answer(heard)
    absent = LEXICON["absence"].find(heard.words) is not None
    return replace(found, wipe=absent)


def _machine(heard: Heard) -> Judgement | None:
    phrase = LEXICON["auto"].find(heard.words)
    return Judgement(Intent.AUTO, why=f'a telephone\'s own answer: "{phrase}"') if phrase else None


def _danger(heard: Heard, language: str) -> Judgement | None:
    """Report words beat everything a person can write, except the one printed command HULP."""
    if heard.shouted and LEXICON["help"].is_all(heard.words):
        return Judgement(Intent.HELP, reply=Reply.HELP, why="the command for help, in capitals and alone")
    said = LEXICON["report_not"].without(heard.words)
    own = LEXICON.own.get(language)
    phrase = LEXICON["report"].find(said) or (own.find(said) if own else None)
    return Judgement(Intent.REPORT, reply=Reply.REPORT_101, why=f'words of a report: "{phrase}"') if phrase else None


def _absence(heard: Heard) -> Judgement | None:
    phrase = LEXICON["absence"].find(heard.words)
    return (
        Judgement(Intent.ABSENCE, reply=Reply.ABSENCE, why="tells of an absence; the words are not kept")
        if phrase
        else None
    )


ORDERS = (
    ("stop", Judgement(Intent.STOP, reply=Reply.STOPPED, stop=Stop.ALL)),
    ("stop_preventive", Judgement(Intent.STOP, reply=Reply.STOPPED_PREVENTIVE, stop=Stop.PREVENTIVE)),
    ("stop_night", Judgement(Intent.STOP, reply=Reply.STOPPED_NIGHT, stop=Stop.NIGHT)),
    ("start", Judgement(Intent.START, reply=Reply.START_ASKED)),
    ("info", Judgement(Intent.INFO, reply=Reply.INFO)),
    ("help", Judgement(Intent.HELP, reply=Reply.HELP)),
    ("privacy", Judgement(Intent.PRIVACY, reply=Reply.PRIVACY)),
)


def _order(heard: Heard) -> Judgement | None:
    """STOP and the other commands: the whole message or nothing. "Stop?" is a question, not a STOP."""
    for name, order in ORDERS:
        if LEXICON[name].is_all(heard.core) and not (heard.asks and order.intent is Intent.STOP):
            return replace(order, why=f'the whole message is the command "{name}"')
    return _language(heard)


def _language(heard: Heard) -> Judgement | None:
    if not LEXICON["language"].is_all(heard.core[:1]):
        return None
    for name, names in LEXICON.languages.items():
        if names.is_all(heard.core[1:]):
            return Judgement(Intent.LANGUAGE, reply=Reply.LANGUAGE_CHANGED, why=f"asks for {name}", language=name)
    alone = len(heard.core) == 1
    return (
        Judgement(Intent.LANGUAGE, reply=Reply.LANGUAGE_ASK, why="asks for a language without a name")
        if alone
        else None
    )


def _answer(heard: Heard) -> Judgement:
    if LEXICON["wrong_number"].find(heard.words):
        return Judgement(Intent.QUESTION, why="says that the number is wrong", wrong_number=True)
    if heard.asks or LEXICON["question"].find(heard.words):
        return Judgement(Intent.QUESTION, why="a question for the coordinator")
    if _confirms(heard):
        return Judgement(Intent.CONFIRM, why="an empty text, a word of confirmation or a reaction to our own words")
    return Judgement(Intent.OTHER, why="a person wrote something else")


def _confirms(heard: Heard) -> bool:
    if not heard.core or LEXICON["confirm_whole"].is_all(heard.core):
        return True
    if len(heard.core) > SHORT_ANSWER or LEXICON["negation"].find(heard.core):
        return False
    return heard.quoted or LEXICON["confirm"].find(heard.core) is not None
