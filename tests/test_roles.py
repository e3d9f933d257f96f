"""Who may do what: every cell of the matrix, and that SMS, page and command line ask it."""

import pytest

from appliance import alerts, codes, intake, roles
from appliance.alerts import AlertState, MessageClass, Source
from appliance.arrivals import Text
from appliance.conversation import Intent
from appliance.models import Alert, Arrival, Delivery, Member, PoliceContact
from appliance.people import members
from appliance.people.members import Role
from appliance.queue import inbox
from appliance.roles import Act, Grant, Part

OFFICER, LIES = "+32470000001", "+32470000101"

# facts of domain 1H, one row for each part; a dash is no
MATRIX = """
                names  numbers  urgent     decide  withdraw  preventive  feedback   figures  settings  hears
coordinator     yes    yes      forward    yes     yes       forward     forward    yes      yes       -
steering_group  -      -        -          -       -         propose     -          yes      read      -
mandated        -      -        originate  -       yes       originate   originate  yes      read      yes
neighbourhood   -      -        -          -       -         originate   originate  yes      read      yes
desk            -      -        originate  -       own       originate   originate  counts   -         -
authority       -      -        -          -       -         -           -          yearly   read      -
member          own    own      -          -       -         -           -          yearly   own       -
"""
CELLS = [
    (Part(part), act, Grant.NO if cell == "-" else Grant(cell))
    for part, *cells in map(str.split, MATRIX.strip().splitlines()[1:])
    for act, cell in zip(Act, cells, strict=True)
]


@pytest.mark.parametrize(("part", "act", "granted"), CELLS)
def test_every_cell_says_what_the_specification_says(part, act, granted):
    assert roles.grant(part, act) is granted
    assert roles.may(part, act, own=True) == (granted is not Grant.NO)
    assert roles.may(part, act) == (granted not in (Grant.NO, Grant.OWN))


def test_the_matrix_is_whole():
    assert len(CELLS) == len(Part) * len(Act)
    assert {roles.of_member(role) for role in Role} == {Part.COORDINATOR, Part.STEERING, Part.MEMBER}


def test_nobody_but_a_coordinator_decides_and_no_coordinator_writes_as_the_police():
    assert [part for part in Part if roles.may(part, Act.DECIDE)] == [Part.COORDINATOR]
    assert not any(roles.may_write(Part.COORDINATOR, message_class) for message_class in MessageClass)
    assert not any(roles.may_write(part, MessageClass.PANIC) for part in Part)


# --- by SMS


def contact(house, part):
    house.officer("De Wit", OFFICER)
    PoliceContact.update(role=part).execute()


def text(house, number, words):
    house.later(seconds=1)
    inbox.keep([Text(number, words, house.now, None, "00", None, False)], "a", house.now)
    for arrival in inbox.waiting(house.now):
        intake.act(arrival, house.now, house.bin)


def code():
    officer = PoliceContact.get(PoliceContact.number == OFFICER)
    return codes.card(officer.secret, officer.counter, 1)[0][1]


KEYWORDS = {"BIN1": "urgent", "BIN2": "preventive", "BINF": "feedback", "BINC": "feedback_coordinators", "BINT": "test"}


@pytest.mark.parametrize("part", roles.POLICE)
@pytest.mark.parametrize("keyword", KEYWORDS)
def test_what_a_part_may_not_write_is_shown_as_not_entitled_and_never_dropped(street, part, keyword):
    contact(street, part)
    text(street, OFFICER, f"{keyword} {code()} Woorden")
    alert = Alert.get()
    allowed = roles.may_write(part, KEYWORDS[keyword])
    assert (alert.verified, alert.doubt) == (allowed, "" if allowed else "not_allowed")


@pytest.mark.parametrize("part", roles.POLICE)
@pytest.mark.parametrize("own", [True, False])
def test_who_may_withdraw_whose_alert(street, part, own):
    contact(street, Part.MANDATED)
    text(street, OFFICER, f"BIN1 {code()} Inbraak")
    if not own:
        Alert.update(police_contact=street.officer("Wachtdienst", "0470000002")).execute()
    PoliceContact.update(role=part).where(PoliceContact.number == OFFICER).execute()
    text(street, OFFICER, f"BINX 1 {code()}")
    withdrawn = Alert.get().state == AlertState.WITHDRAWN
    assert withdrawn == roles.may(part, Act.WITHDRAW, own=own)


@pytest.mark.parametrize("part", roles.POLICE)
def test_every_police_contact_may_ask_for_counts(street, part):
    contact(street, Part.MANDATED)
    text(street, OFFICER, f"BIN1 {code()} Inbraak")
    PoliceContact.update(role=part).execute()
    before = Alert.get().deliveries.count()
    text(street, OFFICER, f"BINS {code()}")
    assert Alert.get().deliveries.count() == before + 1


@pytest.mark.parametrize("role", Role)
def test_whose_ja_counts(street, role):
    contact(street, Part.MANDATED)
    text(street, OFFICER, f"BIN1 {code()} Inbraak")
    lies = members.by_number(LIES)
    lies.role = role
    lies.save()
    text(street, LIES, "JA 4821")
    assert (Alert.get().state == AlertState.FORWARDED) == roles.may(roles.of_member(role), Act.DECIDE)


@pytest.mark.parametrize("part", roles.POLICE)
def test_who_of_the_police_hears_of_a_text_that_lies_sent_by_herself(street, part):
    contact(street, part)
    gas = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Gaslek", "Lies", street.now, street.bin)
    alerts.forward(gas, "Lies", "page", street.now, street.bin)
    told = Delivery.select().where(Delivery.number == OFFICER).exists()
    assert told == roles.may(part, Act.HEAR_OWN_ALERTS)


@pytest.mark.parametrize("part", roles.POLICE)
def test_no_text_to_the_police_names_a_member_or_a_number(street, part):
    contact(street, Part.MANDATED)
    text(street, OFFICER, f"BIN1 {code()} Inbraak")
    text(street, LIES, "JA 4821")
    PoliceContact.update(role=part).execute()
    text(street, OFFICER, f"BINS {code()}")
    alerts.close(Alert.get(), "Lies", "page", street.now, street.bin)
    told = " ".join(d.text for d in Delivery.select().where(Delivery.number == OFFICER))
    assert not any(roles.may(part, act, own=True) for act in (Act.SEE_NAMES, Act.SEE_NUMBERS))
    assert [hidden for hidden in ("Ada", "Ben", "Cleo", "Lies", "Jan", "+324", "0470") if hidden in told] == []
    assert "verzonden" in told


# --- every command of every sender

ADA, GREET, STRANGER = "+32470000201", "+32470000301", "+32470000999"
SENDERS = {"coordinator": LIES, "steering_group": GREET, "member": ADA, "stranger": STRANGER, "name": "Zone Noord"}
OF_A_MEMBER = ("OK", "STOP", "STOP TIPS", "START", "INFO", "TAAL FR", "HULP", "PRIVACY", "Ik ben op reis", "Dank u")
OF_A_COORDINATOR = ("JA 4821", "LATER 4821 18u00", "NEE 4821", "STATUS 4821")
OF_THE_POLICE = (*(f"{keyword} 123456 Woorden" for keyword in KEYWORDS), "BINX 1 123456", "BINS 123456")
DECIDED = {"JA 4821": AlertState.FORWARDED, "LATER 4821 18u00": AlertState.DELAYED, "NEE 4821": AlertState.DECLINED}


@pytest.fixture
def waiting(street):
    """An alert of the officer that waits, its code used up; Greet is of the core group."""
    street.enrol("Greet", GREET, Role.CORE)
    contact(street, Part.MANDATED)
    text(street, OFFICER, f"BIN1 {code()} Inbraak")
    return Alert.get()


@pytest.mark.slow
@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("words", OF_A_MEMBER + OF_A_COORDINATOR + OF_THE_POLICE)
def test_a_text_moves_an_alert_only_for_whom_the_table_lets_decide(street, waiting, sender, words):
    text(street, SENDERS[sender], words)
    decides = sender in set(Part) and roles.may(Part(sender), Act.DECIDE)
    moved = DECIDED.get(words, AlertState.WAITING) if decides else AlertState.WAITING
    assert [alert.state for alert in Alert.select()] == [moved]  # and no alert was made


@pytest.mark.parametrize("keyword", KEYWORDS)
@pytest.mark.parametrize("sender", SENDERS)
def test_the_officers_own_code_is_worth_nothing_from_another_telephone(street, waiting, sender, keyword):
    text(street, SENDERS[sender], f"{keyword} {code()} Woorden")
    assert Alert.select().count() == 1
    text(street, OFFICER, f"{keyword} {code()} Woorden")  # nor is it used up
    assert Alert.select().order_by(Alert.id.desc()).first().verified


@pytest.mark.parametrize("sender", SENDERS)
def test_only_who_is_a_member_stops_and_changes_his_language(street, waiting, sender):
    known = members.by_number(SENDERS[sender])
    for words in ("TAAL FR", "STOP"):
        before = list(Member.select().where(Member.number != SENDERS[sender]).tuples())
        text(street, SENDERS[sender], words)
        assert list(Member.select().where(Member.number != SENDERS[sender]).tuples()) == before
    if known:
        after = Member.get_by_id(known.id)
        assert (after.language, after.state) == ("fr", members.Standing.LEFT)


# --- an officer who lives in the street


@pytest.fixture
def neighbour_officer(street):
    """De Wit is the mandated officer, lives in the Kerkstraat, and is a coordinator too."""
    contact(street, Part.MANDATED)
    return street.enrol("De Wit", OFFICER, Role.COORDINATOR, street="Kerkstraat")


def test_a_coordinator_who_is_police_too_writes_as_police_with_a_keyword_and_decides_with_his_number(
    street, neighbour_officer
):
    text(street, OFFICER, f"BIN1 {code()} Inbraak")
    assert (Alert.get().verified, Alert.get().state) == (True, AlertState.WAITING)
    text(street, OFFICER, "JA 4821")
    assert (Alert.get().decided_by, Alert.get().state) == ("De Wit", AlertState.FORWARDED)
    text(street, OFFICER, "OK")
    assert Arrival.select().order_by(Arrival.id.desc()).get().intent == Intent.CONFIRM  # of police alone it is none


def test_neither_part_lends_its_proof_to_the_other(street, neighbour_officer):
    text(street, OFFICER, "BIN1 Inbraak")  # no code: being a coordinator does not make it believed
    assert not Alert.get().verified
    text(street, OFFICER, f"JA {code()}")  # a code of the card decides nothing
    assert Alert.get().state == AlertState.WAITING


def test_a_member_who_is_police_too_can_stop(street):
    contact(street, Part.NEIGHBOURHOOD)
    dewit = street.enrol("De Wit", OFFICER, street="Kerkstraat")
    text(street, OFFICER, "STOP")
    assert Member.get_by_id(dewit.id).state == members.Standing.LEFT
    assert PoliceContact.get().revoked_at is None
