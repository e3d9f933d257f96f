"""What a text that came in asks for. Pure; facts/domain.md sections 6, 8 and 9, the order in DESIGN.md section 4."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from appliance.conversation.commands import Decision, Keyword, PoliceMessage, Verb, decision, police_message
from appliance.conversation.hearing import Heard, hear, lexicon
from appliance.conversation.reading import SHORT_ANSWER, Reading, readings
from appliance.conversation.sentences import vocabularies

__all__ = [
    "Decision",
    "Intent",
    "Judgement",
    "Keyword",
    "PoliceMessage",
    "Reply",
    "Stop",
    "Verb",
    "Who",
    "judge",
    "learn",
]


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
    proof: str | None = None  # the number that a police phone was told and repeats
    language: str | None = None  # the language asked for
    wipe: bool = False  # it tells of an absence: the words may not be kept
    stop: Stop | None = None
    wrong_number: bool = False  # nothing more may go to this number until somebody has looked


def learn() -> None:
    """All word lists are at hand; without this the first text of a service waits for them."""
    lexicon()
    vocabularies()


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
    decided = decision(text)
    if decided and who is Who.COORDINATOR:
        return Judgement(Intent.DECISION, why=f"a coordinator's {decided.verb}", decision=decided)
    if decided and who is Who.POLICE and decided.verb is Verb.FORWARD:
        return Judgement(Intent.POLICE, why="repeats the number that this phone was told", proof=decided.challenge)
    return None


def _from_the_police(found: Judgement) -> Judgement:
    """A police contact without a keyword: told how it is done, unless it was a mere OK or a machine."""
    silent = found.intent in (Intent.POLICE, Intent.CONFIRM, Intent.AUTO)
    if found.intent is Intent.POLICE:
        return found
    intent = Intent.AUTO if found.intent is Intent.AUTO else Intent.OTHER
    return Judgement(intent, reply=None if silent else Reply.POLICE_HOW, why="from a police contact, without a keyword")


def _meaning(heard: Heard, language: str) -> Judgement:
    read = readings(heard, language)
    found = (
        _shouted_for_help(heard)
        or _first(read, "machine", Judgement(Intent.AUTO), "a machine's own answer")
        or _danger(read)
        or _first(read, "auto", Judgement(Intent.AUTO), "a telephone's own answer")
        or _first(read, "absence", Judgement(Intent.ABSENCE, reply=Reply.ABSENCE), "tells of an absence")
        or _order(heard)
        or _answer(heard, read)
    )
    absent = any(reading.has("absent") for reading in read) or found.intent is Intent.ABSENCE
    return replace(found, wipe=absent)


def _shouted_for_help(heard: Heard) -> Judgement | None:
    """The printed command HULP is the one thing that a report word may mean as well."""
    if heard.shouted and lexicon()["help"].is_all(heard.words):
        return Judgement(Intent.HELP, reply=Reply.HELP, why="the command for help, in capitals and alone")
    return None


def _danger(read: Sequence[Reading]) -> Judgement | None:
    """Report words beat everything a person can write."""
    found = next(filter(None, (reading.report() for reading in read)), None)
    return Judgement(Intent.REPORT, reply=Reply.REPORT_101, why=f"smells of a report: {found}") if found else None


def _first(read: Sequence[Reading], rule: str, judgement: Judgement, why: str) -> Judgement | None:
    found = next(filter(None, (reading.tells(rule) for reading in read)), None)
    return replace(judgement, why=f"{why}: {found}") if found else None


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
        if _is_whole(name, heard) and not (heard.asks and order.intent is Intent.STOP):
            return replace(order, why=f'the whole message is the command "{name}"')
    return _language(heard)


def _is_whole(name: str, heard: Heard) -> bool:
    bare = [word for word in lexicon()["courtesy"].without(heard.core) if word != "-"]
    joined = [list(vocabulary.meant(bare[0])) for vocabulary in vocabularies().values()] if len(bare) == 1 else []
    parted = ([word for word in lexicon()["courtesy"].without(words) if word != "-"] for words in joined if words[1:])
    return any(lexicon()[name].is_all(words) for words in (heard.core, bare, *parted))


def _language(heard: Heard) -> Judgement | None:
    """TAAL FR, or "in het Frans aub" in a short text."""
    words = [word for word in lexicon()["courtesy"].without(heard.core) if word != "-"]
    asked = lexicon()["language"].is_all(words[:1])
    named = words[1:] if asked else _into(words)
    for name, names in lexicon().languages.items():
        if named and names.is_all(named):
            return Judgement(Intent.LANGUAGE, reply=Reply.LANGUAGE_CHANGED, why=f"asks for {name}", language=name)
    if asked and len(words) == 1:
        return Judgement(Intent.LANGUAGE, reply=Reply.LANGUAGE_ASK, why="asks for a language without a name")
    return None


def _into(words: Sequence[str]) -> Sequence[str]:
    """In a short text, the written-out word that follows an "in" or "auf": "in het Frans", "auf Englisch schreiben"."""
    for place, word in enumerate(words[: SHORT_ANSWER + 1]):
        follows = any(lexicon()["into"].is_all(words[max(0, place - size) : place]) for size in (1, 2))
        if (
            follows
            and any(names.is_all([word]) for names in lexicon().languages.values())
            and len(word) >= len("frans")
        ):
            return [word] if len(words) <= SHORT_ANSWER + 1 else ()
    return ()


def _answer(heard: Heard, read: Sequence[Reading]) -> Judgement:
    said = _said(read)
    if "wrong" in said:
        return Judgement(Intent.QUESTION, why=f'says that the number is wrong: "{said["wrong"]}"', wrong_number=True)
    if "own_data" in said and "quit" not in said:
        return Judgement(Intent.PRIVACY, reply=Reply.PRIVACY, why=f'asks about personal data: "{said["own_data"]}"')
    if "rejoin" in said:
        return Judgement(Intent.START, reply=Reply.START_ASKED, why=f'asks to join again: "{said["rejoin"]}"')
    if "quit" in said:
        return Judgement(Intent.QUESTION, why=f'may want to stop, but in a sentence: "{said["quit"]}"')
    if heard.asks or "ask" in said or any(reading.asks() for reading in read):
        return Judgement(Intent.QUESTION, why="a question for the coordinator")
    if "auto_whole" in said and len(heard.core) <= SHORT_ANSWER:
        return Judgement(Intent.AUTO, why=f'a telephone\'s own answer: "{said["auto_whole"]}"')
    if _confirms(heard, read):
        return Judgement(Intent.CONFIRM, why="nothing, a confirmation, all is well, or a reaction to our own words")
    return Judgement(Intent.OTHER, why="a person wrote something else")


def _said(read: Sequence[Reading]) -> dict[str, str]:
    """The roles that settle an answer, each with the word that plays it."""
    roles = ("wrong", "own_data", "rejoin", "quit", "ask", "auto_whole")
    found = ((role, reading.has(role)) for reading in reversed(read) for role in roles)
    return {role: word for role, word in found if word}


def _confirms(heard: Heard, read: Sequence[Reading]) -> bool:
    if not heard.core or lexicon()["confirm_whole"].is_all(heard.core):
        return True
    if heard.quoted and len(heard.core) <= SHORT_ANSWER:
        return not any(reading.has("neg") for reading in read)
    return any(reading.confirms(len(heard.core)) for reading in read)
