"""How facts look on the page: filters and words for the templates. No rules."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from flask import Flask
from flask_babel import format_datetime, lazy_gettext
from markupsafe import Markup, escape

from appliance import phone
from appliance.alerts import AlertState, MessageClass
from appliance.health import SENTENCES, Level
from appliance.members import Role
from appliance.models import Alert
from appliance.progress import Line, Progress, Stage
from appliance.web import context
from appliance.web.words import gettext as _
from appliance.web.words import ngettext

# shape and word beside every colour: urgent, attention and ok are one brown to many men (facts/ux 4.1)
CLASSES = {
    MessageClass.URGENT: ("!", lazy_gettext("DRINGEND")),
    MessageClass.PANIC: ("!", lazy_gettext("NOODKNOP")),
    MessageClass.FEEDBACK: ("↩", lazy_gettext("FEEDBACK")),
    MessageClass.TEST: ("▧", lazy_gettext("TEST")),
    MessageClass.PREVENTIVE: ("●", lazy_gettext("PREVENTIEF")),
    MessageClass.ORGANISATION: ("○", lazy_gettext("ORGANISATIE")),
}
STATES = {
    AlertState.WAITING: lazy_gettext("Te beoordelen"),
    AlertState.DELAYED: lazy_gettext("Uitgesteld"),
    AlertState.FORWARDED: lazy_gettext("Verstuurd"),
    AlertState.DECLINED: lazy_gettext("Niet doorgestuurd"),
    AlertState.WITHDRAWN: lazy_gettext("Gestopt"),
    AlertState.CLOSED: lazy_gettext("Afgesloten"),
}
LEVELS = {
    Level.BROKEN: ("bad", "✖", lazy_gettext("Werkt niet")),
    Level.SENDING: ("busy", "➤", lazy_gettext("Bezig")),
    Level.WAITING: ("ask", "●", lazy_gettext("Er wacht iets")),
    Level.ATTENTION: ("mind", "▲", lazy_gettext("Let op")),
    Level.STARTING: ("busy", "…", lazy_gettext("Even geduld")),
    Level.READY: ("good", "✔", lazy_gettext("Alles goed")),
}
STAGES = {
    Stage.FAILED: ("bad", "✖", lazy_gettext("Mislukt")),
    Stage.UNKNOWN: ("mind", "?", lazy_gettext("Onbekend of het vertrok")),
    Stage.DROPPED: ("calm", "–", lazy_gettext("Tegengehouden")),
    Stage.IN_DOUBT: ("mind", "▲", lazy_gettext("In twijfel")),
    Stage.SUBMITTING: ("busy", "➤", lazy_gettext("Wordt nu verstuurd")),
    Stage.QUEUED: ("calm", "…", lazy_gettext("Staat klaar")),
    Stage.SUBMITTED: ("busy", "→", lazy_gettext("Aanvaard")),
    Stage.DELIVERED: ("good", "✔", lazy_gettext("Afgeleverd")),
}
CONFIRMED = ("good", "✔✔", lazy_gettext("Bevestigd"))
ROLES = {
    Role.COORDINATOR: lazy_gettext("coördinator"),
    Role.CORE: lazy_gettext("kerngroep"),
    Role.STREET_LEADER: lazy_gettext("straatverantwoordelijke"),
    Role.MEMBER: lazy_gettext("lid"),
}
LANGUAGES = {"nl": "Nederlands", "fr": "Français", "de": "Deutsch", "en": "English"}
WORST_FIRST = tuple(STAGES)

ODD_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
FINE = {"\n", "\t", "\N{ZERO WIDTH JOINER}"}  # the joiner holds families of emoji together


def install(app: Flask) -> None:
    """The filters and tables of this module, under their names, for every template of *app*."""
    for filter_ in (outside, clock, moment, duration, tel, refusal, groups, line_stage):
        app.add_template_filter(filter_)
    app.add_template_filter(phone.masked, "masked")

    @app.context_processor
    def _tables() -> dict[str, object]:
        return {
            "CLASSES": CLASSES, "STATES": STATES, "LEVELS": LEVELS, "STAGES": STAGES, "ROLES": ROLES,
            "LANGUAGES": LANGUAGES, "SENTENCES": SENTENCES, "bin": context.the_bin(),
        }  # fmt: skip


def outside(text: str | None) -> Markup:
    """*text*, which anybody may have written: escaped, and what cannot be seen or turns the line is shown by number."""
    return Markup("").join(_shown(character) for character in text or "")


def _shown(character: str) -> Markup:
    if unicodedata.category(character) not in ODD_CATEGORIES or character in FINE:
        return escape(character)
    return Markup('<span class="odd">[U+{}]</span>').format(f"{ord(character):04X}")


def clock(at: datetime | None) -> str:
    """The time of day on the clocks of the neighbourhood: 14u33."""
    if at is None:
        return "–"
    local = context.the_bin().local(at)
    return f"{local.hour}u{local.minute:02}"


def moment(at: datetime | None) -> str:
    """Day and time: "vandaag om 14u33", "gisteren om …", "di 24/11 om …"."""
    if at is None:
        return _("nooit")
    local, today = context.the_bin().local(at), context.the_bin().local(context.now()).date()
    days = (today - local.date()).days
    day = {0: _("vandaag"), 1: _("gisteren"), -1: _("morgen")}.get(days)
    return _("%(day)s om %(time)s", day=day or format_datetime(local, "EEE d/M", rebase=False), time=clock(at))


def duration(length: timedelta) -> str:
    """About how long, in words."""
    minutes = round(length.total_seconds() / 60)
    if minutes < 1:
        return _("minder dan een minuut")
    return ngettext("ongeveer %(num)d minuut", "ongeveer %(num)d minuten", minutes)


def tel(number: str) -> str:
    """*number* for a `tel:` link."""
    return "".join(character for character in number if character.isdigit() or character == "+")


def line_stage(line: Line) -> tuple[str, str, str]:
    """Colour, shape and word for one recipient: a person's word goes before the network's."""
    return CONFIRMED if line.confirmed_at else STAGES[line.stage]


def refusal(line: Line) -> str:
    """Why it failed, in Dutch; the table of the network's own words is longer than anybody wants to read here."""
    known = {
        "older than its validity": _("te oud geworden"),
        "the handset could not be reached": _("toestel niet bereikbaar"),
    }
    return known.get(line.code_words) or _("het netwerk weigerde: %(code)s", code=line.code or "?")


def worst_first(progress: Progress) -> list[Line]:
    """The recipients, those who need a human first."""
    return sorted(
        progress.lines, key=lambda line: (line.confirmed_at is not None, WORST_FIRST.index(line.stage), line.name)
    )


def groups(lines: Sequence[Line]) -> list[list[Line]]:
    """*lines* in their order, those that are equally far together."""
    return [list(alike) for _stage, alike in groupby(lines, key=line_stage)]


def decided(alert: Alert) -> str:
    """Who was first, and when: for whoever was second."""
    verbs = {
        AlertState.FORWARDED: _("heeft dit al doorgestuurd"),
        AlertState.CLOSED: _("heeft dit al doorgestuurd; het is afgesloten"),
        AlertState.DECLINED: _("heeft al beslist om dit niet door te sturen"),
        AlertState.DELAYED: _("heeft dit al uitgesteld"),
        AlertState.WITHDRAWN: _("had dit doorgestuurd; het is intussen gestopt"),
    }
    verb = verbs.get(AlertState(alert.state), _("heeft dit al behandeld"))
    return _(
        "%(name)s %(verb)s om %(time)s.", name=alert.decided_by or _("Iemand"), verb=verb, time=clock(alert.decided_at)
    )
