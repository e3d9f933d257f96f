"""Service 1: moves one modem."""

import sys
from datetime import timedelta
from functools import partial

import click

from appliance import clock, clock_setter, phone, runner, store
from appliance.cli.parts import Parts, subscription
from appliance.cli.sticks import looked_for, names_of, spares
from appliance.cli.supervise import AWAY
from appliance.config import SEARCHED
from appliance.config import Modem as ModemConfig
from appliance.doorbell import Doorbell
from appliance.gateway import Gateway, power
from appliance.gateway.balance import Question
from appliance.gateway.cards import StoredCards
from appliance.gateway.names import StoredNames
from appliance.gateway.terms import Terms
from appliance.modem.drivers import open_modem
from appliance.queue import outbox
from appliance.queue.subscription import MILLICENTS
from appliance.store import reserve


@click.command()
@click.option("--modem", "name", metavar="NAME", help="Which [[modem]]; may be left out when there is one.")
@click.pass_obj
def gateway(parts: Parts, name: str | None) -> None:
    """Service 1: moves one modem."""
    chosen = parts.modem(name)
    parts.open()
    store.be_the_only(outbox.seat(chosen.name))
    reserve.keep(store.own())
    bell = Doorbell(store.bells(), f"gateway-{chosen.name}")
    names = StoredNames(chosen.name, names_of(parts.config.modems), looked_for(parts.config), clock.now)
    port = "auto" if chosen.port in SEARCHED else chosen.port
    modem = open_modem(chosen.driver, port, name=chosen.name, pin=chosen.pin, cards=StoredCards(), take=names.take)
    moving = Gateway(chosen.name, modem, parts.settled_bin, bell, clock.now, _terms(chosen))
    moving.begin()
    spare = chosen.name in spares(parts.config)
    try:
        runner.run(moving.step, moving.wait, over=lambda: spare and moving.away)
    finally:
        moving.end()
    if spare and moving.away:
        sys.exit(AWAY)


def _terms(chosen: ModemConfig) -> Terms:
    """Raises BadNumber when the SIM's own number is none, BadQuestion when its credit cannot be asked for so."""
    return Terms(
        subscription=subscription(chosen),
        low_credit=chosen.low_balance_cents * MILLICENTS,
        power=partial(power.cycle, chosen.power_command) if chosen.power_command else None,
        self_number=phone.mobile(chosen.self_number) if chosen.self_number else "",
        self_test=timedelta(hours=chosen.self_test_hours),
        balance=_question(chosen),
        clock_word=runner.told(clock_setter.NAME),
        one_of_many=chosen.port == "all",
    )


def _question(chosen: ModemConfig) -> Question | None:
    if not chosen.balance_method:
        return None
    return Question(chosen.balance_method, chosen.balance_code, chosen.balance_pattern)


COMMANDS = (gateway,)
