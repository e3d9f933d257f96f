"""The words of one language by what they do ("roles"), errors of spelling and spacing forgiven. Pure; data in lang/."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from appliance import lang
from appliance.conversation.hearing import tokens
from appliance.conversation.spelling import SpellingIndex

GAP = "~"
WIDEST_GAP = 2  # words between two parts of a phrase
SHORTEST_SPLIT = 5  # letters that may be words without their spaces
LONGEST_SPLIT = 80
LONGEST_PIECE = 16
MEAN_PIECE = 2.5  # letters: what falls into smaller pieces is only chance
RUN_TOGETHER = 12  # letters: so long a word may end in "tuin" and still be a sentence
REMEMBERED = 2048  # words whose meaning is kept at hand
START_Q = "start_q"


class Vocabulary:
    """What the words and phrases of a language do."""

    def __init__(self, name: str) -> None:
        """Read the language *name*, one of `lang.LANGUAGES`, and the words that belong to no language."""
        found = lang.vocabulary(name)
        self.name = name
        self.phrases = Phrasebook()
        self.questions = Phrasebook()  # how a sentence that asks begins
        self._folds: list[list[str]] = found["fold"]["pairs"]
        self._exact: dict[str, set[str]] = defaultdict(set)
        self._starts: dict[str, set[str]] = defaultdict(set)
        self._ends: dict[str, str] = {}
        self._inside: dict[str, str] = {}
        for roles in (found["roles"], lang.vocabulary(lang.COMMON)["roles"]):
            for role, patterns in roles.items():
                self._learn(role, patterns.split())
        self._sizes = sorted({len(stem) for stem in self._starts})
        known = {*self._exact, *self._inside, *self._ends, *self.phrases.words, *self.questions.words}
        self._spelling = SpellingIndex(known, [*self._starts], self._sounds)
        self.roles = lru_cache(REMEMBERED)(self._roles)
        self.meant = lru_cache(REMEMBERED)(self._meant)

    def _learn(self, role: str, patterns: Iterable[str]) -> None:
        for pattern in patterns:
            elements = _elements(pattern)
            if role == START_Q:
                self.questions.add(elements, role)
            elif len(elements) > 1:
                self.phrases.add(elements, role)
            elif elements:
                self._learn_word(elements[0], role)

    def _learn_word(self, pattern: str, role: str) -> None:
        bare = pattern.strip("*")
        if pattern.startswith("*"):
            (self._inside if pattern.endswith("*") else self._ends)[bare] = role
        elif pattern.endswith("*"):
            self._starts[bare].add(role)
        else:
            self._exact[bare].add(role)

    def _roles(self, word: str) -> frozenset[str]:
        found = self._exact.get(word, set()) | self._begun(word)
        found |= {role for part, role in self._inside.items() if part in word}
        found |= {role for part, role in self._ends.items() if word.endswith(part)}
        return frozenset(found)

    def _begun(self, word: str) -> set[str]:
        known = (self._starts.get(word[:size], set()) for size in self._sizes if size <= len(word))
        return set().union(*known)

    def spells(self, word: str) -> bool:
        """Whether *word*, all of it, is a word of this language."""
        return word in self._spelling.words

    def knows(self, word: str) -> bool:
        """Whether *word* stands in the vocabulary as it is spelled."""
        return self.spells(word) or bool(self.roles(word))

    def _meant(self, word: str) -> tuple[str, ...]:
        """The known words that *word* stands for: itself, the nearest in spelling, or its parts; else itself."""
        if self.spells(word) or not word.isalpha():
            return (word,)
        if len(word) >= RUN_TOGETHER and not self._begun(word) and (parts := self._parts(word)):
            return tuple(parts)
        if self.knows(word):
            return (word,)
        for shorter in _less_held_down(word):
            if self.knows(shorter):
                return (shorter,)
        nearest = self._spelling.nearest(word)
        return (nearest,) if nearest else tuple(self._parts(word)) or (word,)

    def _sounds(self, word: str) -> str:
        for written, heard in self._folds:
            word = word.replace(written, heard)
        return next(reversed([*_less_held_down(word)]), word)

    def _parts(self, word: str) -> list[str]:
        """*word* as the fewest known words, or nothing; a single letter is one only in a long run ("isaman")."""
        if not SHORTEST_SPLIT <= len(word) <= LONGEST_SPLIT:
            return []
        best: list[list[str] | None] = [[]] + [None] * len(word)
        least = 1 if len(word) >= RUN_TOGETHER else 2
        for end in range(least, len(word) + 1):
            pieces = ((best[start], word[start:end]) for start in range(max(0, end - LONGEST_PIECE), end + 1 - least))
            ways = [[*before, piece] for before, piece in pieces if before is not None and self.spells(piece)]
            best[end] = min(ways, key=len, default=None)
        found = best[-1] or []
        return found if len(word) >= MEAN_PIECE * len(found) else []


def _elements(pattern: str) -> tuple[str, ...]:
    """The words of *pattern*, cut and folded as a text is; stars and gaps stay."""
    found: list[str] = []
    for part in pattern.split("_"):
        bare = tokens(part.strip("*")) or [GAP] * (part == GAP)
        if bare:
            bare[0] = "*" * part.startswith("*") + bare[0]
            bare[-1] += "*" * part.endswith("*")
        elif part == "*":
            bare = ["*"]
        found += bare
    return tuple(found)


def _less_held_down(word: str) -> Iterator[str]:
    """*word* with fewer repeated letters: "okeeee" as "okee" and "oke"."""
    for most in (2, 1):
        kept = "".join(char for place, char in enumerate(word) if word[max(0, place - most) : place] != char * most)
        if kept != word:
            yield kept


class Phrasebook:
    """Phrases, by their first word."""

    def __init__(self) -> None:
        """Begin empty."""
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        self.words: set[str] = set()

    def add(self, elements: tuple[str, ...], role: str) -> None:
        """Hold the phrase *elements* for *role*; its first word is a whole one."""
        self._by_first[elements[0]].append((elements, role))
        self.words |= {word for word in elements if word != GAP and "*" not in word}

    def at(self, words: Sequence[str], start: int) -> Iterator[tuple[int, str]]:
        """Each phrase that begins at *start*: where it ends, and its role."""
        for elements, role in self._by_first.get(words[start], ()):
            end = _end(elements, words, start)
            if end:
                yield end, role


def _end(elements: Sequence[str], words: Sequence[str], start: int) -> int:
    """Where *elements* end when they stand in *words* from *start* on; 0 when they do not."""
    place, gap = start, 0
    for element in elements:
        if element == GAP:
            gap = WIDEST_GAP
            continue
        reach = range(place, min(place + gap + 1, len(words)))
        found = next((here for here in reach if _same(element, words[here])), None)
        if found is None:
            return 0
        place, gap = found + 1, 0
    return place


def _same(element: str, word: str) -> bool:
    return word.startswith(element[:-1]) if element.endswith("*") else element == word
