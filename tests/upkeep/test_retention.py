"""What is erased when, and that it is really gone."""

from datetime import timedelta
from pathlib import Path

import pytest

from appliance import alerts, codes, intake
from appliance.alerts import MessageClass, Source, progress
from appliance.arrivals import Report, Ring, Text
from appliance.models import (
    Acknowledgement,
    Alert,
    Arrival,
    Audit,
    Challenge,
    Delivery,
    Member,
    MonthCount,
    PoliceContact,
    Refusal,
    Segment,
    Tally,
    database,
)
from appliance.people import members
from appliance.queue import inbox, outbox
from appliance.queue.outbox import Kind
from appliance.upkeep import erasure, retention, scratch

LIES, ADA, BEN = "+32470000101", "+32470000201", "+32470000202"


def told(house, message_class=MessageClass.URGENT, *confirmers):
    """An alert that went to all and that *confirmers* answered."""
    alert = alerts.create(message_class, Source.COORDINATOR, "Inbraak bij Peeters.", "Lies", house.now, house.bin)
    alerts.forward(alert, "Lies", "page", house.now, house.bin)
    while segment := outbox.claim("a", house.now):
        outbox.accepted(segment, segment.id % 256, house.now)
    house.later(minutes=2)
    for number in confirmers:
        alerts.confirm(number, "reply", house.now)
    return Alert.get_by_id(alert.id)


def arrive(house, *arrivals):
    inbox.keep(arrivals, "a", house.now)
    for arrival in inbox.waiting(house.now):
        intake.act(arrival, house.now, house.bin)


def texted(house, number, words):
    arrive(house, Text(number, words, house.later(seconds=1), None, words.encode().hex(), None, False))


def kept(alert):
    return Delivery.select().where((Delivery.alert == alert) & (Delivery.kind == Kind.ALERT)).count()


def test_seven_days_after_an_alert_is_closed_nobody_knows_who_confirmed_and_the_counts_stay(street):
    alert = told(street, MessageClass.URGENT, ADA, BEN)
    before = progress.of(alert)
    alerts.close(alert, "Lies", "page", street.now, street.bin)
    retention.erase(street.later(days=6, hours=23), street.bin)
    assert kept(alert) == 5
    retention.erase(street.later(hours=2), street.bin)
    assert (kept(alert), Segment.select().count()) == (0, 0)
    after = progress.of(alert)
    assert (after.counts, after.lines) == (before.counts, ())
    assert after.counts["confirmed"] == 2
    assert (after.first_submitted_at, after.last_submitted_at) == (before.first_submitted_at, before.last_submitted_at)
    assert Tally.get().median_seconds == 120


def test_an_alert_that_nobody_closes_keeps_its_names_for_thirty_days_at_most(street):
    alert = told(street)
    retention.erase(street.later(days=29), street.bin)
    assert kept(alert) == 5
    retention.erase(street.later(days=2), street.bin)
    assert kept(alert) == 0


def test_what_is_still_owed_is_not_erased(street):
    alert = told(street)
    Segment.update(state="queued").where(Segment.number == ADA).execute()
    retention.erase(street.later(days=40), street.bin)
    assert kept(alert) == 5


def test_texts_are_redacted_after_ninety_days_and_their_fingerprint_stays(street):
    alert = told(street)
    seal = alerts.fingerprint(alert)
    retention.erase(street.later(days=89), street.bin)
    assert Alert.get().original == "Inbraak bij Peeters."
    retention.erase(street.later(days=2), street.bin)
    assert (Alert.get().original, Alert.get().text) == ("", "")
    assert Audit.select().where(Audit.detail == seal).exists()
    assert retention.over(street.now)["texts"] == 0


def secret_of_the_police(house, words="DRINGEND {} NIET BEWAREN: Verdachte in de Kerkstraat. Bel 101."):
    contact = house.officer("De Wit", "0470000900")
    texted(house, contact.number, words.format(codes.card(contact.secret, 0, 1)[0][1]))
    return Alert.get()


def everywhere():
    """Each place of the store where the words of an alert may stand."""
    rows = [*Alert.select(), *Delivery.select(), *Segment.select(), *Arrival.select()]
    return " ".join(str(value) for row in rows for value in row.__data__.values())


def test_what_the_police_do_not_want_kept_is_gone_everywhere_the_night_after_it_ended_and_its_fingerprint_stays(street):
    alert = secret_of_the_police(street)
    assert (alert.original, alert.not_kept) == ("Verdachte in de Kerkstraat. Bel 101.", True)
    seal = alerts.fingerprint(alert)
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    while segment := outbox.claim("a", street.now):
        outbox.accepted(segment, segment.id % 256, street.now)
    retention.erase(street.later(hours=1), street.bin)
    assert "Verdachte" in everywhere()
    alerts.close(Alert.get(), "Lies", "page", street.now, street.bin)
    while segment := outbox.claim("a", street.now):
        outbox.accepted(segment, segment.id % 256, street.now)
    retention.erase(street.later(hours=2), street.bin)
    assert "Verdachte" not in everywhere()
    assert Audit.select().where(Audit.detail == seal).exists()


def test_what_ada_answered_to_a_text_that_is_not_kept_still_waits_to_be_read(street):
    alert = secret_of_the_police(street)
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    while segment := outbox.claim("a", street.now):
        outbox.accepted(segment, segment.id % 256, street.now)
    texted(street, ADA, "ik zie die man nu in de tuin")
    alerts.close(Alert.get(), "Lies", "page", street.now, street.bin)
    while segment := outbox.claim("a", street.now):
        outbox.accepted(segment, segment.id % 256, street.now)
    retention.erase(street.later(hours=2), street.bin)
    assert Alert.get().text == ""
    unread = Arrival.get(Arrival.number == ADA)
    assert (unread.text, unread.alert) == ("ik zie die man nu in de tuin", alert)


def test_nobody_closes_what_is_not_to_be_kept_and_it_is_gone_after_a_week(street):
    alert = secret_of_the_police(street)
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    while segment := outbox.claim("a", street.now):
        outbox.accepted(segment, segment.id % 256, street.now)
    retention.erase(street.later(days=6), street.bin)
    assert Alert.get().text
    retention.erase(street.later(days=2), street.bin)
    assert Alert.get().text == ""


def test_nothing_is_wiped_while_a_text_of_it_may_still_leave(street):
    alert = secret_of_the_police(street)
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    Alert.update(state="closed").execute()
    retention.erase(street.later(minutes=30), street.bin)
    assert "Verdachte" in Alert.get().text


def test_what_came_in_is_a_number_after_thirty_days(street):
    texted(street, ADA, "er is brand")
    texted(street, BEN, "INFO")
    texted(street, ADA, "zie ook de buren")
    arrive(street, Ring(BEN, street.now))
    retention.erase(street.later(days=31), street.bin)
    assert (Arrival.select().count(), Delivery.select().count()) == (0, 0)
    counted = {(row.month, row.what): row.number for row in MonthCount.select()}
    assert counted[("2026-11", "report")] == 2
    assert counted[("2026-11", "info")] == 1
    texted(street, ADA, "er is brand")
    retention.erase(street.later(days=31), street.bin)
    assert MonthCount.get((MonthCount.month == "2026-12") & (MonthCount.what == "report")).number == 1


def test_delivery_reports_challenges_failures_and_what_was_put_away_go_too(street):
    contact = street.officer("De Wit", "0470000001")
    alerts.create(MessageClass.URGENT, Source.POLICE, "Inbraak.", "De Wit", street.now, street.bin, contact=contact)
    PoliceContact.update(failures=4, failed_at=street.now).execute()
    Acknowledgement.create(kind="button", at=street.now, seen_at=street.now, seen_by="Lies")
    inbox.keep([Report(ADA, 1, 0, street.now, street.now, "", None)], "a", street.now)
    retention.erase(street.later(days=8), street.bin)
    assert (Challenge.select().count(), Arrival.select().count()) == (0, 0)
    assert (PoliceContact.get().failures, Acknowledgement.select().count()) == (4, 1)
    retention.erase(street.later(days=30), street.bin)
    assert (PoliceContact.get().failures, Acknowledgement.select().count()) == (0, 0)


def test_a_revoked_contact_is_forgotten_and_his_alerts_stay(street):
    contact = street.officer("De Wit", "0470000001")
    alerts.create(MessageClass.URGENT, Source.POLICE, "Inbraak.", "De Wit", street.now, street.bin, contact=contact)
    PoliceContact.update(revoked_at=street.now).execute()
    retention.erase(street.later(days=91), street.bin)
    assert PoliceContact.select().count() == 0
    assert (Alert.get().police_contact, Alert.get().author) == (None, "")


def test_after_two_years_even_the_counts_and_the_log_are_gone_and_the_log_is_whole(street):
    told(street)
    texted(street, ADA, "INFO")
    for _ in range(3):
        retention.erase(street.later(days=370), street.bin)
    assert [table.select().count() for table in (Alert, Tally, MonthCount)] == [0, 0, 0]
    assert Audit.select().order_by(Audit.id).first().at > street.now - timedelta(days=731)
    assert retention.audit.first_broken() is None


@pytest.mark.slow
def test_three_tests_in_a_row_without_a_sign_are_counted_and_one_answer_begins_anew(street):
    def missed():
        return {member.name: member.unanswered_tests for member in Member.select()}

    for _ in range(3):
        told(street, MessageClass.TEST, ADA)
        retention.erase(street.later(days=31), street.bin)
    assert (missed()["Ada"], missed()["Ben"]) == (0, 3)
    told(street, MessageClass.URGENT, BEN)
    retention.erase(street.later(days=31), street.bin)
    assert (missed()["Ben"], missed()["Cleo"]) == (0, 3)


def test_a_week_after_a_stop_ada_is_erased_and_the_alert_she_got_is_still_counted(street):
    alert = told(street, MessageClass.URGENT, ADA)
    texted(street, ADA, "STOP")
    retention.erase(street.later(days=6), street.bin)
    assert Member.get_or_none(Member.number == ADA)
    retention.erase(street.later(days=2), street.bin)
    assert Member.get_or_none(Member.name == "Ada") is None
    assert progress.of(alert).counts["recipients"] == 5
    assert not Delivery.select().where((Delivery.number == ADA) | (Delivery.name == "Ada")).exists()
    assert Refusal.select().count() == 1
    assert retention.audit.first_broken() is None


def test_a_coordinator_who_is_erased_leaves_her_decisions_without_her_name(street):
    alert = told(street)
    lies = Member.get(Member.number == LIES)
    erasure.erase(lies, street.now, "Jan", street.bin)
    assert (Alert.get_by_id(alert.id).decided_by, Alert.get_by_id(alert.id).author) == ("", "")
    street.enrol("Jan", "0470000301")
    other = told(street)
    Alert.update(decided_by="Jan").where(Alert.id == other.id).execute()
    erasure.erase(Member.get(Member.number == "+32470000301"), street.now, "x", street.bin)
    assert Alert.get_by_id(other.id).decided_by == "Jan"


def test_second_numbers_are_erased_with_their_member(street):
    ada = Member.get(Member.number == ADA)
    members.add_second_number(ada, "Tom", "0470000301", "2026-11-20", street.now, "Lies")
    texted(street, ADA, "STOP")
    retention.erase(street.later(days=8), street.bin)
    assert not Member.select().where(Member.name << ("Ada", "Tom")).exists()
    assert Refusal.select().count() == 1


def test_a_database_that_a_restore_put_aside_is_gone_after_thirty_days_and_nothing_else_is(house):
    if house.shared:
        names = [f"bin_kast_before_{when}" for when in ("20261001t120000", "20261120t120000")]
        for name in names:
            database.execute_sql(f'CREATE SCHEMA "{name}"')
    else:
        names = [f"{house.folder}/bin.db.before-{when}" for when in ("20261001T120000", "20261120T120000")]
        for name in [*names, f"{house.folder}/bin.db.before-holiday"]:
            Path(name).touch()
    retention.erase(house.now, house.bin)
    assert scratch.put_aside(house.now) == names[1:]
    assert house.shared or Path(f"{house.folder}/bin.db.before-holiday").exists()


@pytest.mark.parametrize(
    ("hours", "local_hour", "due"),
    [(1, 4, False), (19, 3, False), (23, 3, True), (23, 4, True), (23, 5, False), (30, 14, False), (37, 14, True)],
)
def test_it_is_done_once_a_night_or_at_any_hour_when_a_night_was_missed(house, hours, local_hour, due):
    assert retention.is_due(house.now - timedelta(hours=hours), house.now, local_hour) is due


def test_it_waits_while_a_text_waits_to_leave_and_until_the_clock_is_set(street):
    alert = told(street)
    Segment.update(state="queued").where(Segment.number == ADA).execute()
    retention.nightly(street.now, street.bin)
    assert retention.last_done() is None
    Segment.update(state="delivered").where(Segment.number == ADA).execute()
    retention.nightly(street.now.replace(year=2020), street.bin)
    assert retention.last_done() is None
    retention.nightly(street.now, street.bin)
    assert retention.last_done() == street.now
    assert kept(alert) == 5


def test_backups_from_before_an_erasure_are_named_with_the_day_they_must_be_gone(street):
    assert retention.old_backups().made_before is None
    texted(street, ADA, "STOP")
    stopped = street.now
    retention.erase(street.later(days=7, hours=1), street.bin)
    found = retention.old_backups()
    assert (found.made_before, found.newer_made) == (street.now, False)
    assert found.destroy_by <= stopped + timedelta(days=31)
    retention.audit.record("Lies", "backed up", "", street.now)
    assert retention.old_backups().newer_made
