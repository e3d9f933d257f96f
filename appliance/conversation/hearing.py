"""What is left of a text once its spelling no longer matters, and the word lists it is held against. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from appliance import lang

# Ligatures and strokes that Unicode does not take apart; sharp s is casefolded.
LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l"})
TOKEN = re.compile(r"[^\W_]+|[^\w\s]|\n")
SENTENCE, CLAUSE, ASKED = ".", ",", "?"  # marks between words: an end, a pause, the end of a question
ENDS = {".": SENTENCE, "!": SENTENCE, ";": SENTENCE, "\n": SENTENCE, "…": SENTENCE, "?": ASKED}
PAUSES = ",:()/"
# "okeeee": more than three equal letters say no more than three. It also keeps the patterns below from backtracking.
HELD_DOWN = re.compile(r"([^\W\d_])\1{3,}")
QUOTE = re.compile('["“”„«»](.*)["“”„«»]|["“„«](.*)$', re.DOTALL)
ASKS = re.compile("[?\uff1f](?:\\W{0,5}$|\\s)")  # as ever with a bound: anybody may send 40 000 question marks
SIGNATURE = 3  # words after "groetjes" that may still be a name
VERBATIM = 20  # characters: a text of ours at least so long is cut out wherever it stands
RUN = 8  # so many words of ours in a row were not typed by a person
QUOTED_RUN = 3  # the same, between quotation marks
OURS = 0.6  # share of a quoted passage that must be ours


def plain(text: str) -> str:
    """*text* without accents, capitals, joiners, skin colours and held-down letters; spaces and punctuation stay."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(LETTERS)
    bare = (char for char in unicodedata.normalize("NFKD", folded) if not _is_modifier(char))
    return HELD_DOWN.sub(r"\1\1\1", "".join(bare))


def _is_modifier(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Me", "Cf", "Sk")


def tokens(text: str) -> list[str]:
    """The words, numbers and pictures of *text*, in order; punctuation is gone."""
    return [token for token in marked(text) if not is_mark(token)]


def marked(text: str) -> list[str]:
    """The words, numbers and pictures of *text*, with a mark wherever a sentence or a part of one ends."""
    said = plain(text)
    found = ((match.group(), said[match.end() : match.end() + 1]) for match in TOKEN.finditer(said))
    return [token for token in (_word_or_mark(one, after) for one, after in found) if token]


def _word_or_mark(one: str, after: str) -> str:
    if one.isalnum() or unicodedata.category(one[0]) == "So":
        return one
    if one == "." and after.isalnum():
        return ""  # "o.k", "a.u.b."
    return ENDS.get(one, CLAUSE if one in PAUSES or (one in "-–—" and after == " ") else "")


def is_mark(token: str) -> bool:
    """Whether *token* stands between words and is none."""
    return token in (SENTENCE, CLAUSE, ASKED)


class Phrases:
    """A list of patterns, to be found in a line of tokens. How they are written: lang/nl.toml."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Raise nothing: a pattern is only ever words and stars."""
        written = [_regex(pattern) for pattern in patterns]
        anything = "|".join(sorted(written, key=len, reverse=True)) or r"(?!)"
        self._within = re.compile(rf"(?<!\S)(?:{anything})(?!\S)")

    def find(self, words: Sequence[str]) -> str | None:
        """The first words that match, or None."""
        found = self._within.search(" ".join(words))
        return found.group() if found else None

    def is_all(self, words: Sequence[str]) -> bool:
        """Whether *words* are one pattern and nothing else: never by partial match."""
        return self._within.fullmatch(" ".join(words)) is not None

    def without(self, words: Sequence[str]) -> list[str]:
        """*words* with a gap, which no pattern bridges, in place of every match."""
        return self._within.sub("-", " ".join(words)).split()


def _regex(pattern: str) -> str:
    stars = pattern.replace("*", "\ue000")  # a private-use letter, so that tokens are cut as in a text
    return " ".join(_word(word) for word in re.findall(r"[\w\ue000]+|[^\w\s]", plain(stars)))


def _word(word: str) -> str:
    """Each letter may be held down: "ok" stands for "okkk" too, "inbraak" for "inbraaak" but not for "inbrak"."""
    runs = (match.group() for match in re.finditer(r"(.)\1*", word))
    return "".join(_run(run) for run in runs)


def _run(run: str) -> str:
    if run[0] == "\ue000":
        return r"\S*"
    return re.escape(run[0]) + f"{{{len(run)},}}" if run[0].isalpha() else re.escape(run)


@dataclass(frozen=True)
class Lexicon:
    """Every word list, over all languages: people mix them within one text."""

    lists: Mapping[str, Phrases]
    languages: Mapping[str, Phrases]  # the names of each language

    def __getitem__(self, name: str) -> Phrases:
        """The list called *name*."""
        return self.lists[name]


@cache
def lexicon() -> Lexicon:
    """Made when first asked for."""
    words = {name: lang.load(name)["words"] for name in (*lang.LANGUAGES, lang.COMMON)}
    names = {key for listed in words.values() for key in listed} - {"names"}
    return Lexicon(
        lists={key: Phrases(pattern for listed in words.values() for pattern in listed.get(key, ())) for key in names},
        languages={name: Phrases(words[name]["names"]) for name in lang.LANGUAGES},
    )


@dataclass(frozen=True)
class Heard:
    """A text, made ready to be held against the lists."""

    words: list[str]  # all of it, without what was quoted from us
    marked: list[str]  # the same, with a mark wherever a sentence or a part of one ends
    core: list[str]  # without greeting and signature
    quoted: bool  # some of our own words were in it
    asks: bool  # a sentence ends in a question mark
    shouted: bool  # one word in capitals and nothing else: how the printed commands are written


def hear(text: str, our_texts: Sequence[str]) -> Heard:
    """*text* as `Heard`; *our_texts* are what we lately sent to its writer."""
    ours = [tokens(sent) for sent in our_texts]
    rest = without_quotes(_without_whole(text, our_texts), ours)
    cut = marked(rest)
    said = [token for token in cut if not is_mark(token)]
    covered = iter(_covered(said, ours, RUN))
    cut = [token for token in cut if is_mark(token) or not next(covered)]
    words = [token for token in cut if not is_mark(token)]
    return Heard(
        words=words,
        marked=cut,
        core=without_courtesies(words),
        quoted=rest != text or len(words) < len(said),
        asks=ASKS.search(rest) is not None,
        shouted=rest.strip().isalpha() and rest.strip().isupper(),
    )


def _without_whole(text: str, our_texts: Sequence[str]) -> str:
    for sent in our_texts:
        text = text.replace(sent, " ") if len(sent) >= VERBATIM else text
    return text


def without_quotes(text: str, ours: Sequence[Sequence[str]]) -> str:
    """*text* without a passage between quotation marks that we wrote.

    An iPhone's reaction quotes the whole alert, in which STOP and the burglar stand; its verb differs by language.
    """
    found = QUOTE.search(text)
    if found is None or not _is_ours(tokens(found.group()), ours):
        return text
    return text[: found.start()] + " " + text[found.end() :]


def _is_ours(passage: Sequence[str], ours: Sequence[Sequence[str]]) -> bool:
    if not passage:
        return False
    if _opens_like_us(passage) or any(list(sent[: len(passage)]) == list(passage) for sent in ours):
        return True
    return sum(_covered(passage, ours, QUOTED_RUN)) >= OURS * len(passage)


def _opens_like_us(passage: Sequence[str]) -> bool:
    return any(lexicon()["opening"].is_all(passage[:length]) for length in range(2, 6))


def _covered(words: Sequence[str], ours: Sequence[Sequence[str]], length: int) -> list[bool]:
    known = {run for sent in ours for run in _runs(sent, length)}
    covered = [False] * len(words)
    for start, run in enumerate(_runs(words, length)):
        if run in known:
            covered[start : start + length] = [True] * length
    return covered


def _runs(words: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[start : start + length]) for start in range(len(words) - length + 1))


def without_courtesies(words: Sequence[str]) -> list[str]:
    """*words* without an opening greeting, and without a closing one and the name after it."""
    rest = list(words)
    while len(rest) > 1 and lexicon()["greeting"].is_all(rest[:1]):
        rest = rest[1:]
    for start in range(max(1, len(rest) - SIGNATURE - 2), len(rest)):
        if any(
            lexicon()["closing"].is_all(rest[start:end]) and len(rest) - end <= SIGNATURE
            for end in range(start + 1, len(rest) + 1)
        ):
            return rest[:start]
    return rest
