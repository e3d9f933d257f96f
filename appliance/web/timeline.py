"""What happened to one alert, in order: from the log, which says who, and from the facts, which say how far."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext

from appliance.alerts.progress import Progress
from appliance.life import observance
from appliance.life.observance import Deviation
from appliance.models import Account, Alert, Audit, Member, PoliceContact
from appliance.papers import word
from appliance.web import reading, show
from appliance.web.words import gettext as _

VERBS = {
    "created": lazy_gettext("Bericht van %(who)s"),
    "proved the phone": lazy_gettext("%(who)s bewees met een getal dat de gsm echt is"),
    "asked again": lazy_gettext("Niemand besliste: de coördinatoren kregen de vraag opnieuw"),
    "countdown begun": lazy_gettext("%(who)s drukte op versturen"),
    "countdown stopped": lazy_gettext("%(who)s hield het tegen"),
    "countdown too old": lazy_gettext("De kast was uit op het moment van vertrek: opnieuw te beoordelen"),
    "countdown without effect": lazy_gettext("Het aftellen was voorbij, maar er kon niets vertrekken"),
    "forwarded": lazy_gettext("%(who)s stuurde het door %(how)s"),
    "delayed": lazy_gettext("%(who)s stelde het uit %(how)s"),
    "declined": lazy_gettext("%(who)s stuurde het niet door %(how)s"),
    "went stale": lazy_gettext("Te oud geworden om vanzelf te vertrekken: opnieuw te beoordelen"),
    "withdrawn": lazy_gettext("%(who)s stopte het %(how)s"),
    "marked from above": lazy_gettext("%(who)s merkte het als bovenlokaal"),
    "marked from the zone": lazy_gettext("%(who)s merkte het als van onze eigen zone"),
    observance.VERB: lazy_gettext("Anders dan het getekende plan: %(how)s"),
    "repeated": lazy_gettext("%(who)s liet het herhalen voor wie stil bleef"),
    "went on above the ceiling": lazy_gettext("%(who)s liet het doorgaan boven het plafond van de simkaart"),
    "went on after a break": lazy_gettext("Het versturen viel stil en ging verder"),
    "closed": lazy_gettext("%(who)s sloot het af %(how)s"),
}
HOW = {
    "page": lazy_gettext("op deze pagina"),
    "page, called back": lazy_gettext("op deze pagina, na terugbellen"),
    "sms": lazy_gettext("per sms"),
    "button": lazy_gettext("met de knop"),
    "command line": lazy_gettext("aan de kast"),
    "one-level": lazy_gettext("vanzelf, zoals het charter zegt"),
}
FAST = ", fast"  # behind the way, when the letters were made plain
ROWS = {"member": (Member, "name"), "contact": (PoliceContact, "name"), "account": (Account, "username")}


@dataclass(frozen=True)
class Moment:
    """One thing that happened."""

    at: datetime
    words: str


def of(alert: Alert, done: Progress) -> list[Moment]:
    """Everything that is known to have happened to *alert*, oldest first."""
    told = [_told(row, alert) for row in reading.log_of(alert) if row.verb in VERBS]
    return sorted(told + _facts(alert, done), key=lambda moment: moment.at)


def _told(row: Audit, alert: Alert) -> Moment:
    """A row of the log as a sentence. The log knows no names; the alert keeps that of whoever wrote or decided."""
    plain = row.detail.removesuffix(FAST)
    values = {"who": _name(row.actor), "how": HOW.get(plain, "")}
    if row.verb == observance.VERB:
        values["how"] = deviations(observance.read(row.detail))
    if row.verb == "created":
        values["who"] = alert.police_contact.name if alert.police_contact else alert.author or values["who"]
    letters = _("zonder bijzondere letters") if row.detail != plain else ""
    return Moment(row.at, " ".join(f"{VERBS[row.verb] % values} {letters}".split()))


def deviations(found: Iterable[Deviation]) -> str:
    """*found* in the language of the page."""
    return "; ".join(word("deviation", deviation, show.language()) for deviation in found)


def _name(actor: str) -> str:
    """Who "member 3" is; the box itself has other names in the log."""
    kind, _space, id_ = actor.partition(" ")
    table, column = ROWS.get(kind, (None, ""))
    if table is None:
        return {"knop": _("De knop"), "klok": _("De kast")}.get(actor, actor)
    row = table.get_or_none(table.id == int(id_.split()[0]))
    return str(getattr(row, column)) if row else _("Iemand")


def _facts(alert: Alert, done: Progress) -> list[Moment]:
    last = _("Laatste sms tot nu toe") if done.busy else _("Laatste sms")
    known = (
        (alert.ceiling_told_at, _("De coördinatoren hoorden dat het wacht op het plafond van de simkaart")),
        (done.first_submitted_at, _("Eerste sms aanvaard door het netwerk")),
        (done.last_submitted_at, last),
        (alert.counted_at, _("De politie kreeg de aantallen")),
        (alert.feedback_at, _("De leden hoorden hoe het afliep")),
    )
    return [Moment(at, words) for at, words in known if at]
