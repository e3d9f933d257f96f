"""Service 2, and the walk past button, lamp and buzzer for whoever has just connected them."""

import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import click

from appliance import clock, runner
from appliance.cli.parts import Parts, Refused, json_option, show
from appliance.panel import pins, service, toy
from appliance.panel.pins import Gpio, NoPanel, NoPins, Wires
from appliance.panel.walk import Helper, Step, Walk


@click.group(invoke_without_command=True)
@click.pass_context
def panel(context: click.Context) -> None:
    """Service 2: the button and the lamp; or a test of them."""
    if context.invoked_subcommand is None:
        _serve(context.obj)


def _serve(parts: Parts) -> None:
    parts.open_anyhow(service.STORE_PATIENCE)
    control = parts.config.demo.control
    with ExitStack() as stack:
        word = runner.told(service.BATTERY_LOW)
        moving = service.Panel(_pins(parts), parts.settled_bin, clock.now, battery_word=word)
        if control:
            stack.enter_context(toy.serve(Path(control) / "panel.sock", moving))
        stack.callback(moving.close)
        runner.run(moving.step, moving.wait, amid=moving.amid)


def _wires(parts: Parts) -> Wires:
    found = parts.config.panel
    return Wires(found.button, found.red, found.green, found.blue, found.led, found.buzzer, found.ups, found.ups_high)


def _pins(parts: Parts) -> Gpio | NoPins:
    """The pins of this box. Raises Refused."""
    try:
        return pins.pins(parts.config.panel.enabled, _wires(parts))
    except NoPanel as no:
        raise Refused(str(no)) from no


@panel.command("test")
@json_option
@click.pass_obj
def test(parts: Parts, as_json: bool) -> None:
    """Walk past lamp, buzzer and button, one question at a time. Sends nothing. Exit code 1 when something is wrong.

    Stop the service first: sudo systemctl stop bin-kast-panel
    """
    if not parts.config.panel.enabled:
        raise Refused("[panel] enabled = false: there is nothing to test. Set it to true first.")
    found = _pins(parts)
    helper = Helper(say=partial(click.echo, err=True), ask=partial(click.confirm, err=True))
    try:
        steps = Walk(found, _wires(parts), helper, parts.bin.language, time.monotonic).go()
    finally:
        found.close()
    good = all(step.good for step in steps)
    answer = {"ok": good, "steps": [{"step": s.name, "ok": s.good, "advice": s.advice} for s in steps]}
    show(answer, as_json, lambda _: "\n".join(map(_step_words, steps)))
    sys.exit(0 if good else 1)


def _step_words(step: Step) -> str:
    return f"✔ {step.words}" if step.good else f"✖ {step.words}: {step.advice}"


COMMANDS = (panel,)
