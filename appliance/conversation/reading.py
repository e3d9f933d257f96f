"""What a text says in one language: the rules of lang/words_common.toml held against its sentences. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, product

from appliance import lang
from appliance.conversation.hearing import Heard, is_mark
from appliance.conversation.sentences import TELLING, Sentence, Unit, sentences, vocabularies

RULES: dict[str, list[list[str]]] = {
    name: [rule.split() for rule in rules] for name, rules in lang.vocabulary(lang.COMMON)["rules"].items()
}
MOST_WORDS = 400  # of one text; a person does not write more by SMS, and time is bounded
AS_LIKELY = 0.7  # of the best language's known words: one that knows so many may be meant too
OWN_LEAD = 0.5  # words by which the member's own language is ahead
SHORT_ANSWER = 6  # words: so short, two of them may be names or slips
WEAK_ANSWER = 3  # words: "goed" alone is an answer, in a sentence it is praise
GOOD = frozenset({"confirm", "vigil", "calm"})
DISTURBING = TELLING | {"keeps", "neg", "gone", "quit", "ask", "absent"}


@dataclass(frozen=True)
class Reading:
    """A text as one language understands it."""

    language: str
    sentences: list[Sentence]

    def report(self) -> str | None:
        """The words that smell of a report, or None."""
        for sentence in self.sentences:
            names = ["report_even_asked"]
            names += ["report_asked_by_one_concerned"] if sentence.opens_as_question else ["report"]
            found = self._first(names, sentence.units)
            if found:
                return found
        return None

    def tells(self, rule: str) -> str | None:
        """The words by which *rule* holds for the text as a whole, denied or not, or None."""
        return self._first([rule], self._every())

    def has(self, role: str) -> str | None:
        """The first word of *role*, denied or not, or None."""
        return next((unit.word for unit in self._every() if role in unit.roles), None)

    def _every(self) -> list[Unit]:
        return [unit for sentence in self.sentences for unit in (*sentence.units, *sentence.denied)]

    def asks(self) -> bool:
        """Whether a sentence is a question."""
        return any(sentence.is_question for sentence in self.sentences)

    def confirms(self, core: int) -> bool:
        """Whether it says that it was read, or that all is well, and nothing that a person should look at.

        *core* is the number of words without greeting and signature.
        """
        said = [unit for sentence in self.sentences for unit in sentence.units]
        denied = any(sentence.denied for sentence in self.sentences)
        good = GOOD | {"weak"} if core <= WEAK_ANSWER else GOOD
        if not denied and not any(unit.roles & good for unit in said):
            return False
        unknown = sum(not unit.known for unit in said)
        allowed = 2 if core <= SHORT_ANSWER else core // 5
        return unknown <= allowed and not any(unit.roles & DISTURBING for unit in said)

    def _first(self, names: Sequence[str], units: Sequence[Unit]) -> str | None:
        for name in names:
            for rule in RULES[name]:
                found = _match(rule, units)
                if found:
                    pairs = zip(rule, found, strict=False)  # barred roles stand last
                    return " + ".join(f"{unit.word} ({role})" for role, unit in pairs) + f", in {self.language}"
        return None


def _match(rule: Sequence[str], units: Sequence[Unit]) -> list[Unit] | None:
    """A unit for each role of *rule*, no unit twice; or None. No unit may play a role with a "!"."""
    barred = {role[1:] for role in rule if role[0] == "!"}
    if barred and any(unit.roles & barred for unit in units):
        return None
    rule = [role for role in rule if role[0] != "!"]
    # As many candidates a role as there are roles are enough to find such units if there are any.
    candidates = [list(islice((unit for unit in units if role in unit.roles), len(rule))) for role in rule]
    for chosen in product(*candidates):
        if len({id(unit) for unit in chosen}) == len(rule):
            return list(chosen)
    return None


def readings(heard: Heard, language: str) -> list[Reading]:
    """*heard* in each language that it may be written in, the likeliest first; *language* is the writer's own."""
    words = [token for token in heard.marked if not is_mark(token)][:MOST_WORDS]
    marked = heard.marked[: 2 * MOST_WORDS]
    known = {name: {word for word in words if vocabulary.knows(word)} for name, vocabulary in vocabularies().items()}
    found = {
        name: Reading(name, sentences(marked, vocabulary, _foreign(known, name)))
        for name, vocabulary in vocabularies().items()
        if _likely(known, name)
    }
    scores = {name: _score(reading) + OWN_LEAD * (name == language) for name, reading in found.items()}
    least = AS_LIKELY * max(scores.values())
    return [found[name] for name in sorted(scores, key=scores.__getitem__, reverse=True) if scores[name] >= least]


def _likely(known: dict[str, set[str]], name: str) -> bool:
    """Whether spelling alone leaves *name* a chance: half as many known words as the best."""
    return 2 * len(known[name]) >= max(map(len, known.values()))


def _foreign(known: dict[str, set[str]], name: str) -> frozenset[str]:
    """Words that only other languages know as they are spelled."""
    return frozenset(
        word
        for other, words in known.items()
        if other != name
        for word in words - known[name]
        if vocabularies()[other].spells(word)
    )


def _score(reading: Reading) -> float:
    units = [unit for sentence in reading.sentences for unit in (*sentence.units, *sentence.denied)]
    return sum(unit.known and "number" not in unit.roles for unit in units)
