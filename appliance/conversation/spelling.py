"""Which known word a misspelled one was to be. Pure; one letter off, or another way to write the same sound."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

SHORTEST_GUESS = 5  # letters: a shorter word with a wrong letter is another word
SHORTEST_STEM = 6  # the same for the beginning of a word
SHORTEST_LIKE = 7  # of a stem with a wrong letter: "verlop" is not "verlof"
SHORTEST_SOUND = 4
LONGEST_STEM = 12
SURE_OF_ANY_START = 9  # letters: from here on the first one may be the wrong one

Near = dict[str, list[str]]


class SpellingIndex:
    """Finds the nearest known word, by leaving out one letter of each (as SymSpell does): no word list is walked."""

    def __init__(self, words: Iterable[str], stems: Iterable[str], sounds: Callable[[str], str]) -> None:
        """Hold *words*, and *stems* with which words begin; *sounds* is how a word sounds."""
        self.words = frozenset(words)
        self._stems = sorted(stems)
        self._sounds = sounds

    # Built at the first misspelled word: a program that judges nothing starts at once.

    @cached_property
    def _words_near(self) -> Near:
        return _neighbours(word for word in self.words if len(word) >= SHORTEST_GUESS)

    @cached_property
    def _stems_near(self) -> Near:
        return _neighbours(stem for stem in self._stems if len(stem) >= SHORTEST_LIKE)

    @cached_property
    def _by_sound(self) -> dict[str, str]:
        return {self._sounds(word): word for word in sorted(self.words) if len(word) >= SHORTEST_SOUND}

    @cached_property
    def _stem_by_sound(self) -> dict[str, str]:
        return {self._sounds(stem): stem for stem in self._stems if len(stem) >= SHORTEST_STEM}

    def nearest(self, word: str) -> str | None:
        """The word, or the beginning of words, that *word* was to be; or None."""
        if len(word) < SHORTEST_SOUND:
            return None
        heard = self._sounds(word)
        return (
            _near(word, self._words_near)
            or (self._by_sound.get(heard) if len(heard) >= SHORTEST_SOUND else None)
            or self._beginning(word, heard)
        )

    def _beginning(self, word: str, heard: str) -> str | None:
        for size in range(min(len(word), LONGEST_STEM), SHORTEST_STEM - 1, -1):
            found = _near(word[:size], self._stems_near) or self._stem_by_sound.get(heard[:size])
            if found:
                return found
        return None


def _neighbours(words: Iterable[str]) -> Near:
    near: Near = defaultdict(list)
    for word in sorted(words):
        for key in _shortened(word):
            near[key].append(word)
    return dict(near)


def _shortened(word: str) -> Iterator[str]:
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _near(word: str, near: Near) -> str | None:
    for key in _shortened(word):
        for known in near.get(key, ()):
            if one_letter_off(word, known) and (word[0] == known[0] or _may_start_otherwise(word, known)):
                return known
    return None


def _may_start_otherwise(word: str, known: str) -> bool:
    return len(known) >= SURE_OF_ANY_START or word[:2] == known[1::-1]


def one_letter_off(one: str, other: str) -> bool:
    """Whether the two differ by a letter too many, too few, wrong, or two that changed places."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    swapped = left[1::-1] + left[2:] == right if len(left) > 1 else False
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or swapped
