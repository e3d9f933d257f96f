"""The demo's street: every phone of a made-up neighbourhood, the box with its lamp and button, and the houses.

Only `appliance demo` has it: it answers loopback only and needs no log-in, because everybody in it is invented.
"""

import hashlib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from flask import Blueprint, Flask, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from appliance import alerts
from appliance.alerts import Source, progress
from appliance.alerts.progress import Progress
from appliance.models import Acknowledgement, Alert
from appliance.web import reading
from appliance.web.street_words import HABITS, RHYTHMS
from appliance.web.words import gettext as _

KEY = "bin-kast-street"
LONGEST_TEXT = 1_000
HOUSE_NUMBER = re.compile(r"\s+\d+\S*$")  # "Lindedreef 2" lies in Lindedreef
OFFERED = re.compile(r"\b(?:JA|NEE|OUI|NON|NEIN|YES|NO) \d{4}\b")


@dataclass(frozen=True)
class Phone:
    """Somebody's telephone."""

    number: str  # E.164
    name: str
    role: str  # "police", "coordinator"; whatever else it is, a member
    street: str
    habit: str  # what this person usually does with a text: a name in `street_words`


@dataclass(frozen=True)
class Bubble:
    """One text on a telephone."""

    text: str
    mine: bool  # sent from this telephone, not received by it
    rang: bool = False  # not a text: a ring


@dataclass(frozen=True)
class Lamp:
    """What the lamp shows at this moment."""

    colour: str  # "green", "yellow", "red", "blue", "white", "off"
    pattern: str  # how it moves: a name in `street_words`
    sentences: Mapping[str, str]  # what that means, by language


class StreetGone(Exception):
    """The emulated network or the panel does not answer."""


class StreetControl(Protocol):
    """The toys. Every function may raise StreetGone."""

    def phones(self) -> Sequence[Phone]:
        """Everybody, always in the same order."""

    def bubbles(self) -> Mapping[str, Sequence[Bubble]]:
        """By number: what is on each telephone, oldest first. Numbers without texts may be missing."""

    def text(self, number: str, text: str) -> None:
        """Text the box from *number*."""

    def ring(self, number: str) -> None:
        """Ring the box from *number*."""

    def lamp(self) -> Lamp:
        """The lamp now."""

    def button_down(self) -> None:
        """A finger on the button."""

    def button_up(self) -> None:
        """The finger off it."""

    def code(self) -> str:
        """The next one-time code on the police officer's card that was not used yet."""


@dataclass(frozen=True)
class House:
    """Where a member lives on the drawing, and how far the newest alert is there."""

    phone: Phone
    x: int
    y: int
    state: str  # "", a Stage, or "confirmed"


@dataclass(frozen=True)
class Road:
    """One street on the drawing."""

    name: str
    y: int
    houses: tuple[House, ...]


@dataclass(frozen=True)
class Step:
    """One line of the story at the side, and whether it has happened."""

    done: bool
    title: str
    advice: str
    place: str  # the element on the page where it is done


WIDTH, SKY, ROAD_HEIGHT, MARGIN = 800, 90, 128, 62  # the drawing, in its own units
UP, DOWN = -38, 42  # houses above and below the middle of their road

bp = Blueprint("street", __name__, url_prefix="/straat")


def install(app: Flask, control: StreetControl) -> None:
    """*app* has the street, open to this computer only."""
    app.extensions[KEY] = control
    app.jinja_env.globals["demo"] = True  # the log-in form and the menu show the way
    app.register_blueprint(bp)
    app.config["PUBLIC_ENDPOINTS"] |= {f"street.{name}" for name in ("index", "fragment", "text", "ring", "button")}


@bp.before_request
def only_here() -> None:
    """Whoever is not at this computer gets nothing."""
    try:
        here = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        here = False
    if not here:
        abort(403)


def control() -> StreetControl:
    """The toys of this demo."""
    return cast(StreetControl, current_app.extensions[KEY])


@bp.errorhandler(StreetGone)
def gone(_error: StreetGone) -> ResponseReturnValue:
    """The toys are still starting, or were stopped."""
    return render_template("street_gone.html"), 503


@bp.get("")
def index() -> ResponseReturnValue:
    """The whole street."""
    facts = _facts()
    return render_template("street.html", **facts, version=_moving(facts)[1])


@bp.get("/stand")
def fragment() -> ResponseReturnValue:
    """What changed since the version in the request: nothing (204), or all the moving parts."""
    content, version = _moving(_facts())
    if request.args.get("v") == version:
        return "", 204
    return content, 200, {"X-Version": version}


def _moving(facts: Mapping[str, object]) -> tuple[str, str]:
    """Everything that can change while somebody looks, and a name for exactly that."""
    content = render_template("_street_parts.html", **facts)
    return content, hashlib.sha256(content.encode()).hexdigest()[:16]


@bp.post("/sms")
def text() -> ResponseReturnValue:
    """The box gets a text."""
    number, words = _known_number(), request.form.get("text", "").replace("\r\n", "\n").strip()[:LONGEST_TEXT]
    if words:
        control().text(number, words)
    return _back()


@bp.post("/bel")
def ring() -> ResponseReturnValue:
    """The box's telephone rings."""
    control().ring(_known_number())
    return _back()


@bp.post("/knop")
def button() -> ResponseReturnValue:
    """The button goes down or up."""
    if request.form.get("move") == "down":
        control().button_down()
    else:
        control().button_up()
    return _back()


def _known_number() -> str:
    number = request.form.get("number", "")
    return number if any(phone.number == number for phone in control().phones()) else abort(404)


def _back() -> ResponseReturnValue:
    """The script needs no page; a browser without it does."""
    return ("", 204) if request.headers.get("X-Poll") else redirect(url_for(".index"))


def _facts() -> dict[str, object]:
    toys = control()
    phones, bubbles = list(toys.phones()), toys.bubbles()
    last = reading.last_sent()
    done = progress.of(last.alert) if last else None
    states = house_states(done) if done else {}
    members = [phone for phone in phones if phone.role not in ("police", "coordinator")]
    roads = lay_out(members, states)
    return {
        "police": [phone for phone in phones if phone.role == "police"],
        "coordinators": [phone for phone in phones if phone.role == "coordinator"],
        "members": members, "bubbles": bubbles, "lamp": _shown(toys.lamp()), "code": toys.code(), "states": states,
        "roads": roads, "height": SKY + 14 + ROAD_HEIGHT * len(roads), "width": WIDTH, "done": done,
        "steps": story(), "offers": offers, "waiting": alerts.waiting(), "habits": HABITS,
    }  # fmt: skip


def _shown(lamp: Lamp) -> dict[str, object]:
    return {
        "colour": lamp.colour,
        "rush": lamp.pattern in ("holding", "countdown", "nobody"),
        "pattern": RHYTHMS.get(lamp.pattern, ""),
        "sentence": lamp.sentences[get_locale().language],
    }


def house_states(done: Progress) -> dict[str, str]:
    """By number: how far an alert is at that house. Pure."""
    return {line.number: "confirmed" if line.confirmed_at else str(line.stage) for line in done.lines}


def lay_out(members: Sequence[Phone], states: Mapping[str, str]) -> list[Road]:
    """Every member in a house, street by street, half of them on each side. Pure."""
    by_street: dict[str, list[Phone]] = {}
    for member in members:
        by_street.setdefault(HOUSE_NUMBER.sub("", member.street), []).append(member)
    return [
        Road(street, SKY + ROAD_HEIGHT * row + ROAD_HEIGHT // 2, _houses(people, row, states))
        for row, (street, people) in enumerate(by_street.items())
    ]


def _houses(people: Sequence[Phone], row: int, states: Mapping[str, str]) -> tuple[House, ...]:
    places = (len(people) + 1) // 2
    step = (WIDTH - 2 * MARGIN) / max(places - 1, 1)
    middle = SKY + ROAD_HEIGHT * row + ROAD_HEIGHT // 2
    return tuple(
        House(phone, round(MARGIN + step * (at // 2)), middle + (DOWN if at % 2 else UP), states.get(phone.number, ""))
        for at, phone in enumerate(people)
    )


def offers(phone: Phone, texts: Sequence[Bubble]) -> list[str]:
    """What somebody would answer with one tap: the decision that the newest notice asks for, else OK. Pure."""
    if phone.role == "police":
        return []
    if not texts or texts[-1].mine:
        return []
    return list(dict.fromkeys(OFFERED.findall(texts[-1].text))) or ["OK"]


def story() -> list[Step]:
    """What to play, in order, ticked off as it happens."""
    newest = reading.last_sent()
    counts = newest.progress.counts if newest and newest.progress else None
    settled = bool(counts and counts["recipients"] and counts["accepted"] == counts["recipients"])
    told = Alert.select().where(Alert.source == Source.POLICE).exists()
    pressed = Acknowledgement.select().where(Acknowledgement.kind == "button").exists()
    return [
        Step(
            told, _("Melding"),
            _("Druk op Stuur op de blauwe gsm. De code bewijst dat het echt de politie is."), "politie",
        ),
        Step(
            newest is not None, _("Beslissing"),
            _("Tik op JA met het getal. Of beslis op de pagina, of met de knop op de kast."), "coordinator",
        ),
        Step(
            settled, _("De straat"),
            _("Elk huis kleurt mee: staat klaar, aanvaard, afgeleverd, bevestigd."), "wijk",
        ),
        Step(
            bool(counts and counts["confirmed"]), _("Antwoord"),
            _("Tik op een gsm of een huis en antwoord OK, of bel even."), "bewoners",
        ),
        Step(
            pressed, _("Noodknop"),
            _("Houd hem drie tellen in. Daarna stopt een korte druk het nog, tien tellen lang."), "knop",
        ),
    ]  # fmt: skip
