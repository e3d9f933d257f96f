"""A BIN is founded, agrees, meets, trains, and hears in time what it lets slip."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from appliance import alerts, audit, intake, lang, report
from appliance.alerts import MessageClass, Source
from appliance.arrivals import Text
from appliance.life import charter, diary, drills, founding, hints, money, printing, survey
from appliance.life.founding import Facts, NotYet, Phase
from appliance.life.hints import Hint
from appliance.models import Alert, Arrival, Audit, Member
from appliance.people import members
from appliance.queue import inbox, outbox
from appliance.upkeep import privacy, retention

SETTINGS = {"name": "BIN Zonnebos", "preventive_hours": "08:00-20:00"}
NOTHING = Facts(info_meetings=0, coordinators=0, with_consent=0, signed=False, certified=False)
ALL = Facts(info_meetings=1, coordinators=2, with_consent=40, signed=True, certified=True)


def told(house, message_class=MessageClass.TEST, confirmers=()):
    alert = alerts.create(message_class, Source.COORDINATOR, "Dit is een test.", "Lies", house.now, house.bin)
    alerts.forward(alert, "Lies", "page", house.now, house.bin)
    while segment := outbox.claim("a", house.now):
        outbox.accepted(segment, segment.id % 256, house.now)
    for number in confirmers:
        alerts.confirm(number, "reply", house.later(minutes=3))
    return Alert.get_by_id(alert.id)


# --- founding


@pytest.mark.parametrize("phase", Phase)
def test_each_phase_asks_for_its_own_fact_and_for_no_other(phase):
    without = {
        Phase.INFO: replace(ALL, info_meetings=0), Phase.GROUP: replace(ALL, coordinators=1),
        Phase.DATA: replace(ALL, with_consent=0), Phase.CHARTER: replace(ALL, signed=False),
        Phase.TEST: replace(ALL, certified=False),
    }  # fmt: skip
    assert founding.lacking(phase, ALL, alone=False) == ""
    lacking = {name for name, facts in without.items() if founding.lacking(phase, facts, alone=False)}
    assert lacking == ({phase} & without.keys())


def test_a_sole_volunteer_may_go_on_and_nobody_at_all_may_not():
    one = replace(NOTHING, coordinators=1)
    assert founding.lacking(Phase.GROUP, one, alone=False)
    assert not founding.lacking(Phase.GROUP, one, alone=True)
    assert founding.lacking(Phase.GROUP, NOTHING, alone=True)


def test_a_bin_is_founded_step_by_step(street):
    with pytest.raises(NotYet, match="idea"):
        founding.reach(Phase.INFO, street.now, "Lies")
    founding.reach(Phase.IDEA, street.now, "Lies")
    with pytest.raises(NotYet, match="infovergadering"):
        founding.reach(Phase.INFO, street.now, "Lies")
    diary.hold(date(2026, 11, 20), diary.Kind.INFO, street.now, "Lies", attended=31)
    for phase in (Phase.INFO, Phase.GROUP, Phase.DATA):
        founding.reach(phase, street.now, "Lies")
    with pytest.raises(NotYet, match="charter"):
        founding.reach(Phase.CHARTER, street.now, "Lies")
    charter.draft(SETTINGS, street.now, "Lies")
    charter.sign(date(2026, 11, 24), "Lies", "A. Burgemeester", "K. Chef", street.now, "Lies")
    founding.reach(Phase.CHARTER, street.now, "Lies")
    founding.certify(told(street, confirmers=["+32470000201"]), street.now, "Lies")
    founding.reach(Phase.TEST, street.now, "Lies")
    founding.reach(Phase.ACTIVE, street.now, "Lies")
    assert founding.current() is Phase.ACTIVE
    assert set(founding.reached()) == set(Phase)


def test_the_founding_test_is_certified_in_figures_and_the_silent_are_named_to_the_coordinator_only(street):
    alert = told(street, confirmers=["+32470000201"])
    found = founding.certify(alert, street.now, "Lies")
    assert (found.members, found.accepted, found.reached, found.confirmed) == (5, 5, 0, 1)
    assert {line.name for line in founding.not_reached(alert)} == {"Lies", "Jan", "Ben", "Cleo"}
    for language in lang.LANGUAGES:
        words = printing.certificate(found, street.bin, language)
        assert "5" in words
        assert "Ada" not in words
    better = told(street, confirmers=["+32470000201", "+32470000202"])
    assert founding.certify(better, street.now, "Lies").confirmed == founding.certificate().confirmed == 2


def test_only_a_test_that_is_out_is_certified(street):
    urgent = told(street, MessageClass.URGENT)
    waiting = alerts.create(MessageClass.TEST, Source.COORDINATOR, "Test.", "Lies", street.now, street.bin)
    for alert in (urgent, waiting):
        with pytest.raises(NotYet):
            founding.certify(alert, street.now, "Lies")
    alerts.forward(waiting, "Lies", "page", street.now, street.bin)
    with pytest.raises(NotYet, match="bezig"):
        founding.certify(Alert.get_by_id(waiting.id), street.now, "Lies")


# --- the charter


def test_a_plan_gets_a_new_version_only_when_something_changed(house):
    assert charter.draft(SETTINGS, house.now, "Lies").version == 1
    assert charter.draft(SETTINGS, house.now, "Lies").version == 1
    assert charter.draft(SETTINGS | {"name": "BIN Zon"}, house.now, "Lies").version == 2
    with pytest.raises(charter.NothingDrafted):
        charter.Charter.delete().execute()
        charter.sign(date(2026, 11, 24), "Lies", "B", "C", house.now, "Lies")


def test_what_differs_from_the_signed_charter_is_named():
    now = {"name": "BIN Zonnebos", "preventive_hours": "08:00-21:00", "mode": "pyramid"}
    found = charter.drift(SETTINGS, now)
    assert [(one.setting, one.signed, one.now) for one in found] == [
        ("preventive_hours", "08:00-20:00", "08:00-21:00"), ("mode", "", "pyramid"),
    ]  # fmt: skip
    assert charter.drift(SETTINGS, SETTINGS) == []


# --- meetings and themes


def test_meetings_are_noted_with_how_many_came_and_themes_with_their_month(house):
    diary.hold(date(2026, 3, 1), diary.Kind.POLICE, house.now, "Lies", topics="Inbraken", decisions="Meer tips")
    diary.hold(date(2026, 9, 1), diary.Kind.GENERAL, house.now, "Lies", attended=44)
    assert [meeting.kind for meeting in diary.held()] == ["general", "police"]
    assert diary.last_of_each()[diary.Kind.POLICE] == date(2026, 3, 1)
    diary.plan(10, "  Donkere  dagen ", "wijkagent", house.now, "Lies")
    diary.plan(10, "Verlichting", "wijkagent", house.now, "Lies")
    assert diary.themes()[10].text == "Verlichting"
    diary.plan(10, "", "", house.now, "Lies")
    assert diary.themes() == {}
    with pytest.raises(diary.BadEntry):
        diary.plan(1, "x" * 3000, "", house.now, "Lies")


# --- drills


def test_a_drill_keeps_its_figures_when_the_persons_are_gone(street):
    told(street, confirmers=["+32470000201", "+32470000202"])
    (before,) = drills.held()
    assert (before.recipients, before.accepted, before.confirmed, before.median_seconds) == (5, 5, 2, 270)
    retention.erase(street.later(days=31), street.bin)
    assert drills.held() == [before]
    assert drills.silent() == []


# --- hints

WELL = hints.Facts(
    since=datetime(2026, 1, 1, tzinfo=UTC), signed=True, drifted=0, requests=0, suspended=0, unwelcomed=0,
    old_backups=False, not_resident=0, outcomes_open=0, sponsored_on=None, group_met_on=date(2026, 9, 1),
    told_at=datetime(2026, 11, 1, tzinfo=UTC), police_at=datetime(2026, 11, 1, tzinfo=UTC),
    tested_at=datetime(2026, 11, 1, tzinfo=UTC), silent=0, theme_open=False, talked_on=date(2026, 9, 1),
    met_on=date(2026, 4, 1),
)  # fmt: skip
NOW = datetime(2026, 11, 25, tzinfo=UTC)
LONG_AGO, LONG_AGO_DAY = datetime(2026, 1, 2, tzinfo=UTC), date(2025, 12, 1)


def test_a_bin_that_is_well_hears_nothing():
    assert hints.judge(WELL, NOW) == []


@pytest.mark.parametrize(
    ("facts", "hint"),
    [
        ({"signed": False}, Hint.TRIAL), ({"drifted": 1}, Hint.DRIFT), ({"requests": 1}, Hint.REQUESTS),
        ({"unwelcomed": 1}, Hint.UNWELCOMED), ({"suspended": 1}, Hint.SUSPENDED),
        ({"old_backups": True}, Hint.OLD_BACKUPS), ({"not_resident": 1}, Hint.RESIDENCE),
        ({"outcomes_open": 1}, Hint.OUTCOME), ({"sponsored_on": date(2026, 10, 1)}, Hint.SPONSOR),
        ({"told_at": LONG_AGO}, Hint.QUIET), ({"told_at": None}, Hint.QUIET),
        ({"police_at": LONG_AGO}, Hint.POLICE_SILENT), ({"theme_open": True}, Hint.THEME),
        ({"tested_at": LONG_AGO}, Hint.TEST), ({"silent": 2}, Hint.SILENT),
        ({"talked_on": LONG_AGO_DAY}, Hint.POLICE_TALK), ({"met_on": LONG_AGO_DAY}, Hint.GENERAL_MEETING),
    ],
)  # fmt: skip
def test_each_thing_that_slips_is_said_and_nothing_else(facts, hint):
    assert hints.judge(replace(WELL, **facts), NOW) == [hint]


def test_once_the_steering_group_met_a_sponsor_is_no_more_talked_of():
    assert hints.judge(replace(WELL, sponsored_on=date(2026, 8, 1)), NOW) == []


def test_an_urgent_alert_without_an_outcome_is_hinted_at_the_day_after(street):
    told(street, MessageClass.URGENT)
    assert hints.read(street.later(hours=23), street.bin, SETTINGS).outcomes_open == 0
    assert hints.read(street.later(hours=2), street.bin, SETTINGS).outcomes_open == 1


def test_nothing_is_late_in_a_new_bin():
    new = replace(WELL, since=NOW - timedelta(days=3), told_at=None, police_at=None, tested_at=None, talked_on=None,
                  met_on=None)  # fmt: skip
    assert hints.judge(new, NOW) == []


def test_the_facts_are_read_from_what_happened(street):
    told(street)
    diary.plan(street.bin.local(street.now).month, "Verlichting", "", street.now, "Lies")
    charter.draft(SETTINGS, street.now, "Lies")
    charter.sign(date(2026, 11, 24), "Lies", "B", "C", street.now, "Lies")
    facts = hints.read(street.now, street.bin, SETTINGS | {"name": "BIN Zon"})
    assert (facts.signed, facts.drifted, facts.theme_open, facts.unwelcomed) == (True, 1, True, 5)
    assert (facts.tested_at, facts.told_at, facts.police_at) == (street.now, None, None)
    told(street, MessageClass.PREVENTIVE)
    assert not hints.read(street.now, street.bin, SETTINGS).theme_open
    assert facts.since == Audit.select().order_by(Audit.id).first().at


def test_of_lies_and_jan_it_is_asked_whether_they_live_there_and_of_ada_it_is_not(street):
    assert hints.read(street.now, street.bin, SETTINGS).not_resident == 2
    for name in ("Lies", "Jan"):
        members.confirm_residence(Member.get(Member.name == name), date(2026, 11, 25), street.now, "Lies")
    assert hints.read(street.now, street.bin, SETTINGS).not_resident == 0


# --- money


def test_who_paid_and_when_is_noted_and_what_a_sponsor_gave_stands_apart(house):
    for day, kind, cents, who in (
        (3, money.Kind.MUNICIPALITY, 10_000, "Gemeente"), (9, money.Kind.SPONSOR, 5_000, "Bakkerij"),
        (20, money.Kind.COST, 2_550, "Operator"), (12, money.Kind.CONTRIBUTION, 4_000, ""),
    ):  # fmt: skip
        money.note(date(2026, 11, day), kind, cents, house.now, "Lies", who=who)
    assert [payment.kind for payment in money.noted()] == ["cost", "contribution", "sponsor", "municipality"]
    assert money.balance() == money.Balance(came_in=19_000, went_out=2_550, sponsored=5_000)
    assert money.last_sponsored() == date(2026, 11, 9)
    assert audit.first_broken() is None


@pytest.mark.parametrize(("kind", "cents", "who"), [("cost", 0, ""), ("cost", 10**9, ""), ("contribution", 400, "Ada")])
def test_no_member_is_named_and_no_impossible_sum_noted(house, kind, cents, who):
    with pytest.raises(diary.BadEntry):
        money.note(date(2026, 11, 1), money.Kind(kind), cents, house.now, "Lies", who=who)
    assert money.noted() == []


# --- how safe people feel


def answer(house, number, words):
    inbox.keep([Text(number, words, house.later(seconds=1), None, words.encode().hex(), None, False)], "a", house.now)
    for arrival in inbox.waiting(house.now):
        intake.act(arrival, house.now, house.bin)


def asked(house):
    survey.ask("Lies", "page", house.now, house.bin)
    while segment := outbox.claim("a", house.now):
        outbox.accepted(segment, segment.id % 256, house.now)


def test_once_a_year_people_say_how_safe_they_feel_and_nobody_can_tell_who_said_what(street):
    asked(street)
    for number, words in (("101", "8"), ("102", "10"), ("201", " 7. "), ("202", "9/10")):
        answer(street, f"+32470000{number}", words)
    assert survey.of_year(2026) == survey.Feeling(4, None)
    answer(street, "+32470000203", "ok")  # read, and not an answer yet
    for words in ("1", "2"):  # the first counts
        answer(street, "+32470000203", words)
    assert survey.of_year(2026) == survey.Feeling(5, 7.0)
    kept = [(arrival.text, arrival.pdu) for arrival in Arrival.select() if arrival.text != "ok"]
    assert set(kept) == {("", "")}
    found = report.of_year(2026, street.bin)
    assert (found.feeling.average, found.feeling_before) == (7.0, None)
    assert "7.0" in printing.year(found, street.bin, "nl")


def test_it_is_not_asked_twice_a_year_and_eleven_is_no_answer(street):
    asked(street)
    answer(street, "+32470000201", "11")
    assert survey.of_year(2026).answers == 0
    with pytest.raises(survey.AskedAlready):
        asked(street)
    assert Alert.select().count() == 1


def test_a_number_after_another_alert_is_no_answer(street):
    asked(street)
    told(street, MessageClass.URGENT)
    answer(street, "+32470000201", "8")
    assert survey.of_year(2026).answers == 0


# --- on paper


def test_adas_sheet_tells_her_everything_that_is_held_in_her_own_language(street):
    cleo = Member.get(Member.name == "Cleo")
    members.add_second_number(cleo, "Tom", "0470000301", "2026-11-20", street.now, "Lies")
    told(street, MessageClass.URGENT, ["+32470000203"])
    inbox.keep([Text("+32470000203", "merci beaucoup", street.now, None, "00", None, False)], "a", street.now)
    Arrival.update(member=cleo).execute()
    sheet = printing.member_sheet(cleo, street.now, street.bin)
    for held in ("ce que nous conservons", "Cleo", "+32470000203", "Lindedreef", "Tom, +32470000301", "merci beaucoup",
                 "urgent, confirmé le", "paper 2026", "sur papier", "STOP", "Lies"):  # fmt: skip
        assert held in sheet, held
    assert "Ada" not in sheet
    held = privacy.held(cleo)
    columns = {"id", "name", "number", "street", "language", "role", "state", "consent", "consent_way", "consent_form",
               "consented_at", "welcomed_at", "second_of", "unanswered_tests", "preventive", "night", "created_at",
               "left_at", "hours", "resident_on"}  # fmt: skip
    assert set(Member._meta.fields) == columns, "a new column about a person belongs on the sheet"
    assert len(held.told) == 1


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_every_sheet_is_filled_in_and_only_the_plan_and_the_handover_name_anybody(street, language):
    street.officer("De Wit", "0470000001")
    for make in (printing.register, printing.theft, printing.sign_up, printing.about, printing.card):
        sheet = make(street.now, street.bin, language)
        assert "Zonnebos" in sheet
        assert not [name for name in ("Ada", "Ben", "Cleo", "+3247") if name in sheet]
    assert "De Wit" in printing.plan(street.now, street.bin, {"name": "BIN Zonnebos"}, language)
    handover = printing.handover(street.now, street.bin, language)
    assert str(audit.head()) in handover
    assert "+32470000001" not in handover
    words = printing.year(report.of_year(2026, street.bin), street.bin, language)
    assert not [name for name in ("Ada", "Ben", "Cleo", "Lies", "+3247") if name in words]


def test_the_newsletter_gets_the_tips_and_never_an_urgent_text(street):
    for message_class in (MessageClass.PREVENTIVE, MessageClass.URGENT):
        words = f"Tekst {message_class}."
        alert = alerts.create(message_class, Source.COORDINATOR, words, "Lies", street.now, street.bin)
        alerts.forward(alert, "Lies", "page", street.now, street.bin)
    sheet = printing.tips(street.now, street.bin, "nl")
    assert "25/11/2026: Tekst preventive." in sheet
    assert "Tekst urgent" not in sheet


def test_the_register_names_every_rule_of_retention_with_its_days(street):
    register = printing.register(street.now, street.bin, "nl")
    for rule in retention.RULES:
        assert f": {rule.kept.days} dagen" in register


def test_the_theft_sheet_counts_what_is_on_the_box(street):
    told(street)
    inbox.keep([Text("+32470000203", "dag", street.now, None, "00", None, False)], "a", street.now)
    found = privacy.holding()
    assert (found.members, found.coordinators, found.alerts_with_names, found.texts_came_in) == (5, 2, 1, 1)
    assert found.oldest == street.now
    assert "72" in printing.theft(street.now, street.bin, "nl")
