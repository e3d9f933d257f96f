"""How facts look on the page: filters and words for the templates. No rules."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

from flask import Flask
from flask_babel import (
    format_currency,
    format_date,
    format_datetime,
    format_percent,
    format_timedelta,
    get_locale,
    lazy_gettext,
)
from markupsafe import Markup, escape

from appliance import alerts, health, phone, wording
from appliance.alerts import AlertState, MessageClass, countdown, streets_of
from appliance.alerts.progress import Line, Progress, Stage
from appliance.health import Level, Told, Trouble
from appliance.models import Acknowledgement, Alert, PoliceContact
from appliance.people.members import Role
from appliance.proof import Doubt
from appliance.web import context, languages
from appliance.web.words import gettext as _
from appliance.web.words import ngettext

# shape and word beside every colour: urgent, attention and ok are one brown to many men (facts/ux 4.1)
CLASSES = {
    MessageClass.URGENT: ("!", lazy_gettext("DRINGEND")),
    MessageClass.PANIC: ("!", lazy_gettext("NOODKNOP")),
    MessageClass.FEEDBACK: ("↩", lazy_gettext("FEEDBACK")),
    MessageClass.FEEDBACK_COORDINATORS: ("↩", lazy_gettext("FEEDBACK-COORD")),
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
    Level.DRILL: ("good", "▧", lazy_gettext("Oefening")),
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
DOUBTS = {
    Doubt.NO_CODE: lazy_gettext("er stond geen code bij"),
    Doubt.WRONG_CODE: lazy_gettext("de code klopt niet"),
    Doubt.USED_CODE: lazy_gettext("de code was al gebruikt"),
    Doubt.OLD: lazy_gettext("de sms was te lang onderweg"),
    Doubt.FUTURE: lazy_gettext("het tijdstip van de sms klopt niet"),
    Doubt.GUESSING: lazy_gettext("de code klopt, maar er kwamen net foute codes binnen"),
    Doubt.NOT_ALLOWED: lazy_gettext("deze persoon mag zo'n bericht niet versturen"),
}
GENERATIONS = {"GSM": "2G", "GPRS": "2G", "EDGE": "2G", "UMTS": "3G", "HSPA": "3G", "LTE": "4G", "NR": "5G"}
OPEN = (None, AlertState.WAITING, AlertState.DELAYED)  # not left yet; in no store yet
LANGUAGES = {"nl": "Nederlands", "fr": "Français", "de": "Deutsch", "en": "English"}
WORST_FIRST = tuple(STAGES)

ODD_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
FINE = {"\n", "\t", "\N{ZERO WIDTH JOINER}"}  # the joiner holds families of emoji together


def install(app: Flask) -> None:
    """The filters and tables of this module, under their names, for every template of *app*."""
    filters = (
        outside, clock, seconds_left, moment, day, iso_day, month, month_name, duration, ago, euros, percent, tel,
        refusal, groups, line_stage, doubt, sender, on_trial,
        generation,
    )  # fmt: skip
    for filter_ in filters:
        app.add_template_filter(filter_)
    app.add_template_filter(phone.masked, "masked")
    app.add_template_filter(phone.as_dialled, "dialled")

    @app.context_processor
    def _tables() -> dict[str, object]:
        return {
            "CLASSES": CLASSES, "STATES": STATES, "LEVELS": LEVELS, "STAGES": STAGES, "ROLES": ROLES,
            "LANGUAGES": LANGUAGES, "told": told, "bin": context.the_bin(), "streets_of": streets_of,
        }  # fmt: skip


def language() -> str:
    """The language of this request."""
    locale = get_locale()
    return str(locale.language) if locale else "nl"


def told(trouble: Trouble) -> Told:
    """What to say of *trouble* in the language of this request."""
    return health.told(trouble, language())


def outside(text: str | None) -> Markup:
    """*text*, which anybody may have written: escaped, and what cannot be seen or turns the line is shown by number."""
    if not text or text.isprintable():  # nearly all: a list of a thousand names is looked at as a whole, name by name
        return escape(text or "")
    return Markup("").join(_shown(character) for character in text)


def _shown(character: str) -> Markup:
    if unicodedata.category(character) not in ODD_CATEGORIES or character in FINE:
        return escape(character)
    return Markup('<span class="odd">[U+{}]</span>').format(f"{ord(character):04X}")


def clock(at: datetime | None) -> str:
    """The time of day on the clocks of the neighbourhood: 14u33, 14h33, 14:33."""
    return "–" if at is None else wording.time(context.the_bin().local(at), languages.chosen())


def seconds_left(due_at: datetime) -> int:
    """Whole seconds until *due_at*."""
    return countdown.left(due_at, context.now())


def moment(at: datetime | None) -> str:
    """Day and time: "vandaag om 14u33", "gisteren om …", "di 24/11 om …"."""
    if at is None:
        return _("nooit")
    local, today = context.the_bin().local(at), context.the_bin().local(context.now()).date()
    days = (today - local.date()).days
    day = {0: _("vandaag"), 1: _("gisteren"), -1: _("morgen")}.get(days)
    return _("%(day)s om %(time)s", day=day or format_datetime(local, "EEE d/M", rebase=False), time=clock(at))


def day(at: date) -> str:
    """The date in full, in the language of the page."""
    return str(format_date(at, "long", rebase=False))


def iso_day(written: str) -> str:
    """The same of a date as it is kept."""
    return day(date.fromisoformat(written))


def month(at: date) -> str:
    """Month and year: "november 2026"."""
    return str(format_date(at, "MMMM y", rebase=False))


def month_name(at: date) -> str:
    """The month, as a title begins: "November"."""
    return str(format_date(at, "LLLL", rebase=False)).capitalize()


def duration(length: timedelta) -> str:
    """About how long, in words."""
    minutes = round(length.total_seconds() / 60)
    if minutes < 1:
        return _("minder dan een minuut")
    return ngettext("ongeveer %(num)d minuut", "ongeveer %(num)d minuten", minutes)


def ago(at: datetime) -> str:
    """How long it is since *at*: "3 dagen geleden"."""
    return str(format_timedelta(min(at - context.now(), timedelta(0)), granularity="minute", add_direction=True))


def euros(cents: int) -> str:
    """A sum of money."""
    return str(format_currency(Decimal(cents) / 100, "EUR"))


def percent(part: float) -> str:
    """*part* of one, as people say it."""
    return str(format_percent(part))


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


def generation(technology: str) -> str:
    """What people call the kind of network that a modem names."""
    return GENERATIONS.get(technology.upper(), technology)


def doubt(alert: Alert) -> str:
    """Why the police text *alert* is not believed; one that was typed over from a telephone has no doubt of its own."""
    return str(DOUBTS[Doubt(alert.doubt)]) if alert.doubt else _("iemand gaf hem mondeling door")


def on_trial(alert: Alert) -> bool:
    """Whether *alert* left, or would leave now, before the charter is signed (R20)."""
    return alerts.is_on_trial(alert) if alert.state in OPEN else alert.on_trial


def sender(flood: Acknowledgement) -> str:
    """Of whom a flood is: a masked number, or the name of a police contact."""
    kind, _space, id_ = str(flood.detail).partition(" ")
    contact = PoliceContact.get_or_none(PoliceContact.id == id_) if kind == "contact" else None
    return str(contact.name if contact else flood.detail)


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
