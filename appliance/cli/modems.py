"""The modems: what each gateway last knew, and a trial of the command that cuts their power."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import msgspec

from appliance import modem_state
from appliance.cli.parts import Parts, Refused, json_option, show, subscription, table
from appliance.config import SEARCHED
from appliance.config import Modem as ModemConfig
from appliance.gateway import power
from appliance.gateway.power import PowerFailed
from appliance.models import ModemState
from appliance.modem.recovery import WORDS, Step
from appliance.queue import budget, outbox
from appliance.queue.budget import Sim
from appliance.queue.subscription import MILLICENTS, Room, left, room

SEEN = (
    "online", "fault", "stopped", "registered", "registration", "operator", "technology", "signal_percent",
    "storage_used", "storage_total", "model", "imei", "iccid", "service_centre", "seconds_per_submit", "balance",
)  # fmt: skip
MOMENTS = {
    "heartbeat": "heartbeat_at", "changed": "changed_at", "sent": "sent_at", "received": "received_at",
    "self_test": "self_test_at", "self_heard": "self_heard_at", "balance_seen": "balance_at",
}  # fmt: skip


ROOMS = {
    Room.URGENT: "het plafond is bijna bereikt: alleen dringende sms'en vertrekken nog",
    Room.DECIDED: "het plafond is bereikt: een coördinator kan beslissen om door te gaan (appliance alerts go-on)",
}


@click.group("modems")
def modems_group() -> None:
    """The modems."""


@modems_group.command("list")
@json_option
@click.pass_obj
def list_(parts: Parts, as_json: bool) -> None:
    """Every modem, as its gateway last saw it."""
    parts.open()
    now, zone = parts.now(), parts.bin.zone
    show([_answer(modem, now, zone) for modem in parts.known_modems()], as_json, _words)


def _answer(configured: ModemConfig, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    row = modem_state.of(configured.name)
    return {
        "name": configured.name,
        "port": configured.port,
        "driver": configured.driver,
        **{key: getattr(row, key, None) for key in SEEN},
        "away": modem_state.away(row) if row else None,
        **{key: getattr(row, column, None) for key, column in MOMENTS.items()},
        **_purse(configured, row, now, zone),
        "power_command": bool(configured.power_command),
        "recovery": _recovery(row),
    }


def _purse(configured: ModemConfig, row: ModemState | None, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """What the SIM has handed over, what it may, and its credit."""
    sim = Sim(row.iccid if row and row.iccid else configured.name, zone, subscription(configured))
    used, credit = budget.used(sim, now), budget.credit(sim.iccid)
    return {
        "segments_today": used.today,
        "segments_per_day": sim.terms.segments_per_day,
        "segments_this_month": used.this_month,
        "segments_per_month": sim.terms.segments_per_month,
        "left_today": left(sim.terms, used, urgent=False),
        "left_today_urgent": left(sim.terms, used, urgent=True),
        "room": room(sim.terms, used),
        "credit_cents": None if credit is None else credit // MILLICENTS,
    }


def _recovery(row: ModemState | None) -> dict[str, Any]:
    """Where the ladder stands; `step` is null while the modem is well."""
    step = Step(row.recovery_step) if row and row.recovery_step is not None else None
    return {
        "step": step.name.lower() if step else None,
        "words": WORDS[step] if step else "",
        "at": row.recovery_at if row else None,
        "taken": msgspec.json.decode(row.steps_taken) if row else {},
    }


def _stand(modem: dict[str, Any]) -> str:
    if modem["online"] is None:
        return "?"
    return "aan" if modem["online"] else "weg" if modem["away"] else "uit"


def _words(modems: list[dict[str, Any]]) -> str:
    rows = [
        (
            modem["name"],
            _stand(modem),
            modem["operator"] or "",
            modem["technology"] or "",
            "?" if modem["signal_percent"] is None else f"{modem['signal_percent']} %",
            "?" if modem["storage_total"] is None else f"{modem['storage_used']}/{modem['storage_total']}",
            f"{modem['segments_today']}/{modem['segments_per_day'] or '∞'}",
            f"{modem['segments_this_month']}/{modem['segments_per_month'] or '∞'}",
            modem["model"] or "",
        )
        for modem in modems
    ]
    head = ("modem", "stand", "netwerk", "radio", "signaal", "geheugen", "sms'en vandaag", "deze maand", "toestel")
    faults = [f"modem {modem['name']}: {modem['fault']}" for modem in modems if modem["fault"]]
    steps = [f"modem {m['name']}: laatste stap: {m['recovery']['words']}" for m in modems if m["recovery"]["step"]]
    credit = [f"modem {modem['name']}: tegoed: {modem['balance']}" for modem in modems if modem["balance"]]
    full = [f"modem {modem['name']}: {ROOMS[modem['room']]}" for modem in modems if modem["room"] in ROOMS]
    return "\n".join([table(head, rows), *faults, *steps, *credit, *full])


@modems_group.command("forget")
@click.argument("name", required=False)
@json_option
@click.pass_obj
def forget(parts: Parts, name: str | None, as_json: bool) -> None:
    """The stick of a modem was replaced: its name goes to the next one that is found."""
    chosen = parts.modem(name)
    parts.open()
    row, now = modem_state.of(chosen.name), parts.now()
    if row is None or not row.imei:
        raise Refused(f"Modem {chosen.name} is bound to no stick: there is nothing to forget.")
    if row.online and now - row.heartbeat_at < modem_state.FRESH:
        raise Refused(f"The stick of modem {chosen.name} is plugged in and works: unplug it first.")
    forgotten = row.imei
    modem_state.remember(chosen.name, now, imei="", iccid="", model="")
    show({"modem": chosen.name, "imei": forgotten}, as_json, _forgotten)


def _forgotten(answer: dict[str, Any]) -> str:
    return f"Modem {answer['modem']} is no longer the stick {answer['imei']}: the next one that is found gets the name."


@modems_group.command("test-power")
@click.argument("name", required=False)
@json_option
@click.pass_obj
def test_power(parts: Parts, name: str | None, as_json: bool) -> None:
    """Cut the modem's power now, by its power_command, and say whether its port went and came back."""
    chosen = parts.modem(name)
    if not chosen.power_command:
        raise Refused(f"Modem {chosen.name} has no power_command: write one under its [[modem]] first.")
    parts.open()
    if outbox.submitting():
        raise Refused("A text is being handed to a modem right now: try again when nothing is being sent.")
    port = None if chosen.port in SEARCHED else Path(chosen.port)
    try:
        cut = power.trial(chosen.power_command, port)
    except PowerFailed as error:
        raise Refused(str(error)) from error
    show({"modem": chosen.name, **msgspec.to_builtins(cut)}, as_json, _outcome)
    sys.exit(1 if cut.port_went is False or cut.port_came_back is False else 0)


def _outcome(answer: dict[str, Any]) -> str:
    took = f"The command ended well after {answer['seconds']:g} seconds."
    if answer["port_went"] is None:
        return f"{took} Look at the modem's own light, or name its port to have this looked at."
    if not answer["port_went"]:
        return f"{took} But the port never went: the modem kept its power. Some hubs only say that they switch."
    if not answer["port_came_back"]:
        return f"{took} The port went, and is not back after {power.BACK_WITHIN:g} seconds: look at the modem."
    return f"{took} The port went and came back: the power was cut."


COMMANDS = (modems_group,)
