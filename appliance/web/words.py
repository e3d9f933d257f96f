"""The page's own words: gettext with Dutch as the language of the sources, typed."""

import flask_babel

from appliance.plain import Said, Unfit


def gettext(words: str, **values: object) -> str:
    """*words* in the language of this request, with *values* filled in."""
    return str(flask_babel.gettext(words, **values))


def ngettext(one: str, many: str, number: int, **values: object) -> str:
    """*one* or *many*, by *number*; `%(num)d` in it is the number."""
    return str(flask_babel.ngettext(one, many, number, **values))


def told(bad: Unfit | Said) -> str:
    """What is wrong with what was filled in, in the language of this request."""
    said = bad.said if isinstance(bad, Unfit) else bad
    return gettext(said.words, **said.values)
