"""What the coordinator at the box sees of money, ceilings and call lists."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance import clock, modem_state, store
from appliance.queue import budget, outbox
from appliance.queue.budget import Sim
from appliance.queue.subscription import Subscription
from appliance.store import writing

CARD = "8932010000000000019"
TERMS = Subscription(segments_per_day=2, tariff=6500)


@pytest.fixture
def paying(village):
    """A box whose SIM bears two segments a day, at six and a half cents."""
    with village.config.open("a") as file:
        file.write('[[modem]]\nname = "a"\nsegments_per_day = 2\ntariff_cents = 6.5\n')
    return village


def in_the_store(box, work):
    box.close()
    store.open_store(f"sqlite:///{box.file}")
    work(clock.now())
    box.close()


def gateway_ran(now):
    """What the gateway does meanwhile, as far as there is room."""
    card = Sim(CARD, ZoneInfo("Europe/Brussels"), TERMS)
    modem_state.remember("a", now, heartbeat_at=now, online=True, registered=True, iccid=CARD, segments_per_day=2,
                         tariff=6500)  # fmt: skip
    while segment := outbox.claim("a", now, card):
        outbox.accepted(segment, 1, now)
    modem_state.remember("a", now, heartbeat_at=now, room=budget.room(card, now))


def urgent(box) -> str:
    return str(box.told("alerts", "create", "--class", "urgent", "--text", "Inbraak. Bel 101.")["id"])


@pytest.mark.slow
def test_a_forward_says_cost_share_and_what_will_wait(paying):
    alert = urgent(paying)
    in_the_store(paying, gateway_ran)
    told = paying.told("alerts", "forward", alert)
    assert (told["forecast"]["cost_cents"], told["forecast"]["share"], told["forecast"]["over_ceiling"]) == (20, 1.5, 1)


@pytest.mark.slow
def test_what_waits_for_room_is_shown_and_goes_on_when_the_coordinator_says_so(paying):
    alert = urgent(paying)
    in_the_store(paying, gateway_ran)
    words = paying.run("alerts", "forward", alert).stdout
    assert "€ 0,20" in words and "1 boven het plafond wachten: appliance alerts go-on" in words
    in_the_store(paying, gateway_ran)
    shown = paying.told("alerts", "show", alert)
    assert (shown["cost_cents"], shown["waiting_for_room"], shown["goes_over"]) == (13, 1, False)
    assert paying.told("status")["troubles"][0]["trouble"] == "ceiling_urgent"
    (modem,) = paying.told("modems", "list")
    assert (modem["segments_today"], modem["left_today_urgent"], modem["room"]) == (2, 0, "decided")
    assert "een coördinator kan beslissen" in paying.run("modems", "list").stdout
    assert paying.told("alerts", "go-on", alert)["released"] == 1
    in_the_store(paying, gateway_ran)
    assert paying.told("alerts", "show", alert)["counts"]["submitted"] == 3


@pytest.mark.slow
def test_over_the_ceiling_from_the_start(paying):
    alert = urgent(paying)
    in_the_store(paying, gateway_ran)
    told = paying.told("alerts", "forward", alert, "--over-ceiling")
    assert told["forecast"]["over_ceiling"] == 0
    in_the_store(paying, gateway_ran)
    assert paying.told("alerts", "show", alert)["counts"]["submitted"] == 3


@pytest.mark.slow
def test_a_forward_that_is_refused_leaves_the_ceiling_as_it_was(paying):
    alert = urgent(paying)
    paying.refused("alerts", "forward", alert, "--over-ceiling", "--at", "2001-01-01T10:00")
    assert paying.told("alerts", "show", alert)["goes_over"] is False


@pytest.mark.slow
def test_nothing_goes_on_of_what_was_declined(paying):
    alert = urgent(paying)
    paying.told("alerts", "decline", alert, "--why", "oud")
    assert "nothing of it will be sent" in paying.refused("alerts", "go-on", alert)


@pytest.mark.slow
def test_the_ledger_shows_days_and_their_sum(paying):
    def two_days(now):
        card = Sim(CARD, ZoneInfo("Europe/Brussels"), TERMS)
        with writing():
            budget.remember_credit(CARD, "5,00")
            for at in (now, now, now + timedelta(days=40)):
                budget.count(card, at)

    in_the_store(paying, two_days)
    told = paying.told("ledger")
    (sim,) = told["sims"]
    assert (sim["iccid"], sim["segments"], sim["cost_cents"], len(sim["days"])) == (CARD, 2, 13, 1)
    assert sim["credit_cents"] == 480
    assert "samen" in paying.run("ledger").stdout
    assert paying.told("ledger", "2031-02") == {"month": "2031-02", "sims": []}
    assert "2026-11" in paying.misused("ledger", "november")


@pytest.mark.parametrize(
    ("key", "value"),
    [("segments_per_day", -1), ("tariff_cents", "nan"), ("urgent_reserve", 100), ("bundle_segments", -3)],
)
def test_a_setting_that_makes_no_sense_is_refused_by_its_name(bare, key, value):
    with bare.config.open("a") as file:
        file.write(f"[[modem]]\n{key} = {value}\n")
    assert key in bare.refused("config", "show")


def test_a_link_of_more_than_an_hour_makes_no_sense(bare):
    bare.config.write_text('[bin]\nmode = "pyramid"\nlink_minutes = 61.0\n')
    assert "link_minutes" in bare.refused("config", "show")


@pytest.mark.slow
def test_jef_has_no_mobile_and_is_on_the_printed_list(village):
    assert "toestemming" in village.run("callees", "add", "Mia Bos").stdout
    jef = village.told("callees", "add", "Jef Peeters", "011 22 33 44", "--street", "Dorpsstraat", "--consent", "2026")
    assert jef["number"] == "+3211223344"
    assert [callee["name"] for callee in village.told("callees", "list")] == ["Mia Bos", "Jef Peeters"]
    alert = urgent(village)
    (one,) = village.told("alerts", "calls", alert)["lists"]
    assert (one["caller"]["name"], [call["name"] for call in one["calls"]]) == ("Lies Peeters", ["Jef Peeters"])
    page = village.run("alerts", "calls", alert).stdout
    assert "[ ]  Jef Peeters" in page and "Inbraak. Bel 101." in page and "Klaar? Meld aan Lies Peeters" in page
    village.told("callees", "remove", "Jef Peeters")
    assert "Niemand moet gebeld worden" in village.run("alerts", "calls", alert).stdout
    assert "Niemand" in village.refused("callees", "remove", "Jef Peeters")
    assert "gsm-nummer" in village.refused("callees", "add", "Ann", "0470 00 00 09")
