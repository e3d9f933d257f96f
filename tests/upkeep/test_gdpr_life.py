"""One member from the paper form to erased, proven on the bytes of the files and not by asking the database."""

import sqlite3
from contextlib import closing, contextmanager

import pyrage
import pytest

from appliance import alerts, intake, store
from appliance.alerts import MessageClass, Source, progress
from appliance.arrivals import Report, Ring, Text
from appliance.models import Member, Segment, database
from appliance.people import members, members_csv, membership, refusals
from appliance.queue import inbox, outbox
from appliance.upkeep import backup, retention

NAME, NUMBER, STREET = "Wilhelmina Verstraeten", "+32478612934", "Papaverdreef"
FORM = f"naam;gsm;straat;taal;toestemming;formulier\n{NAME};0478/61.29.34;{STREET};nl;2026-11-25;versie 3\n".encode()

# however a number may stand there: E.164, as people write it, as a PDU swaps its digits (3GPP TS 23.040 9.1.2.3)
NATIONAL = NUMBER.removeprefix("+32")


def semi_octets(number):
    digits = number.removeprefix("+") + "F" * (len(number) % 2 == 0)
    return "".join(second + first for first, second in zip(digits[::2], digits[1::2], strict=True))


TRACES = [NAME, NAME.split()[1], NATIONAL, semi_octets(NUMBER), "mijn poes", NAME.encode().hex(), b"mijn poes".hex()]


def traces_in(content):
    lower = content.lower()
    return [trace for trace in TRACES if trace.encode().lower() in lower]


def files(house):
    """Every byte that the database has on the disk: the file, its journal and whatever else is beside it."""
    found = sorted(path for path in house.folder.iterdir() if path.name.startswith("bin.db") and path.is_file())
    return b"".join(path.read_bytes() for path in found)


def arrive(house, *arrivals):
    inbox.keep(arrivals, "a", house.now)
    for arrival in inbox.waiting(house.now):
        intake.act(arrival, house.now, house.bin)


def text(house, words):
    pdu = f"0791{semi_octets(NUMBER)}{words.encode().hex()}"
    arrive(house, Text(NUMBER, words, house.later(minutes=1), None, pdu, None, False))


def submit_all(house):
    while segment := outbox.claim("a", house.now):
        outbox.accepted(segment, segment.id % 256, house.now)


def live(house):
    """Enrolled from the form, welcomed, told, confirmed by text and ring, reported, and gone by STOP."""
    members_csv.apply(members_csv.report(FORM), house.now, "Lies")
    (wil,) = membership.unwelcomed()[-1:]
    assert (wil.name, wil.consent, wil.consent_form) == (NAME, "2026-11-25", "versie 3")
    membership.welcome(wil, house.now, house.bin)
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Inbraak bezig.", "Lies", house.now, house.bin)
    alerts.forward(alert, "Lies", "page", house.now, house.bin)
    submit_all(house)
    reference = Segment.select().where(Segment.number == NUMBER).order_by(Segment.id.desc()).get().message_reference
    arrive(house, Report(NUMBER, reference, 0, house.now, house.now, "", None))
    text(house, f"ok, {NAME} hier, mijn poes is weg")
    arrive(house, Ring(NUMBER, house.later(minutes=1)))
    text(house, "MIJN GEGEVENS")
    text(house, "STOP")
    submit_all(house)
    return alert


@contextmanager
def other_service(house):
    """As on the box: the page and the panel hold the database open too."""
    with closing(sqlite3.connect(f"{house.folder}/bin.db")) as other:
        other.execute("SELECT count(*) FROM member").fetchone()
        yield


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.slow
def test_from_the_paper_form_to_erased_nothing_of_her_is_left_in_any_byte(street, engine):
    key = pyrage.x25519.Identity.generate()

    def backed_up(name):
        backup.write(street.folder / name, str(key.to_public()), "BIN Zonnebos", street.now)
        return pyrage.decrypt((street.folder / name).read_bytes(), [key])

    with other_service(street):
        alert = live(street)
        assert set(traces_in(files(street))) == set(TRACES), "the search must be able to find her"
        assert {NAME, NATIONAL} <= set(traces_in(backed_up("first.age")))
        retention.nightly(street.later(days=7, hours=1), street.bin)
        assert traces_in(files(street)) == []
        assert traces_in(backed_up("next.age")) == []
    assert retention.old_backups().made_before == street.now
    assert retention.audit.first_broken() is None

    alerts.close(alert, "Lies", "page", street.now, street.bin)
    retention.nightly(street.later(days=8), street.bin)
    assert progress.of(alert).counts["recipients"] == 6
    again = members_csv.report(FORM)
    assert (again.counts["ignored"], again.counts["new"]) == (1, 0)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.slow
def test_an_old_backup_that_is_restored_does_not_bring_her_back(street, engine):
    key = pyrage.x25519.Identity.generate()
    members_csv.apply(members_csv.report(FORM), street.now, "Lies")
    backup.write(street.folder / "old.age", str(key.to_public()), "BIN Zonnebos", street.now)
    text(street, "STOP")
    retention.nightly(street.later(days=8), street.bin)
    database.close()
    backup.restore(street.folder / "old.age", [key], street.url, street.now)
    store.open_store(street.url)
    assert members.by_number(NUMBER) is None
    assert refusals.holds(NUMBER)
    retention.nightly(street.later(days=1), street.bin)
    assert Member.select().count() == 5
    assert traces_in((street.folder / "bin.db").read_bytes()) == []
