"""A text as sentences of units, each with its roles, once what stands under a negation has been set aside. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from appliance import lang
from appliance.conversation.hearing import ASKED, SENTENCE, is_mark
from appliance.conversation.vocabulary import Vocabulary

# Phrases of these roles mean something else than their words: "geen probleem" denies nothing.
WHOLE = frozenset(
    {"confirm", "vigil", "calm", "keeps", "wish", "wrong", "strange", "rejoin", "own_data", "absent", "ask"}
)
TELLING = frozenset({"crime", "plea", "person", "vehicle", "strange", "act", "sound", "sighting"})  # stuff of a report
DENIED_BY_NOUN = 4  # words after "geen" that it may deny: "geen enkele verdachte witte auto"
DENIED_BY_THING = 2  # the same after "niets": "niets echt verdachts"
OWNED = 2  # words between "mijn" and what is mine, and one
THEIRS = frozenset({"person", "people", "vehicle"})
PREFACE = frozenset({"confirm", "courtesy", "greeting", "contrast", "number", "vigil"})


@dataclass
class Unit:
    """One word of a text."""

    word: str
    roles: set[str] = field(default_factory=set)
    known: bool = False


@dataclass
class Sentence:
    """What stands between two full stops, or before a "but"."""

    units: list[Unit]
    denied: list[Unit]
    asks: bool  # ends in a question mark
    opens_as_question: bool

    @property
    def is_question(self) -> bool:
        """Whether it asks, by its mark or by its first words."""
        return self.asks or self.opens_as_question


def sentences(marked: Sequence[str], vocabulary: Vocabulary, strange: frozenset[str]) -> list[Sentence]:
    """*marked* as the sentences that *vocabulary* finds in it; words in *strange* belong to another language."""
    found = []
    for clauses, asks in _split(marked, vocabulary, strange):
        said = [_units(clause, vocabulary) for clause in clauses]
        kept: list[Unit] = []
        denied: list[Unit] = []
        for units in said:
            start = _denied_from(units)
            kept += units[:start]
            denied += units[start:]
        opens = any(_opens_as_question(clause, units, vocabulary) for clause, units in zip(clauses, said, strict=True))
        outcome = asks and any("outcome" in unit.roles for unit in kept)  # "le voleur est arrêté ?"
        found.append(Sentence(kept, denied, asks, opens or outcome))
    return found


def _split(
    marked: Sequence[str], vocabulary: Vocabulary, strange: frozenset[str]
) -> Iterator[tuple[list[list[str]], bool]]:
    """Each sentence as its clauses, and whether it ends in a question mark."""
    clauses: list[list[str]] = [[]]
    for token in marked:
        if is_mark(token):
            if token in (SENTENCE, ASKED):
                yield [clause for clause in clauses if clause], token == ASKED
                clauses = []
            clauses.append([])
            continue
        for word in (token,) if token in strange else vocabulary.meant(token):
            if "contrast" in vocabulary.roles(word) and any(clauses):
                yield [clause for clause in clauses if clause], False
                clauses = [[]]
            clauses[-1].append(word)
    if any(clauses):
        yield [clause for clause in clauses if clause], False


def _units(words: Sequence[str], vocabulary: Vocabulary) -> list[Unit]:
    units = [_unit(word, vocabulary) for word in words]
    found = [(start, end, role) for start in range(len(words)) for end, role in vocabulary.phrases.at(words, start)]
    taken = [0] * len(words)  # the length of the phrase that a word was taken by
    for start, end, role in sorted(found, key=lambda phrase: phrase[0] - phrase[1]):
        denies = any("neg" in unit.roles for unit in units[start:end])  # "niet pluis", "zonder nummerplaat"
        if (role in WHOLE or (role in TELLING and denies)) and not any(taken[start:end]):
            taken[start:end] = [end - start] * (end - start)
            for unit in units[start:end]:
                unit.roles, unit.known = set(), True
    for start, end, role in found:
        if all(length in (0, end - start) for length in taken[start:end]):
            units[start].roles.add(role)
            for unit in units[start:end]:
                unit.known = True
    return _without_own(units)


def _unit(word: str, vocabulary: Vocabulary) -> Unit:
    roles = set(vocabulary.roles(word))
    if word[0].isdigit():
        roles.add("number")
    return Unit(word, roles, bool(roles))


def _without_own(units: list[Unit]) -> list[Unit]:
    """One's own husband and car are not the man and the car of a report."""
    for place, unit in enumerate(units):
        if "own" in unit.roles:
            for mine in units[place + 1 : place + 1 + OWNED]:
                if mine.roles & THEIRS:
                    mine.roles -= THEIRS
                    break
    return units


def _denied_from(units: Sequence[Unit]) -> int:
    """Where in a clause a negation or an "if I see anything" begins; its length when there is none."""
    condition = next((place for place, unit in enumerate(units) if "conditional" in unit.roles), len(units))
    return min(condition, _negated_from(units))


def _negated_from(units: Sequence[Unit]) -> int:
    denies = [place for place, unit in enumerate(units) if "neg" in unit.roles]
    if denies and any("perceive" in unit.roles for unit in units):
        return 0
    for place in denies:
        roles = units[place].roles
        reach = DENIED_BY_NOUN if "none_noun" in roles else DENIED_BY_THING if "none_thing" in roles else 0
        wanted = TELLING if "none_noun" in roles else frozenset({"crime", "strange"})
        if any(unit.roles & wanted for unit in units[place + 1 : place + 1 + reach]):
            return place
    return len(units)


def _opens_as_question(words: Sequence[str], units: Sequence[Unit], vocabulary: Vocabulary) -> bool:
    start = 0
    while start < len(units) - 1 and units[start].roles & PREFACE and not _asks_at(words, start, vocabulary):
        start += 1
    return _asks_at(words, start, vocabulary)


def _asks_at(words: Sequence[str], start: int, vocabulary: Vocabulary) -> bool:
    return next(vocabulary.questions.at(words, start), None) is not None


@cache
def vocabularies() -> dict[str, Vocabulary]:
    """By language; made when first asked for."""
    return {name: Vocabulary(name) for name in lang.LANGUAGES}
