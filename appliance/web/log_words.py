"""What the log's own short words mean to a person: who did it stands before them, and what about after."""

from flask_babel import lazy_gettext

from appliance.life import observance
from appliance.models import Audit
from appliance.web import show, timeline

VERBS = {
    "account created": lazy_gettext("gaf toegang"),
    "password set": lazy_gettext("veranderde een wachtwoord"),
    "logged in": lazy_gettext("meldde aan"),
    "signed out": lazy_gettext("meldde af"),
    "passkey made": lazy_gettext("stelde vingerafdruk of gezicht in"),
    "passkey forgotten": lazy_gettext("vergat een vingerafdruk of gezicht"),
    "recovery codes made": lazy_gettext("maakte een herstelblad"),
    "recovery code used": lazy_gettext("gebruikte een herstelcode"),
    "app turned on": lazy_gettext("zette de app aan"),
    "app turned off": lazy_gettext("zette de app uit"),
    "added": lazy_gettext("voegde toe"),
    "revoked": lazy_gettext("trok in"),
    "enrolled": lazy_gettext("schreef in"),
    "changed": lazy_gettext("veranderde"),
    "came back": lazy_gettext("schreef opnieuw in"),
    "left": lazy_gettext("schreef uit"),
    "suspended": lazy_gettext("zette stil: fout nummer"),
    "renumbered": lazy_gettext("gaf een ander nummer aan"),
    "no longer coordinator": lazy_gettext("maakte gewoon lid van"),
    "stopped preventive": lazy_gettext("wil geen preventieve berichten"),
    "stopped night": lazy_gettext("wil geen berichten 's nachts"),
    "erased": lazy_gettext("wiste"),
    "request refused": lazy_gettext("zei nee op een vraag"),
    "members read in": lazy_gettext("las een lijst in"),
    "list undone": lazy_gettext("maakte een lijst ongedaan"),
    "exported members": lazy_gettext("voerde de ledenlijst uit"),
    "printed members": lazy_gettext("drukte de bellijst af"),
    "printed calls": lazy_gettext("drukte af wie wie belt"),
    "settings chosen": lazy_gettext("koos naam, taal of politienummer"),
    "logo chosen": lazy_gettext("koos een logo"),
    "logo removed": lazy_gettext("haalde het logo weg"),
    "told by telephone": lazy_gettext("vertelde het zelf"),
    "not told by telephone": lazy_gettext("nam terug dat het verteld was"),
    "dry drill": lazy_gettext("oefende droog"),
    "payment noted": lazy_gettext("noteerde een betaling"),
    "will be called": lazy_gettext("zette op de bellijst"),
    "will not be called": lazy_gettext("haalde van de bellijst"),
    "police contact added": lazy_gettext("voegde een politiecontact toe"),
    "police contact's secret renewed": lazy_gettext("maakte nieuwe codes"),
    "police contact revoked": lazy_gettext("trok een politiecontact in"),
    "officer appointed": lazy_gettext("maakte bekend bij de leden"),
    "officer relieved": lazy_gettext("is niet meer bekend bij de leden"),
    "hours shown": lazy_gettext("toont zijn uren aan de leden"),
    "hours hidden": lazy_gettext("toont zijn uren niet meer"),
    "proved the phone": lazy_gettext("bewees de telefoon"),
    "composed": lazy_gettext("schreef een bericht"),
    "created": lazy_gettext("bracht een bericht binnen"),
    "forwarded": lazy_gettext("stuurde door"),
    "delayed": lazy_gettext("stelde uit"),
    "declined": lazy_gettext("stuurde niet door"),
    "withdrawn": lazy_gettext("stopte het versturen"),
    "closed": lazy_gettext("sloot af"),
    "residence confirmed": lazy_gettext("bevestigde dat de coördinator hier woont"),
    "issue noted": lazy_gettext("noteerde een probleem"),
    "issue changed": lazy_gettext("wijzigde een probleem"),
    "issue solved": lazy_gettext("loste een probleem op"),
    "deviated": lazy_gettext("week af van het plan"),
    "marked from above": lazy_gettext("merkte als bovenlokaal"),
    "marked from the zone": lazy_gettext("merkte als van de eigen zone"),
    "repeated": lazy_gettext("herhaalde"),
    "asked again": lazy_gettext("vroeg opnieuw"),
    "went stale": lazy_gettext("liet verlopen"),
    "held": lazy_gettext("werd ingedrukt"),
    "went on above the ceiling": lazy_gettext("ging verder boven het plafond"),
    "went on after a break": lazy_gettext("ging verder na een onderbreking"),
    "countdown begun": lazy_gettext("begon af te tellen"),
    "countdown stopped": lazy_gettext("stopte het aftellen"),
    "countdown too old": lazy_gettext("telde te laat af"),
    "countdown without effect": lazy_gettext("telde af zonder gevolg"),
    "answered": lazy_gettext("antwoordde een lid"),
    "handed on": lazy_gettext("gaf door aan de politie"),
    "read": lazy_gettext("las een antwoord"),
    "acknowledged": lazy_gettext("vinkte een melding af"),
    "backed up": lazy_gettext("maakte een reservekopie"),
    "backup key chosen": lazy_gettext("koos de sleutel van de reservekopie"),
    "update offered": lazy_gettext("vond een nieuwe versie op de stick"),
    "update wanted": lazy_gettext("wil dat de nieuwe versie geïnstalleerd wordt"),
    "update begun": lazy_gettext("begon een nieuwe versie te installeren"),
    "exported log": lazy_gettext("voerde het logboek uit"),
    "kept to retention": lazy_gettext("wiste wat te oud was"),
    "log shortened": lazy_gettext("kortte het logboek in"),
    "phase reached": lazy_gettext("bereikte een fase"),
    "founding test certified": lazy_gettext("koos de oprichtingstest"),
    "meeting noted": lazy_gettext("noteerde een vergadering"),
    "theme planned": lazy_gettext("plande een thema"),
    "charter drafted": lazy_gettext("maakte het plan op"),
    "charter signed": lazy_gettext("legde de handtekeningen vast"),
}
KINDS = {
    "alert": lazy_gettext("bericht"),
    "arrival": lazy_gettext("antwoord"),
    "member": lazy_gettext("lid"),
    "contact": lazy_gettext("politiecontact"),
    "account": lazy_gettext("aanmelding"),
    "device": lazy_gettext("toestel"),
    "meeting": lazy_gettext("vergadering"),
    "issue": lazy_gettext("probleem"),
    "version": lazy_gettext("versie"),
    "month": lazy_gettext("maand"),
}
SEALS = {"created", "composed", "backed up", "backup key chosen"}  # their detail is a fingerprint: it is in the file
DETAILS = {
    **show.ROLES,
    **timeline.HOW,
    "fast": lazy_gettext("zonder bijzondere letters"),
    "mandated": lazy_gettext("gemandateerd"),
    "neighbourhood": lazy_gettext("wijkagent"),
    "desk": lazy_gettext("101-centrale of onthaal"),
    "card": lazy_gettext("kaart"),
    "totp": lazy_gettext("app"),
    "new": lazy_gettext("nieuw"),
    "changed": lazy_gettext("gewijzigd"),
    "unchanged": lazy_gettext("ongewijzigd"),
    "duplicate": lazy_gettext("dubbel"),
    "ignored": lazy_gettext("overgeslagen"),
    "error": lazy_gettext("fout"),
    "name": lazy_gettext("naam"),
    "language": lazy_gettext("taal"),
    "police_phone": lazy_gettext("nummer van de politiezone"),
    "people": lazy_gettext("wie de leden zijn"),
    "backup": lazy_gettext("om zelf een kopie te bewaren"),
    "police": lazy_gettext("de politie vraagt het"),
    "other box": lazy_gettext("voor een andere kast"),
    "check": lazy_gettext("om de lijst na te kijken"),
}


def detail(row: Audit) -> str:
    """What more *row* tells a person; its numbers stay, its short words are said in full."""
    if row.verb in SEALS:
        return ""
    if row.verb == observance.VERB:
        return timeline.deviations(observance.read(row.detail))
    return ", ".join(map(_said, row.detail.split(", ")))


def _said(part: str) -> str:
    number, _space, word = part.partition(" ")
    if number.isdigit() and word in DETAILS:
        return f"{number} {DETAILS[word]}"
    return str(DETAILS.get(part, part))
