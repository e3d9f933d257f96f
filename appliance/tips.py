"""The library of tips: texts for a preventive message, in each language (R6, R27, R81). Pure; the words are data.

A tip is sent as a coordinator's text, and says so: only what the police wrote bears their name (R91).
"""

from dataclasses import dataclass

from appliance import lang


@dataclass(frozen=True)
class Tip:
    """One tip in one language."""

    name: str
    title: str
    text: str
    months: tuple[int, ...]  # when it fits best


_WHEN = {name: tuple(tip["months"]) for name, tip in lang.tips("nl").items()}
_FOUND = {
    language: {name: Tip(name, tip["title"], tip["text"], _WHEN[name]) for name, tip in lang.tips(language).items()}
    for language in lang.LANGUAGES
}


def known(language: str, month: int) -> list[Tip]:
    """All tips in *language*, those that fit *month* first."""
    return sorted(_FOUND[language].values(), key=lambda tip: month not in tip.months)


def named(name: str, language: str) -> Tip | None:
    """The tip called *name*, or None."""
    return _FOUND[language].get(name)
