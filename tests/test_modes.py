"""One level, two levels, pyramid (R59 to R61): who hears an alert, when, and after whom; and who is rung."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from appliance import alerts, codes, intake, lang, modem_state, modes
from appliance.alerts import AlertState, MessageClass, Source, prospect, waves
from appliance.arrivals import Text
from appliance.life import printing
from appliance.models import Alert, Audit, Callee, Delivery, Segment
from appliance.modes import Mode
from appliance.people import call_list, members
from appliance.people.call_list import NoCallee, Why
from appliance.people.members import BadMember, Role
from appliance.phone import BadNumber
from appliance.queue import inbox, outbox
from appliance.queue.outbox import Kind
from appliance.queue.states import State
from appliance.store import writing
from appliance.upkeep import privacy, retention

KERK = [
    ("An", "0470000301", Role.STREET_LEADER),
    ("Bea", "0470000302", Role.MEMBER),
    ("Ria", "0470000303", Role.MEMBER),
]
WAIT = timedelta(minutes=5)


@dataclass(frozen=True)
class Somebody:
    number: str
    street: str = ""
    role: str = "member"


def in_mode(house, mode: Mode):
    house.bin = replace(house.bin, mode=mode)
    return house


@pytest.fixture
def pyramid(house):
    """Lies coordinates; An leads Bea and Ria of the Kerkstraat; Tom of the Lindedreef has no street leader."""
    house.enrol("Lies", "0470000101", Role.COORDINATOR)
    for name, number, role in KERK:
        house.enrol(name, number, role, street="Kerkstraat")
    house.enrol("Tom", "0470000304", street="Lindedreef")
    return in_mode(house, Mode.PYRAMID)


def forwarded(house) -> Alert:
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Inbraak bezig", "Lies", house.now, house.bin)
    alerts.forward(alert, "Lies", "page", house.now, house.bin)
    return alert


def send(house) -> list[str]:
    names = []
    while segment := outbox.claim("a", house.now):
        outbox.accepted(segment, len(names), house.now)
        names.append(segment.delivery.name)
    return names


def confirm(house, number):
    with writing():
        return alerts.confirm(number, "reply", house.now)


# --- the rules


def test_only_in_a_pyramid_does_anybody_wait_for_somebody():
    street = [Somebody("1", "Kerkstraat", "street_leader"), Somebody("2", "kerkstraat "), Somebody("3", "Lindedreef")]
    assert modes.links(Mode.PYRAMID, street) == {"2": "1"}
    assert modes.links(Mode.TWO_LEVEL, street) == modes.links(Mode.ONE_LEVEL, street) == {}


def test_several_leaders_of_one_street_share_it():
    leaders = [Somebody(name, "Kerkstraat", "street_leader") for name in "ab"]
    people = [Somebody(str(place), "Kerkstraat") for place in range(4)]
    assert modes.links(Mode.PYRAMID, leaders + people) == {"0": "a", "1": "b", "2": "a", "3": "b"}


def test_who_has_no_street_waits_for_nobody():
    assert modes.links(Mode.PYRAMID, [Somebody("1", "", "street_leader"), Somebody("2", "")]) == {}


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("message_class", MessageClass)
@pytest.mark.parametrize("source", Source)
@pytest.mark.parametrize("verified", [True, False])
def test_only_an_urgent_text_of_the_police_that_is_proven_goes_straight_out(mode, message_class, source, verified):
    expected = (mode, message_class, source, verified) == (Mode.ONE_LEVEL, MessageClass.URGENT, Source.POLICE, True)
    assert modes.straight_out(mode, message_class, source, verified=verified) is expected


# --- one level


def police_text(house, **more) -> Alert:
    smets = house.officer("Smets", "0475000009")
    return alerts.create(MessageClass.URGENT, Source.POLICE, "Inbraak bezig", "Smets", house.now, house.bin,
                         contact=smets, **more)  # fmt: skip


def test_in_one_level_a_proven_police_text_is_forwarded_and_the_coordinators_are_told(street):
    in_mode(street, Mode.ONE_LEVEL)
    alert = police_text(street, verified=True)
    assert (alert.state, alert.decided_by, alert.decided_via) == (AlertState.FORWARDED, "Smets", "one-level")
    assert {"Ada", "Ben", "Cleo", "Lies", "Jan"} <= set(send(street))
    told = [d.text for d in Delivery.select().where((Delivery.kind == Kind.NOTICE) & (Delivery.name == "Lies"))]
    assert len(told) == 1 and "Smets heeft al doorgestuurd" in told[0]


def test_in_one_level_the_officer_is_not_told_to_wait_for_a_coordinator(street):
    smets = in_mode(street, Mode.ONE_LEVEL).officer("Smets", "0475000009")
    code = codes.card(smets.secret, smets.counter, 1)[0][1]
    inbox.keep([Text("+32475000009", f"BIN1 {code} Inbraak bezig", street.now, None, "", None, False)], "a", street.now)
    for arrival in inbox.waiting(street.now):
        intake.act(arrival, street.now, street.bin)
    told = [d.text for d in Delivery.select().where(Delivery.number == "+32475000009")]
    assert any("meteen doorgestuurd. Begin: Inbraak bezig" in words for words in told)
    assert not any("wacht" in words for words in told)


def test_an_unproven_one_waits_for_a_coordinator_all_the_same(street):
    in_mode(street, Mode.ONE_LEVEL)
    assert police_text(street, verified=False).state == AlertState.WAITING


def test_with_nobody_to_tell_it_waits_and_the_coordinators_see_it(house):
    members.enrol("Lies", "0470000101", house.now, "test", role=Role.COORDINATOR)  # no consent: receives nothing
    alert = police_text(in_mode(house, Mode.ONE_LEVEL), verified=True)
    assert alert.state == AlertState.WAITING
    texts = [delivery.text for delivery in Delivery.select().where(Delivery.alert == alert)]
    assert len(texts) == 2 and "JA 4821" in texts[1]


def test_two_levels_is_what_a_bin_has_unless_its_charter_says_otherwise(street):
    assert street.bin.mode is Mode.TWO_LEVEL
    assert police_text(street, verified=True).state == AlertState.WAITING


# --- the waves of a pyramid


def test_a_street_hears_it_after_its_leader_confirmed_and_not_before(pyramid):
    forwarded(pyramid)
    assert send(pyramid) == ["Lies", "An", "Tom"]
    assert send(pyramid) == []
    confirm(pyramid, "+32470000301")
    assert sorted(send(pyramid)) == ["Bea", "Ria"]


def test_without_a_word_of_the_leader_the_street_hears_it_after_the_wait(pyramid):
    forwarded(pyramid)
    send(pyramid)
    pyramid.later(seconds=WAIT.total_seconds() - 1)
    assert send(pyramid) == []
    pyramid.later(seconds=1)
    assert sorted(send(pyramid)) == ["Bea", "Ria"]


def test_the_confirmation_of_a_member_releases_nobody(pyramid):
    forwarded(pyramid)
    send(pyramid)
    confirm(pyramid, "+32470000304")
    assert send(pyramid) == []


def test_a_leader_confirms_one_alert_and_the_street_of_the_other_still_waits(pyramid):
    forwarded(pyramid)
    send(pyramid)
    pyramid.later(minutes=1)
    second = forwarded(pyramid)
    send(pyramid)
    confirm(pyramid, "+32470000301")  # counts for the newest
    waiting = Segment.select().where(Segment.state == State.QUEUED)
    assert {s.delivery.alert_id == second.id: s.due_at > pyramid.now for s in waiting} == {True: False, False: True}


def test_all_waves_are_promised_at_once_so_that_a_kill_between_them_loses_none(pyramid):
    alert = forwarded(pyramid)
    links = {d.name: d.leader and d.leader.name for d in Delivery.select().where(Delivery.alert == alert)}
    assert links == {"Lies": None, "An": None, "Tom": None, "Bea": "An", "Ria": "An"}
    assert Segment.select().count() == 5


def test_a_kill_in_the_midst_of_a_release_leaves_the_old_due_times(pyramid):
    forwarded(pyramid)
    send(pyramid)
    an = Delivery.get(Delivery.name == "An")
    with pytest.raises(ZeroDivisionError), writing():
        assert waves.pass_on(an, pyramid.now) == 2
        raise ZeroDivisionError
    assert send(pyramid) == []
    pyramid.later(minutes=5)
    assert sorted(send(pyramid)) == ["Bea", "Ria"]


def test_what_is_withdrawn_is_not_released_by_a_late_confirmation(pyramid):
    alert = forwarded(pyramid)
    send(pyramid)
    alerts.withdraw(alert, "Lies", "page", pyramid.now, pyramid.bin)
    confirm(pyramid, "+32470000301")
    assert send(pyramid) == []


def test_what_failed_once_is_not_hurried_by_a_confirmation(pyramid):
    forwarded(pyramid)
    send(pyramid)
    pyramid.later(minutes=5)
    segment = outbox.claim("a", pyramid.now)
    outbox.postponed(segment, "CMS 42", "congestion", pyramid.now)
    due = Segment.get_by_id(segment.id).due_at
    confirm(pyramid, "+32470000301")
    assert Segment.get_by_id(segment.id).due_at == due


def test_the_promise_of_a_finish_counts_the_wait(pyramid):
    modem_state.remember("a", pyramid.now, heartbeat_at=pyramid.now, online=True, registered=True)
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Inbraak", "Lies", pyramid.now, pyramid.bin)
    before = prospect.of(alert, pyramid.now, pyramid.bin)
    assert before.first_at == pyramid.now + timedelta(seconds=4)
    assert before.low < before.finish_at == pyramid.now + WAIT + timedelta(seconds=8)
    alerts.forward(alert, "Lies", "page", pyramid.now, pyramid.bin)
    send(pyramid)
    during = prospect.of(alert, pyramid.now, pyramid.bin)
    assert (during.segments, during.finish_at) == (2, before.finish_at)


# --- whom somebody rings


@pytest.fixture
def ringing(pyramid):
    for name, number, street in (("Jef", "011 22 33 44", "Kerkstraat"), ("Mia", "", "Dorpsplein")):
        call_list.add(name, number, street, "2026-01-02", pyramid.now, "test")
    return pyramid


def rung(alert) -> dict[str, list[str]]:
    return {one.caller.name: [call.name for call in one.calls] for one in call_list.of(alert)}


def test_the_street_leader_rings_his_street_and_the_core_group_the_others(ringing):
    ringing.enrol("Kim", "0470000305", Role.CORE)
    assert rung(forwarded(ringing)) == {"An": ["Jef"], "Kim": ["Mia"]}


def test_whom_no_text_reached_is_rung_too_and_rings_nobody(ringing):
    alert = forwarded(ringing)
    while segment := outbox.claim("a", ringing.now):
        outbox.refused(segment, "CMS 1", "number not allotted")
    ringing.later(minutes=5)
    while segment := outbox.claim("a", ringing.now):
        outbox.accepted(segment, 1, ringing.now)
    (one,) = call_list.of(alert)
    assert one.caller is None  # all who lead were not reached
    assert {(call.name, call.why) for call in one.calls} >= {("Jef", Why.NO_MOBILE), ("An", Why.FAILED)}


def test_without_consent_nobody_is_rung(pyramid):
    call_list.add("Jef", "011 22 33 44", "Kerkstraat", "", pyramid.now, "test")
    assert rung(forwarded(pyramid)) == {}


def test_a_mobile_and_an_emergency_number_are_refused_and_nothing_is_kept(house):
    for number, error in (("0470 00 02 01", BadMember), ("101", BadNumber), ("x", BadNumber)):
        with pytest.raises(error):
            call_list.add("Jef", number, "", "x", house.now, "test")
    with pytest.raises(BadMember):
        call_list.add(" ", "011 22 33 44", "", "x", house.now, "test")
    assert Callee.select().count() == 0


def test_who_is_taken_off_the_list_is_forgotten(house):
    call_list.add("Jef", "011 22 33 44", "", "x", house.now, "test")
    call_list.remove("jef", house.now, "test")
    assert Callee.select().count() == 0
    with pytest.raises(NoCallee):
        call_list.remove("Jef", house.now, "test")


def test_jefs_sheet_tells_him_everything_and_the_register_and_the_theft_sheet_count_him(house):
    jef = call_list.add("Jef", "011 22 33 44", "Dorpsplein", "2026-01-02", house.now, "test")
    sheet = printing.callee_sheet(jef, house.now, house.bin)
    assert all(held in sheet for held in ("Jef", "+3211223344", "Dorpsplein", "2026-01-02", "25/11/2026"))
    assert privacy.holding().callees == 1
    counted = {"nl": "1 mensen", "fr": "1 personnes", "de": "1 Personen", "en": "1 people"}
    for language in lang.LANGUAGES:
        for make in (printing.register, printing.theft):
            assert counted[language] in make(house.now, house.bin, language)


def test_who_has_not_said_yes_within_a_month_is_erased_and_who_has_stays(house):
    call_list.add("Jef", "011 22 33 44", "", "", house.now, "test")
    call_list.add("Mia", "", "Dorpsplein", "2026-01-02", house.now, "test")
    retention.erase(house.later(days=29), house.bin)
    assert Callee.select().count() == 2
    retention.erase(house.later(days=2), house.bin)
    assert [callee.name for callee in Callee.select()] == ["Mia"]
    assert Audit.select().where((Audit.verb == "erased") & (Audit.subject == "callee 1")).exists()
    assert retention.old_backups().made_before == house.now
