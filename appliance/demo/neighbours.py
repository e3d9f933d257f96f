"""Who lives in the demo: forty members, two police officers, and what each of them does with a text. All made up."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.people.members import Role


class Habit(StrEnum):
    """What somebody does when an alert comes in."""

    PLAYED = "played"  # by the visitor: a coordinator, or the police
    QUICK = "quick"  # "OK" within seconds
    CHATTY = "chatty"  # "Oké merci", after a while
    THUMB = "thumb"  # an emoji
    RINGS = "rings"  # just rings
    SILENT = "silent"
    STOPS = "stops"  # sends STOP
    REPORTS = "reports"  # tells the box what should go to 101
    OFF = "off"  # the phone is switched off


@dataclass(frozen=True)
class Neighbour:
    """One phone in the street."""

    name: str
    number: str
    street: str
    language: str
    role: Role
    habit: Habit


OFFICER = ("Inspecteur De Wit", "+32470000001")
COORDINATOR_LOGIN = "lies"

_PEOPLE = """
Lies Peeters|Kerkstraat 1|nl|coordinator|played
Jan Claes|Beukenlaan 12|nl|coordinator|played
Fatima Amrani|Lindedreef 7|nl|coordinator|played
Marc Dubois|Kerkstraat 3|fr|core|quick
Greet Jacobs|Beukenlaan 4|nl|core|quick
Karim El Idrissi|Lindedreef 2|nl|street_leader|quick
Annie Maes|Kerkstraat 5|nl|member|chatty
Jef Willems|Kerkstraat 7|nl|member|rings
Maria Goossens|Kerkstraat 9|nl|member|rings
Pieter Wouters|Kerkstraat 11|nl|member|quick
Sofie De Smet|Kerkstraat 13|nl|member|quick
Luc Mertens|Kerkstraat 15|nl|member|silent
Hilde Aerts|Kerkstraat 17|nl|member|thumb
Paul Lambert|Kerkstraat 19|fr|member|chatty
Chantal Simon|Kerkstraat 21|fr|member|quick
Wim Hermans|Kerkstraat 23|nl|member|stops
Els Michiels|Beukenlaan 2|nl|member|reports
Bart Pauwels|Beukenlaan 6|nl|member|quick
Ria Verhoeven|Beukenlaan 8|nl|member|chatty
Tom Janssens|Beukenlaan 10|nl|member|quick
Nele Van Damme|Beukenlaan 14|nl|member|silent
Dirk Bogaert|Beukenlaan 16|nl|member|off
Ingrid Martens|Beukenlaan 18|nl|member|chatty
Klaus Schmitz|Beukenlaan 20|de|member|quick
Helga Müller|Beukenlaan 22|de|member|chatty
Stijn Lemmens|Beukenlaan 24|nl|member|quick
Kris Segers|Beukenlaan 26|nl|member|silent
Leen De Backer|Beukenlaan 28|nl|member|quick
Erik Thys|Lindedreef 1|nl|member|rings
Martine Leroy|Lindedreef 3|fr|member|chatty
Patrick Renard|Lindedreef 4|fr|member|silent
Yasmina Benali|Lindedreef 5|nl|member|quick
Guy Coppens|Lindedreef 6|nl|member|off
Lutgart Smets|Lindedreef 8|nl|member|rings
Rik Cools|Lindedreef 9|nl|member|quick
Anke Timmermans|Lindedreef 10|nl|member|chatty
Joris Baert|Lindedreef 11|nl|member|silent
Emma Wilson|Lindedreef 12|en|member|quick
Oscar Lejeune|Lindedreef 13|fr|member|chatty
Frans Vermeulen|Lindedreef 14|nl|member|silent
"""


def _neighbours() -> tuple[Neighbour, ...]:
    rows = [line.split("|") for line in _PEOPLE.strip().splitlines()]
    return tuple(
        Neighbour(name, f"+324700001{place:02}", street, language, Role(role), Habit(habit))
        for place, (name, street, language, role, habit) in enumerate(rows)
    )


NEIGHBOURS = _neighbours()
BY_NUMBER = {neighbour.number: neighbour for neighbour in NEIGHBOURS}
COORDINATORS = tuple(n for n in NEIGHBOURS if n.role is Role.COORDINATOR)
CONFIRMING = {Habit.QUICK, Habit.CHATTY, Habit.THUMB, Habit.RINGS, Habit.STOPS, Habit.REPORTS}

# What they write, in their own language, and after how many seconds: from, to.
REPLIES = {
    Habit.QUICK: {"nl": "OK", "fr": "ok", "de": "OK", "en": "ok"},
    Habit.CHATTY: {"nl": "Oké merci, groetjes", "fr": "Bien reçu, merci", "de": "Gelesen, danke", "en": "Got it"},
    Habit.THUMB: {"nl": "\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}"},
    Habit.STOPS: {"nl": "STOP"},
    Habit.REPORTS: {"nl": "ok maar er staat een man in mijn tuin"},
}
PATIENCE = {
    Habit.QUICK: (2.0, 9.0),
    Habit.CHATTY: (30.0, 90.0),
    Habit.THUMB: (4.0, 6.0),
    Habit.RINGS: (5.0, 40.0),
    Habit.STOPS: (15.0, 20.0),
    Habit.REPORTS: (20.0, 30.0),
}
