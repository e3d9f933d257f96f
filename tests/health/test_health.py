"""Whether the box is well: the verdict, and what it is read from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appliance import alerts, audit, health, lang
from appliance.alerts import MessageClass, Source
from appliance.health import LIMITS, Facts, Level, ModemFacts, Trouble, judge
from appliance.health.machine import Machine
from appliance.models import Acknowledgement, Arrival, Heartbeat, ModemState, Segment
from appliance.people import members
from appliance.queue.inbox import Standing
from appliance.queue.states import State
from appliance.queue.subscription import Room

NOW = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)


def ago(**delta: float) -> datetime:
    return NOW - timedelta(**delta)


MODEM = ModemFacts(
    name="a", online=True, fault="", heartbeat_at=ago(seconds=5), changed_at=ago(days=2), registered=True,
    operator="Proximus", technology="LTE", signal_percent=70, storage_percent=5, sent_at=None, received_at=None,
)  # fmt: skip
WELL = Facts(
    modems=(MODEM,),
    waiting=0,
    owed=0,
    oldest_owed=timedelta(0),
    unreadable=0,
    button_used=0,
    coordinators=2,
    members=143,
)


def modem(**changes: Any) -> Facts:
    return replace(WELL, modems=(replace(MODEM, **changes),))


def test_a_box_with_nothing_the_matter_is_ready() -> None:
    verdict = judge(WELL, NOW)
    assert (verdict.level, verdict.troubles) == (Level.READY, ())
    assert verdict.sentence("nl") == "Klaar om te versturen."


def test_a_box_whose_gateway_never_spoke_is_starting() -> None:
    assert judge(replace(WELL, modems=()), NOW).level is Level.STARTING


@pytest.mark.parametrize(
    ("facts", "trouble"),
    [
        (modem(online=False), Trouble.NO_MODEM),
        (modem(online=False, gave_up=True), Trouble.GAVE_UP),
        (modem(heartbeat_at=ago(minutes=5)), Trouble.MODEM_SILENT),
        (modem(registered=False, changed_at=ago(minutes=4)), Trouble.NO_NETWORK),
        (modem(barred=True), Trouble.SIM_BARRED),
        (replace(WELL, owed=3, oldest_owed=timedelta(minutes=16)), Trouble.QUEUE_STUCK),
        (replace(WELL, unwritten=timedelta(seconds=61)), Trouble.NOT_WRITING),
        (replace(WELL, button_stuck=True), Trouble.BUTTON_STUCK),
        (replace(WELL, held_urgent=1), Trouble.CEILING_URGENT),
    ],
)
def test_what_keeps_the_box_from_sending_is_broken_and_is_told_with_what_to_do(facts: Facts, trouble: Trouble) -> None:
    verdict = judge(facts, NOW)
    assert (verdict.level, verdict.troubles[0]) == (Level.BROKEN, trouble)
    assert verdict.sentence("fr") == health.told(trouble, "fr").sentence


@pytest.mark.parametrize(
    ("facts", "trouble"),
    [
        (modem(signal_percent=12), Trouble.WEAK_SIGNAL),
        (modem(storage_percent=80), Trouble.STORAGE),
        (modem(room=Room.URGENT), Trouble.CEILING),
        (replace(WELL, modems=(replace(MODEM, online=False, gave_up=True), MODEM)), Trouble.ONE_GAVE_UP),
        (replace(WELL, unreadable=1), Trouble.UNREADABLE),
        (replace(WELL, button_used=1), Trouble.BUTTON_USED),
        (replace(WELL, floods=1), Trouble.FLOOD),
        (replace(WELL, coordinators=1), Trouble.ONE_COORDINATOR),
        (replace(WELL, coordinators=0), Trouble.ONE_COORDINATOR),
        (replace(WELL, members=0), Trouble.NOBODY),
        (modem(credit_low=True), Trouble.LOW_CREDIT),
        (replace(WELL, proof_age=timedelta(days=36)), Trouble.NO_PROOF),
        (replace(WELL, nightly_age=timedelta(days=4)), Trouble.NO_NIGHTLY),
        (replace(WELL, panel_age=timedelta(seconds=31)), Trouble.PANEL_SILENT),
    ],
)
def test_what_a_coordinator_should_look_at_some_time_is_attention(facts: Facts, trouble: Trouble) -> None:
    verdict = judge(facts, NOW)
    assert (verdict.level, verdict.troubles) == (Level.ATTENTION, (trouble,))


def test_a_network_that_is_gone_for_two_minutes_is_not_yet_a_fault() -> None:
    assert judge(modem(registered=False, changed_at=ago(minutes=2)), NOW).level is Level.READY


def test_a_submit_that_takes_three_minutes_is_not_a_silent_modem() -> None:
    assert judge(modem(heartbeat_at=ago(seconds=185)), NOW).level is Level.READY


def test_a_long_list_that_moves_is_sending_though_its_last_texts_wait_for_forty_minutes() -> None:
    facts = replace(modem(sent_at=ago(seconds=9)), owed=20, oldest_owed=timedelta(minutes=40))
    assert judge(facts, NOW).level is Level.SENDING


def test_a_list_that_stopped_moving_a_quarter_of_an_hour_ago_is_stuck() -> None:
    facts = replace(modem(sent_at=ago(minutes=16)), owed=20, oldest_owed=timedelta(minutes=40))
    assert judge(facts, NOW).level is Level.BROKEN


def test_one_modem_of_two_that_works_is_enough_to_send() -> None:
    assert judge(replace(WELL, modems=(replace(MODEM, online=False), MODEM)), NOW).level is Level.READY


def test_the_worst_is_what_the_lamp_shows() -> None:
    everything = replace(modem(online=False), owed=1, waiting=1, members=0)
    assert judge(everything, NOW).level is Level.BROKEN
    assert judge(replace(everything, modems=(MODEM,)), NOW).level is Level.SENDING
    assert judge(replace(everything, modems=(MODEM,), owed=0), NOW).level is Level.WAITING
    assert judge(replace(everything, modems=(MODEM,), owed=0, waiting=0), NOW).level is Level.ATTENTION


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_everything_the_box_says_of_itself_is_there_in_each_language(language: str) -> None:
    words = lang.health(language)
    assert set(words["troubles"]) == set(Trouble)
    assert set(words["levels"]) == set(Level)
    assert {part: set(words[part]) for part in words} == {part: set(names) for part, names in lang.health("nl").items()}
    for trouble in Trouble:
        told = health.told(trouble, language)
        assert told.sentence.endswith(".") and told.step and told.since
        assert "{" not in told.sentence + told.step + told.since


@pytest.mark.parametrize("trouble", Trouble)
def test_a_threshold_is_told_as_a_figure_in_each_language_or_in_none(trouble: Trouble) -> None:
    written = [lang.health(language)["troubles"][trouble]["since"] for language in lang.LANGUAGES]
    assert {"{limit}" in since for since in written} == {trouble in LIMITS}


def switch_on(house: Any, **columns: Any) -> None:
    ModemState.create(
        name="a",
        heartbeat_at=house.now,
        changed_at=house.now,
        online=True,
        registered=True,
        storage_total=20,
        **columns,
    )


def test_an_empty_street_has_nobody_to_tell(house: Any) -> None:
    switch_on(house)
    verdict = health.read(house.now)
    assert verdict.level is Level.ATTENTION
    assert set(verdict.troubles) == {Trouble.NOBODY, Trouble.ONE_COORDINATOR}


def test_the_street_is_read_as_it_is(street: Any) -> None:
    switch_on(street, storage_used=0)
    members.enrol("Dora", "0470000204", street.now, "test")  # has not agreed yet
    facts = health.read(street.now).facts
    assert (facts.coordinators, facts.members) == (2, 5)
    assert facts.modems[0].storage_percent == 0


def test_the_last_rung_and_a_full_sim_are_read_as_they_are(street: Any) -> None:
    switch_on(street, recovery_step=8, room=Room.URGENT, credit_low=True)
    (facts,) = health.read(street.now).facts.modems
    assert (facts.gave_up, facts.room, facts.credit_low) == (True, Room.URGENT, True)


def test_a_storage_that_is_not_known_is_not_empty(street: Any) -> None:
    switch_on(street)
    assert health.read(street.now).facts.modems[0].storage_percent is None


def test_who_left_is_not_counted(street: Any) -> None:
    switch_on(street)
    for member in members.active():
        members.leave(member, street.now, "test")
    assert health.read(street.now).facts.members == 0


def test_a_police_text_is_sending_until_the_coordinators_have_it_and_waiting_after(street: Any) -> None:
    switch_on(street)
    contact = street.officer("Inspecteur Peeters", "0475000001")
    alerts.create(
        MessageClass.URGENT, Source.POLICE, "Inbraak", "", street.now, street.bin, contact=contact, verified=True
    )
    assert health.read(street.now).level is Level.SENDING
    Segment.update(state=State.SUBMITTED).execute()
    assert health.read(street.now).level is Level.WAITING


def test_a_text_that_is_due_later_is_not_owed_now(street: Any) -> None:
    switch_on(street)
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Let op", "Lies", street.now, street.bin)
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    Segment.update(due_at=street.now + timedelta(minutes=5)).execute()
    assert health.read(street.now).facts.owed == 0
    assert health.read(street.now + timedelta(minutes=6)).facts.owed == 5


def test_an_unread_oddity_and_a_used_button_ask_for_attention_until_somebody_looked(street: Any) -> None:
    switch_on(street)
    Arrival.create(key="x", kind="oddity", state=Standing.ASIDE, received_at=street.now)
    Acknowledgement.create(kind="button", at=street.now)
    assert set(health.read(street.now).troubles) == {Trouble.UNREADABLE, Trouble.BUTTON_USED}
    Arrival.update(read_at=street.now).execute()
    Acknowledgement.update(seen_at=street.now).execute()
    assert health.read(street.now).level is Level.READY


def test_a_store_that_no_service_has_written_to_for_a_minute_is_broken(street: Any) -> None:
    ModemState.create(name="a", heartbeat_at=street.now, changed_at=street.now, online=True, registered=True)
    health.beat("gateway", street.now)
    health.beat("panel", street.later(seconds=50))
    assert Trouble.NOT_WRITING not in health.read(street.later(seconds=60)).troubles
    assert Trouble.NOT_WRITING in health.read(street.later(seconds=1)).troubles


def test_each_service_has_one_heartbeat_however_often_it_beats(house: Any) -> None:
    for _ in range(3):
        health.beat("panel", house.later(seconds=10))
    beats = list(Heartbeat.select())
    assert [(beat.service, beat.at) for beat in beats] == [("panel", house.now)]


@pytest.mark.parametrize(
    ("facts", "trouble", "level"),
    [
        (replace(WELL, machine=Machine(free_megabytes=19)), Trouble.CARD_FULL, Level.BROKEN),
        (replace(WELL, machine=Machine(free_megabytes=199)), Trouble.CARD_LOW, Level.ATTENTION),
        (replace(WELL, machine=Machine(celsius=80.0)), Trouble.HOT, Level.ATTENTION),
        (replace(WELL, machine=Machine(under_voltage=True)), Trouble.WEAK_POWER, Level.ATTENTION),
        (replace(WELL, backup_age=timedelta(days=36)), Trouble.NO_BACKUP, Level.ATTENTION),
    ],
)
def test_the_computer_itself_can_be_the_matter(facts: Facts, trouble: Trouble, level: Level) -> None:
    verdict = judge(facts, NOW)
    assert (verdict.level, verdict.troubles[0]) == (level, trouble)


def test_a_computer_that_is_well_or_says_nothing_is_no_trouble() -> None:
    for machine in (Machine(), Machine(free_megabytes=200, celsius=79.9, under_voltage=False)):
        assert judge(replace(WELL, machine=machine), NOW).troubles == ()


def test_a_box_that_does_not_know_the_time_says_so_and_can_send() -> None:
    early = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    verdict = judge(replace(WELL, modems=(replace(MODEM, heartbeat_at=early, changed_at=early),)), early)
    assert (verdict.level, verdict.troubles) == (Level.ATTENTION, (Trouble.NO_CLOCK,))


def test_the_age_of_the_backup_counts_from_the_last_one_or_from_the_first_day(house) -> None:
    assert health.read(house.now).facts.backup_age == timedelta(0)
    audit.record("Lies", "enrolled", "member 1", house.now)
    house.later(minutes=60)
    assert health.read(house.now).facts.backup_age == timedelta(hours=1)
    audit.record("Lies", "backed up", "", house.now)
    assert health.read(house.now).facts.backup_age == timedelta(0)


def test_the_last_text_that_the_network_took_is_what_proves_that_the_box_can_send(house) -> None:
    audit.record("Lies", "enrolled", "member 1", house.now)
    house.later(minutes=60)
    switch_on(house)
    assert health.read(house.now).facts.proof_age == timedelta(hours=1)
    ModemState.update(sent_at=house.now - timedelta(minutes=5)).execute()
    assert health.read(house.now).facts.proof_age == timedelta(minutes=5)


def test_a_panel_that_gave_no_sign_for_half_a_minute_is_told_and_one_that_never_ran_is_not(street: Any) -> None:
    switch_on(street)
    assert health.read(street.now).troubles == ()
    health.beat("panel", street.now - timedelta(seconds=31))
    assert health.read(street.now).troubles == (Trouble.PANEL_SILENT,)
