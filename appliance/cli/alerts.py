"""Alerts, from the text to the last confirmation. A decision here is the coordinator's at the box."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import click
import msgspec

from appliance import alerts, lint
from appliance.alerts import (
    AlertState,
    AlreadyDecided,
    MessageClass,
    NobodyToTell,
    NoRepeat,
    Source,
    going_on,
    progress,
    prospect,
)
from appliance.alerts.progress import Line
from appliance.cli.ledger import euros
from appliance.cli.parts import HERE, Parts, Refused, Words, first_words, json_option, show, table
from appliance.life import observance
from appliance.models import Alert
from appliance.queue.subscription import cents
from appliance.segments import BadText
from appliance.store import writing

VIA = "command line"
TO_DECIDE = (AlertState.WAITING, AlertState.DELAYED)
HIGHEST = 2**63 - 1  # what an id can be in any database
CLASSES = [known.value for known in MessageClass if known is not MessageClass.PANIC]  # that one is the button's
DUTCH = {
    AlertState.WAITING: "wacht op een beslissing", AlertState.DELAYED: "uitgesteld",
    AlertState.FORWARDED: "doorgestuurd", AlertState.DECLINED: "afgewezen",
    AlertState.WITHDRAWN: "ingetrokken", AlertState.CLOSED: "afgesloten",
}  # fmt: skip


@click.group("alerts")
def alerts_group() -> None:
    """Make, judge and follow alerts."""


@alerts_group.command()
@click.option("--class", "message_class", type=click.Choice(CLASSES), required=True, help="How hard it must be told.")
@click.option("--text", required=True, help="To the letter what members will read.")
@click.option("--source", type=click.Choice(["police", "coordinator"]), default="coordinator", show_default=True)
@click.option("--about", type=int, help="The alert whose outcome this is: it goes to exactly those who got that one.")
@click.option("--street", "streets", type=Words(), multiple=True, help="Only for who lives there; may be repeated.")
@click.option("--from-above", is_flag=True, help="The word comes from above the zone: federal police, another zone.")
@json_option
@click.pass_obj
def create(
    parts: Parts, /, message_class: str, text: str, source: str, about: int | None, as_json: bool, **more: Any
) -> None:
    """A text waits for a decision. A police text typed over is shown to every coordinator by SMS."""
    parts.open()
    known, writer = MessageClass(message_class), Source(source)
    ended = alert_of(parts, about) if about else None
    alert = alerts.create(known, writer, text, HERE, parts.now(), parts.bin, about=ended, **more)
    found = lint.warnings(text, typed_by_hand=writer is Source.COORDINATOR, language=parts.bin.language)
    answer = {"id": alert.id, "warnings": [{"rule": w.rule, "words": w.words, "reason": w.reason} for w in found]}
    show(answer, as_json, lambda _: "\n".join([f"Bericht {alert.id} wacht op een beslissing.", *map(str, found)]))


@alerts_group.command()
@click.argument("alert_id", metavar="ID", type=int)
@click.option("--at", help="Later: 18:30 on the clock here (the next one), or 2026-11-26T18:30.")
@click.option("--over-ceiling", is_flag=True, help="Send it although the ceilings of the SIM are used up.")
@click.option("--fast", is_flag=True, help="Without the letters that make it dear: ë becomes e.")
@json_option
@click.pass_obj
def forward(parts: Parts, alert_id: int, at: str | None, over_ceiling: bool, fast: bool, as_json: bool) -> None:
    """Promise the text, word for word, to every recipient: now, or at --at."""
    alert = alert_of(parts, alert_id)
    with _refusing(parts), writing():
        if over_ceiling and alert.state in TO_DECIDE:
            going_on.go_on(alert, HERE, VIA, parts.now())
        if at is None:
            told = alerts.forward(alert, HERE, VIA, parts.now(), parts.bin, fast=fast)
            words = f"Bericht {alert.id} gaat naar {told} leden."
        else:
            told = _delay(parts, alert, at, fast=fast)
            words = f"Bericht {alert.id} gaat {parts.time(alert.due_at)} naar {told} leden."
    forecast = _forecast(parts, alert)
    answer = {"id": alert.id, "state": alert.state, "recipients": told, "due": alert.due_at, "forecast": forecast}
    show(answer, as_json, lambda _: f"{words}{_forecast_words(parts, forecast)}")


def _delay(parts: Parts, alert: Alert, at: str, *, fast: bool) -> int:
    """*alert* is forwarded at *at*; to how many, as it looks now. Raises NobodyToTell."""
    until = _moment(at, parts.bin.local(parts.now()))
    told = len(alerts.recipients(alert, until, parts.bin))
    if not told:
        raise NobodyToTell(alert.message_class)
    alerts.delay(alert, until, HERE, VIA, parts.now(), parts.bin, fast=fast)
    return told


def _moment(at: str, local: datetime) -> datetime:
    """What *at* means on the clock that shows *local*. Pure. Raises Refused for the past."""
    try:
        hours = re.fullmatch(r"(\d{1,2})[:u.](\d{2})", at)
        if hours:
            today = local.replace(hour=int(hours[1]), minute=int(hours[2]), second=0, microsecond=0)
            return today if today > local else today + timedelta(days=1)
        given = datetime.fromisoformat(at)
    except ValueError as error:
        raise click.BadParameter(f"{at!r} is not a time. Write 18:30 or 2026-11-26T18:30.") from error
    until = given if given.tzinfo else given.replace(tzinfo=local.tzinfo)
    if until <= local:
        raise Refused(f"{at} is voorbij. Geef een later tijdstip.")
    return until


@alerts_group.command()
@click.argument("alert_id", metavar="ID", type=int)
@click.option("--why", type=Words(), required=True, help="The reason, kept with the alert.")
@json_option
@click.pass_obj
def decline(parts: Parts, alert_id: int, why: str, as_json: bool) -> None:
    """Do not forward it; the police hear so."""
    if not why.strip():
        raise click.BadParameter("say in a few words why", param_hint="--why")
    alert = alert_of(parts, alert_id)
    with _refusing(parts):
        alerts.decline(alert, why.strip(), HERE, VIA, parts.now(), parts.bin)
    _moved(alert, as_json)


@alerts_group.command()
@click.argument("alert_id", metavar="ID", type=int)
@json_option
@click.pass_obj
def withdraw(parts: Parts, alert_id: int, as_json: bool) -> None:
    """Submit nothing more of it. What is out is out."""
    alert = alert_of(parts, alert_id)
    with _refusing(parts):
        kept_back = alerts.withdraw(alert, HERE, VIA, parts.now(), parts.bin)
    _moved(alert, as_json, kept_back=kept_back)


@alerts_group.command()
@click.argument("alert_id", metavar="ID", type=int)
@json_option
@click.pass_obj
def close(parts: Parts, alert_id: int, as_json: bool) -> None:
    """It is history: replies no longer confirm it."""
    alert = alert_of(parts, alert_id)
    with _refusing(parts):
        alerts.close(alert, HERE, VIA, parts.now(), parts.bin)
    _moved(alert, as_json)


@alerts_group.command("go-on")
@click.argument("alert_id", metavar="ID", type=int)
@json_option
@click.pass_obj
def go_on(parts: Parts, alert_id: int, as_json: bool) -> None:
    """Send it above the ceilings of the SIM: what waits for room leaves."""
    alert = alert_of(parts, alert_id)
    released = going_on.go_on(alert, HERE, VIA, parts.now())
    answer = {"id": alert.id, "state": alert.state, "released": released}
    show(answer, as_json, lambda _: f"Bericht {alert.id} gaat door boven het plafond: {released} sms'en.")


@alerts_group.command()
@click.argument("alert_id", metavar="ID", type=int)
@json_option
@click.pass_obj
def repeat(parts: Parts, alert_id: int, as_json: bool) -> None:
    """The same text once more to those who gave no sign of having read it. Once, and no more."""
    alert = alert_of(parts, alert_id)
    try:
        told = alerts.repeat(alert, HERE, parts.now())
    except NoRepeat as no:
        raise Refused(str(no)) from no
    show(
        {"id": alert.id, "repeated": told},
        as_json,
        lambda _: f"{told} stille leden krijgen bericht {alert.id} nog eens.",
    )


@alerts_group.command()
@click.argument("alert_id", metavar="ID", type=int)
@click.option("--text", type=Words(), help="Instead of the words that are ready for it.")
@json_option
@click.pass_obj
def correct(parts: Parts, alert_id: int, text: str | None, as_json: bool) -> None:
    """A correction waits for a decision; forwarded, it goes to exactly those who got the alert."""
    alert = alert_of(parts, alert_id)
    words = text or alerts.correction(alert, parts.bin.language, parts.bin)
    known = MessageClass.FEEDBACK
    made = alerts.create(known, Source.COORDINATOR, words, HERE, parts.now(), parts.bin, about=alert)
    answer = {"id": made.id, "about": alert.id, "text": words}
    show(answer, as_json, lambda _: f"Rechtzetting {made.id} staat klaar: {words}")


@alerts_group.command()
@click.argument("alert_id", metavar="ID", type=int)
@click.argument("where", type=click.Choice(["above", "zone"]))
@json_option
@click.pass_obj
def origin(parts: Parts, alert_id: int, where: str, as_json: bool) -> None:
    """Its word comes from above the zone (federal police, another zone), or from the zone. Nothing is passed on."""
    alert = alert_of(parts, alert_id)
    alerts.mark_origin(alert, HERE, parts.now(), above=where == "above")
    words = "bovenlokaal" if where == "above" else "van de eigen zone"
    show({"id": alert.id, "from_above": where == "above"}, as_json, lambda _: f"Bericht {alert.id} is {words}.")


@alerts_group.command()
@json_option
@click.pass_obj
def owed(parts: Parts, as_json: bool) -> None:
    """The alerts of which the members have not heard how they ended."""
    parts.open()
    rows = [_alert_row(alert) for alert in alerts.open_feedback()]
    lines = [(str(r["id"]), parts.time(r["created"]), DUTCH[r["state"]], first_words(r["text"])) for r in rows]
    show(rows, as_json, lambda _: table(("nr", "gemaakt", "stand", "tekst"), lines))


def _moved(alert: Alert, as_json: bool, **more: int) -> None:
    answer = {"id": alert.id, "state": alert.state} | more
    kept_back = f" {more['kept_back']} sms tegengehouden." if more else ""
    show(answer, as_json, lambda _: f"Bericht {alert.id} is {DUTCH[AlertState(alert.state)]}.{kept_back}")


def alert_of(parts: Parts, alert_id: int) -> Alert:
    """The alert with that number, from an open store. Raises Refused."""
    parts.open()
    found: Alert | None = Alert.get_or_none(Alert.id == min(alert_id, HIGHEST))
    if found is None:
        raise Refused(f"Er is geen bericht {alert_id}. Kijk met: appliance alerts list")
    return found


@contextmanager
def _refusing(parts: Parts) -> Iterator[None]:
    """Say in a sentence why a decision cannot be."""
    try:
        yield
    except AlreadyDecided as late:
        by = f" door {late.alert.decided_by}" if late.alert.decided_by else ""
        at = f" ({parts.time(late.alert.decided_at)})" if late.alert.decided_at else ""
        state = DUTCH[AlertState(late.alert.state)]
        raise Refused(f"Dat kan niet: bericht {late.alert.id} is al {state}{by}{at}.") from late
    except NobodyToTell as nobody:
        words = "Er is niemand om dit aan te sturen: geen lid met toestemming dat zulke berichten wil."
        raise Refused(words) from nobody


@alerts_group.command("show")
@click.argument("alert_id", metavar="ID", type=int)
@json_option
@click.pass_obj
def show_alert(parts: Parts, alert_id: int, as_json: bool) -> None:
    """How far it is, in counts and for each recipient."""
    alert = alert_of(parts, alert_id)
    so_far = progress.of(alert)
    answer = _alert_row(alert) | {
        "first_submitted": so_far.first_submitted_at, "last_submitted": so_far.last_submitted_at,
        "counts": so_far.counts, "forecast": _forecast(parts, alert),
        "cost_cents": cents(so_far.millicents), "goes_over": alert.goes_over,
        "waiting_for_room": going_on.waiting(alert, parts.now()),
        "deviations": observance.of(alert),
        "recipients": [_line(line) for line in so_far.lines],
    }  # fmt: skip
    show(answer, as_json, lambda _: _alert_words(parts, alert, answer))


def _forecast(parts: Parts, alert: Alert) -> dict[str, Any] | None:
    """When it will be out; None for what is over, or can never be sent as it is."""
    if alert.state not in (AlertState.WAITING, AlertState.DELAYED, AlertState.FORWARDED):
        return None
    try:
        told = prospect.of(alert, parts.now(), parts.bin)
    except BadText:
        return None
    answer: dict[str, Any] = msgspec.to_builtins(told, builtin_types=(datetime,))
    return {name.removesuffix("_at"): value for name, value in answer.items()}


def _forecast_words(parts: Parts, told: dict[str, Any] | None) -> str:
    """Cost, share of the ceiling and finish, as far as they are known."""
    if not told or not told["segments"]:
        return ""
    said = [f"{told['segments']} sms'en"]
    if told["cost_cents"]:
        said.append(euros(told["cost_cents"]))
    if told["share"] is not None:
        said.append(f"{told['share']:.0%} van wat de simkaart vandaag nog mag")
    if told["finish"]:
        said.append(f"klaar rond {parts.time(told['finish'])}")
    if told["over_ceiling"]:
        said.append(f"▲ {told['over_ceiling']} boven het plafond wachten: appliance alerts go-on")
    return f"\nVooruitzicht: {', '.join(said)}."


def _alert_row(alert: Alert) -> dict[str, Any]:
    columns = (
        "id",
        "state",
        "source",
        "verified",
        "doubt",
        "original",
        "text",
        "author",
        "decided_by",
        "decided_via",
        "why",
        "on_trial",
        "from_above",
    )
    times = {"created": alert.created_at, "decided": alert.decided_at, "due": alert.due_at}
    times |= {"outcome": alert.feedback_at, "repeated": alert.repeated_at}
    return (
        {"class": alert.message_class, "about": alert.about.id if alert.about else None}
        | {"streets": alerts.streets_of(alert)}
        | {column: getattr(alert, column) for column in columns}
        | times
    )


def _line(line: Line) -> dict[str, Any]:
    """A recipient's line, moments under the names that the alert itself uses."""
    facts: dict[str, Any] = msgspec.to_builtins(line)
    return {name.removesuffix("_at"): value for name, value in facts.items()}


def _alert_words(parts: Parts, alert: Alert, answer: dict[str, Any]) -> str:
    counted = "  ".join(f"{name} {number}" for name, number in answer["counts"].items() if number)
    decided = f" door {alert.decided_by}" if alert.decided_by else ""
    lines = [
        (r["name"], r["number"], r["stage"], "bevestigd" if r["confirmed"] else "",
         "misschien dubbel" if r["possibly_twice"] else "", r["code_words"])
        for r in answer["recipients"]
    ]  # fmt: skip
    state = DUTCH[AlertState(alert.state)]
    head = f"Bericht {alert.id} ({alert.message_class}), {parts.time(alert.created_at)}: {state}{decided}"
    cost = f"kosten tot nu: {euros(answer['cost_cents'])}" if answer["cost_cents"] else ""
    held = answer["waiting_for_room"]
    waits = f"▲ {held} sms'en wachten: het plafond is bereikt" if held else ""
    told = _forecast_words(parts, answer["forecast"]).strip()
    above = [line for line in (counted, told, cost, waits) if line]
    return "\n".join([head, alert.text, *above, table(("naam", "nummer", "stand", "", "", ""), lines)])


@alerts_group.command("list")
@json_option
@click.pass_obj
def list_alerts(parts: Parts, as_json: bool) -> None:
    """All alerts, newest first."""
    parts.open()
    rows = [_alert_row(alert) for alert in Alert.select().order_by(Alert.id.desc())]
    lines = [
        (str(r["id"]), r["class"], parts.time(r["created"]), DUTCH[r["state"]], first_words(r["text"])) for r in rows
    ]
    show(rows, as_json, lambda _: table(("nr", "soort", "gemaakt", "stand", "tekst"), lines))


COMMANDS: tuple[click.Command, ...] = (alerts_group,)
