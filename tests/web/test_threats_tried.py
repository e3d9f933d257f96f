"""Six of the cases of test_threats, tried as an attacker would: with the real parts, many times, at the same time."""

import ast
import json
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance import audit, codes, intake, store
from appliance.access import accounts, presence
from appliance.arrivals import Text
from appliance.models import TABLES, Account, Alert, Delivery, Draft, PoliceContact, database
from appliance.people import members
from appliance.queue import inbox
from appliance.queue.outbox import Kind
from appliance.upkeep import backup
from appliance.upkeep.backup import BadBackup
from appliance.web import throttle
from tests.web.conftest import Browser
from tests.web.test_web_guard import everything

ROOT = Path(__file__).parents[2]
TOGETHER = 24  # as many as the page has threads


def at_once(*jobs: Callable[[], object]) -> None:
    """All *jobs* in threads of their own, let go at the same moment; the first error of any of them is raised."""
    ready, errors = threading.Barrier(len(jobs)), list[BaseException]()

    def run(job: Callable[[], object]) -> None:
        ready.wait()
        try:
            job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


# --- C26: a race on something that two people share


@pytest.mark.slow
def test_c26_lies_and_jan_write_at_the_same_time_and_neither_ever_sees_the_others_words_or_language(
    lies: Browser, street: Any, new_browser: Any
) -> None:
    jan = new_browser("10.0.0.9")
    jan.log_in("jan", accounts.create(members.by_number("+32470000102"), "jan", street.now))
    jan.post("/taal", "/", language="fr")
    seen: list[str] = []

    def write(browser: Browser, mine: str, other: str, menu: str) -> None:
        token = browser.token("/nieuw")
        for turn in range(50):
            form = {"csrf_token": token, "message_class": "organisation", "text": f"{mine} {turn}", "action": "count"}
            page = browser.client.post("/nieuw", data=form).text
            again = browser.get("/nieuw").text
            if f"{mine} {turn}</textarea>" not in page or other in page + again or menu not in again:
                seen.append(f"{mine} {turn}")

    at_once(
        lambda: write(lies, "vanLies", "vanJan", "Nakijken".lower()),
        lambda: write(jan, "vanJan", "vanLies", "Annuler"),
    )
    assert seen == []
    assert {draft.account.username: draft.text.split()[0] for draft in Draft.select()} == {
        "lies": "vanLies", "jan": "vanJan",
    }  # fmt: skip


def test_c26_no_module_of_the_page_keeps_what_a_request_could_write_to() -> None:
    kept, changing = {}, {"append", "add", "update", "setdefault", "pop", "clear", "extend"}
    for path in ROOT.glob("appliance/web/*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global)], path.name
        named = {target.id: node.value for node in tree.body if isinstance(node, ast.Assign)
                 for target in node.targets if isinstance(target, ast.Name)}  # fmt: skip
        written = {node.value.id for node in ast.walk(tree) if isinstance(node, ast.Subscript)
                   and isinstance(node.ctx, ast.Store | ast.Del) and isinstance(node.value, ast.Name)}  # fmt: skip
        called = {node.func.value.id for node in ast.walk(tree) if isinstance(node, ast.Call)
                  and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
                  and node.func.attr in changing}  # fmt: skip
        kept[path.name] = sorted(set(named) & (written | called))
    assert {name: names for name, names in kept.items() if names} == {}


# --- C29: what was said once is said again, by somebody else


@pytest.fixture
def hears(street: Any) -> Callable[..., None]:
    """The box gets a text, as its gateway would hand it over."""
    heard = iter(range(1000))

    def hear(number: str, words: str, sent_at: Any = None) -> None:
        inbox.keep([Text(number, words, sent_at, None, f"{next(heard):02x}", None, False)], "a", street.now)
        for arrival in inbox.waiting(street.now):
            intake.act(arrival, street.now, street.bin)

    return hear


OFFICER = "+32470000900"


@pytest.mark.parametrize(
    ("minutes_off", "again", "doubt"),
    [(0, True, "de code was al gebruikt"), (-45, False, "te lang onderweg"), (24 * 60, False, "tijdstip van de sms")],
    ids=["a used code", "an old text", "a text of tomorrow"],
)
def test_c29_a_replayed_an_old_and_a_future_text_move_nothing_and_the_page_says_why(
    street: Any, lies: Browser, hears: Callable[..., None], minutes_off: int, again: bool, doubt: str
) -> None:
    officer = street.officer("Zone Noord", OFFICER)
    code = codes.card(officer.secret, 0, 1)[0][1]
    if again:
        hears(OFFICER, f"DRINGEND {code} Inbraak Kerkstraat")
    hears(OFFICER, f"DRINGEND {code} Iedereen naar buiten", street.now + timedelta(minutes=minutes_off))
    forged = Alert.select().order_by(Alert.id.desc()).get()
    assert (forged.original, forged.verified, forged.state) == ("Iedereen naar buiten", False, "waiting")
    page = lies.get(f"/berichten/{forged.id}").text
    assert "NIET GEVERIFIEERD" in page and doubt in page
    lies.post(f"/berichten/{forged.id}/beoordelen", f"/berichten/{forged.id}", choice="forward")
    assert lies.get(f"/berichten/{forged.id}/nakijken").status_code == 302, "not before somebody called back"
    assert not Delivery.select().where(Delivery.kind == Kind.ALERT).exists()


def test_c29_the_same_text_out_of_the_modem_twice_is_one_alert_also_after_the_code_is_renewed(
    street: Any, hears: Callable[..., None]
) -> None:
    officer = street.officer("Zone Noord", OFFICER)
    words = f"DRINGEND {codes.card(officer.secret, 0, 1)[0][1]} Inbraak"
    hears(OFFICER, words)
    PoliceContact.update(secret=codes.new_secret(lambda size: b"\7" * size), counter=0).execute()
    hears(OFFICER, words)
    assert [(alert.verified, alert.original) for alert in Alert.select()] == [(True, "Inbraak")]


# --- C31: no limit on guesses


@pytest.mark.slow
def test_c31_guesses_that_come_at_the_same_moment_count_one_by_one(
    street: Any, lies_password: str, new_browser: Callable[..., Browser]
) -> None:
    guessers = [new_browser(f"10.0.1.{n}") for n in range(TOGETHER)]
    forms = [{"csrf_token": one.token("/aanmelden"), "username": "lies", "password": "raden"} for one in guessers]
    at_once(*(lambda one=one, form=form: one.client.post("/aanmelden", data=form)  # type: ignore[misc]
              for one, form in zip(guessers, forms, strict=True)))  # fmt: skip
    assert Account.get().failures == throttle.FREE_FAILURES


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/aanmelden", {"username": "lies", "password": "x"}),
        ("/aanmelden", {"username": "niemand", "password": "x"}),
        ("/herstel", {"username": "lies", "code": "abcd-efgh-jkmn", "password": "vier losse woorden hier"}),
        ("/herstel", {"username": "niemand", "code": "abcd-efgh-jkmn", "password": "vier losse woorden hier"}),
    ],
)
def test_c31_every_form_that_takes_a_secret_slows_a_guesser_down(
    stranger: Browser, path: str, form: dict[str, str]
) -> None:
    said = [stranger.post(path, path, **form).text for _ in range(throttle.FREE_FAILURES + 1)]
    assert ["opnieuw proberen over" in text for text in said] == [False] * (throttle.FREE_FAILURES - 1) + [True] * 2


@pytest.mark.slow
def test_c31_nor_can_the_password_be_guessed_by_whoever_found_a_telephone_that_is_logged_in(
    lies: Browser, street: Any
) -> None:
    for _ in range(throttle.FREE_FAILURES):
        lies.post("/bevestigen", "/bevestigen", password="raden")
    answer = lies.post("/bevestigen", "/bevestigen", password=lies.password)
    assert answer.status_code == 422 and "opnieuw proberen over" in answer.text
    street.later(seconds=6)
    assert lies.post("/bevestigen", "/bevestigen", password=lies.password).status_code == 302
    assert Account.get().failures == 0, "a right proof leaves nothing behind that slows the next log-in down"


@pytest.mark.slow
def test_c31_the_code_of_the_terminal_is_not_guessed_by_many_at_once(house: Any, make_empty_app: Any) -> None:
    presence.new_code(house.now)
    app = make_empty_app()
    guessers = [Browser(app.test_client(), "") for _ in range(TOGETHER)]
    forms = [{"csrf_token": one.token("/begin"), "code": f"aaaa{n}"} for n, one in enumerate(guessers)]
    said: list[str] = []
    at_once(*(lambda one=one, form=form: said.append(one.client.post("/begin", data=form).text)  # type: ignore[misc]
              for one, form in zip(guessers, forms, strict=True)))  # fmt: skip
    looked_at = [text for text in said if "opnieuw proberen over" not in text]
    assert len(looked_at) < throttle.FREE_FAILURES


def test_c31_every_wheel_is_installed_by_its_hash_and_by_nothing_else() -> None:
    for name in ("Makefile", "setup/deb"):
        text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
        installs = [line for line in text.splitlines() if re.search(r"pip install\b(?!.*(-e|--no-deps) )", line)]
        assert installs, name
        assert [line for line in installs if "--require-hashes" not in line and "--no-index" not in line] == [], name
    for lock in ROOT.glob("requirements*.txt"):
        pinned = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n", "", lock.read_text(encoding="utf-8")).strip())
        assert [line for line in pinned if "==" not in line or "--hash=sha256:" not in line] == [], lock.name


# --- C32: a backup that somebody else wrote; anybody who has the public key can


NASTY = st.one_of(
    st.none(), st.booleans(), st.integers(min_value=-(2**70), max_value=2**70), st.floats(allow_nan=False),
    st.text(max_size=30), st.sampled_from(["\x00", "../../etc/passwd", "'; DROP TABLE member; --", "1970-01-01", ""]),
)  # fmt: skip


@pytest.fixture
def sealed(street: Any) -> Callable[[list[Any]], Path]:
    """A backup file with those lines, for the key of this box."""
    key = pyrage.x25519.Identity.generate()
    (street.folder / "key").write_text(str(key))

    def seal(lines: list[Any]) -> Path:
        plain = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines) + b"\n"
        (street.folder / "forged").write_bytes(pyrage.encrypt(plain, [key.to_public()]))
        return Path(street.folder / "forged")

    return seal


def lines_of(street: Any) -> list[Any]:
    """A backup of the street as it is, opened."""
    key = pyrage.x25519.Identity.generate()
    backup.write(street.folder / "true", str(key.to_public()), "BIN Zonnebos", street.now)
    plain = pyrage.decrypt((street.folder / "true").read_bytes(), [key])
    return [json.loads(line) for line in plain.splitlines()]


def looked_at(street: Any, file: Path) -> bool:
    """Whether *file* would be restored. Looking changes nothing, and leaves nothing behind."""
    before, left = everything(), {path.name for path in street.folder.iterdir()}
    try:
        keys = backup.keys_of(street.folder / "key")
        backup.restore(file, keys, street.url, street.now, folder=street.folder, put=backup.Put.NOWHERE)
        fine = True
    except BadBackup as bad:
        fine = not str(bad)
    finally:
        store.open_store(street.url, street.folder)
    assert everything() == before
    assert {path.name for path in street.folder.iterdir() if path.suffix not in (".db-wal", ".db-shm")} <= left
    return fine


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 99), NASTY), min_size=1, max_size=3))
def test_c32_rows_with_anything_in_them_come_back_whole_or_are_refused_and_change_nothing(
    street: Any, sealed: Callable[[list[Any]], Path], changes: list[tuple[int, int, Any]]
) -> None:
    lines = lines_of(street)
    for which, column, value in changes:
        row = lines[1 + which % (len(lines) - 1)][1]
        row[sorted(row)[column % len(row)]] = value
    looked_at(street, sealed(lines))


@pytest.mark.slow
@pytest.mark.parametrize("table", ["audit", "member"])
@pytest.mark.parametrize("moment", ["1", "", 7, True, "\x00", "1970-01-01"])
def test_c32_a_moment_that_is_none_is_refused_wherever_it_is(
    street: Any, sealed: Callable[[list[Any]], Path], table: str, moment: Any
) -> None:
    lines = lines_of(street)
    row = [row for name, row in lines[1:] if name == table][-1]
    row["at" if table == "audit" else "consent_at"] = moment
    assert not looked_at(street, sealed(lines))


@pytest.mark.slow
@pytest.mark.parametrize(
    "nasty",
    [
        ["member", {"id": 2**70}], ["member", {"name": "\x00"}], ["member", {"name": "\ud800"}],
        ["../member", {"id": 1}], ["/etc/passwd", {"id": 1}], ["sqlite_sequence", {"seq": 1}],
        ['member" VALUES (1); --', {"id": 1}], ["member", {'id") VALUES (1); --': 1}], ["member", {}],
        b"[" * 100_000, b'["member", ' + b'{"a":' * 50_000, b"PK\x03\x04" + b"\0" * 100, b"\x1f\x8b" + b"\0" * 100,
    ],
    ids=range(13),
)  # fmt: skip
def test_c32_a_line_that_is_no_row_of_ours_is_refused(
    street: Any, sealed: Callable[[list[Any]], Path], nasty: Any
) -> None:
    lines = lines_of(street)
    assert looked_at(street, sealed(lines)), "as it was made"
    assert not looked_at(street, sealed([*lines, nasty]))


# --- C34: what is stolen with the box


@pytest.mark.slow
def test_c34_no_password_code_key_or_session_can_be_read_in_the_bytes_of_the_database(
    lies: Browser, street: Any, app: Flask
) -> None:
    sheet = lies.post("/toegang/herstelblad", "/toegang/herstelblad").text
    recovery = re.findall(r"[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}", sheet)
    handed = lies.post("/overdracht", "/overdracht", name="Nele", number="0470000301").text
    secret = lies.post("/reservekopie/sleutel", "/reservekopie").text
    key = [one.replace(" ", "") for one in re.findall(r"AGE-SECRET-KEY-1[ A-Z0-9]+", secret)]
    cookie = str(lies.client.get_cookie("bin").value)  # type: ignore[union-attr]
    password = re.findall(r"<code[^>]*>([a-z]+-[a-z]+-[a-z]+-[a-z]+)</code>|<b[^>]*>([a-z]+-[a-z-]+)</b>", handed)
    assert len(recovery) == 10 and len(key) == 1
    secrets = [lies.password, *recovery, *(code.replace("-", "") for code in recovery), key[0], cookie]
    secrets += [word for pair in password for word in pair if word]
    stored = "\n".join(str(row) for table in TABLES for row in table.select().tuples().iterator())
    if not store.is_shared(street.url):
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        stored += (street.folder / "bin.db").read_bytes().decode("latin-1")
    assert [word for word in secrets if word in stored] == []
    assert audit.first_broken() is None
