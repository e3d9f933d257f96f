"""What the box cannot do for somebody, told in plain words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class PlainError(Exception):
    """`str()` is one clear line for whoever asked, and says what to do. Nothing was changed."""


@dataclass(frozen=True)
class Said:
    """A Dutch sentence with its values: `str()` fills them in; the page looks *words* up in its catalogues first."""

    words: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.words % self.values


class Unfit(PlainError):
    """What a person gave cannot be used: *said*, and `str()`, say so."""

    def __init__(self, words: str, **values: object) -> None:
        self.said = Said(words, values)
        super().__init__(str(self.said))


def say(words: str) -> str:
    """*words* as they are; the catalogues hold what is marked so."""
    return words
