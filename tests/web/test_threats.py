"""What happened to peers must not happen here: one test for each of the cases C1 to C37, named after it.

Most are holes that were published for SMS gateways, home automation, alert boxes and phone systems.
"""

import contextlib
import html.parser
import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import gammu
import pyrage
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance import alerts, codes, health
from appliance.access import accounts, devices
from appliance.cli.parts import Parts
from appliance.intake import police_texts
from appliance.models import (
    Account,
    Acknowledgement,
    Alert,
    Arrival,
    Member,
    ModemState,
    PoliceContact,
)
from appliance.modem import pdu
from appliance.people import members, members_csv
from appliance.people.members_file import BadFile
from appliance.upkeep import backup
from appliance.upkeep.backup import BadBackup
from appliance.web import proof, throttle
from tests.web.conftest import Browser
from tests.web.test_web_guard import FIRST, OPEN, everything, pages, urls

ROOT = Path(__file__).parents[2]
PAYLOADS = (
    '<img src=x onerror="alert(1)">', "<svg onload=alert(1)>", '"><script>alert(1)</script>', "javascript:alert(1)",
    "{{7*7}}", "{% raw %}", "${7*7}", "#{7*7}", "; reboot", "`reboot`", "$(reboot)", "'; DROP TABLE member;--",
)  # fmt: skip
HOSTILE = " ".join(PAYLOADS)


class Tags(html.parser.HTMLParser):
    """Everything in a page that could act: scripts, handlers, and where it leads or loads from."""

    def __init__(self) -> None:
        super().__init__()
        self.acts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.acts += [f"{tag} {name}" for name in found if name.startswith("on") or name in ("style", "srcdoc")]
        if tag in ("iframe", "object", "embed", "base") or (tag == "script" and not found.get("src")):
            self.acts.append(tag)
        for name in ("src", "href", "action", "formaction"):
            to = found.get(name) or ""
            if to and not to.startswith(("/", "tel:", "#", "data:image/svg+xml", "?")):
                self.acts.append(f"{tag} {name}={to}")


def crawl(browser: Browser) -> Iterator[tuple[str, str]]:
    for path in pages(browser.client.application):
        yield path, browser.get(path).text


def inert(page: str) -> bool:
    tags = Tags()
    tags.feed(page)
    assert tags.acts == []
    return ">49<" not in page and "<b>49" not in page


@pytest.fixture
def poisoned(street: Any, lies_password: str, police_alert: Callable[..., Alert]) -> None:
    """Every field that anybody outside can fill holds all payloads."""
    alerts.forward(police_alert(HOSTILE), HOSTILE, "sms", street.now, street.bin)
    police_alert(HOSTILE, verified=False)
    for key, number in enumerate((HOSTILE, "+32470000201", "+32470000900")):
        Arrival.create(key=str(key), kind="text", number=number, text=HOSTILE, received_at=street.now)
    Arrival.create(key="o", kind="oddity", number=HOSTILE, text=HOSTILE, pdu=HOSTILE, received_at=street.now)
    Acknowledgement.create(kind="button", detail="1", at=street.now)
    Member.update(name=HOSTILE, street=HOSTILE).where(Member.number == "+32470000201").execute()
    PoliceContact.update(name=HOSTILE).execute()
    fields = ("operator", "model", "registration", "fault", "technology", "balance", "imei", "stopped")
    ModemState.update({getattr(ModemState, name): HOSTILE for name in fields}).execute()


@pytest.mark.slow
def test_c01_a_text_message_cannot_act_on_any_page(poisoned: None, lies: Browser) -> None:
    shown = 0
    for path, page in crawl(lies):
        assert inert(page), path
        shown += "&lt;img src=x" in page
    assert shown >= 4


@pytest.mark.slow
def test_c02_neither_can_the_name_of_its_sender(poisoned: None, lies: Browser) -> None:
    assert "&lt;svg onload" in lies.get("/antwoorden").text and inert(lies.get("/antwoorden?alles=1").text)


def test_c03_no_template_trusts_a_text_and_the_policy_forbids_inline_scripts(lies: Browser) -> None:
    sources = [*ROOT.glob("appliance/web/**/*.html"), *ROOT.glob("appliance/web/**/*.py")]
    for word in ("|safe", "autoescape false", "Markup(f", "render_template_string", " style=", "onclick"):
        assert [path.name for path in sources if word in path.read_text(encoding="utf-8")] == [], word
    assert "unsafe" not in lies.get("/").headers["Content-Security-Policy"]


def test_c04_a_template_in_a_name_is_shown_and_not_rendered(poisoned: None, lies: Browser) -> None:
    page = lies.get("/leden").text
    assert "{{7*7}}" in page and "${7*7}" in page and "49" not in re.sub(r"csrf_token. value=.[^>]*", "", page)


def test_c05_nothing_typed_before_log_in_is_rendered_or_acted_on(stranger: Browser) -> None:
    for path in ("/aanmelden", "/herstel"):
        form = {"username": HOSTILE, "password": HOSTILE, "code": HOSTILE, "next": HOSTILE, "language": HOSTILE}
        assert inert(stranger.post(path, path, **form).text)
    assert not any("mail" in str(rule) for rule in stranger.client.application.url_map.iter_rules())


@given(st.binary(max_size=300))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_c06_a_list_of_members_is_only_ever_read(house: Any, data: bytes) -> None:
    before = sorted(house.folder.iterdir())
    with contextlib.suppress(BadFile):
        members_csv.report(b"name;mobile\n" + data)
    assert [path for path in house.folder.iterdir() if path not in before and "bin.db" not in path.name] == []
    assert len(devices.label(data.decode("latin-1"))) < 20


@pytest.mark.slow
def test_c07_a_name_from_the_settings_is_plain_text(street: Any, lies_password: str, make_app: Any) -> None:
    object.__setattr__(street.bin, "name", HOSTILE)
    browser = Browser(make_app().test_client(), lies_password)
    browser.log_in()
    assert all(inert(page) for _path, page in crawl(browser))


@pytest.mark.parametrize(
    "body",
    [
        {"username[]": "lies", "password[]": "x"}, {"username": ["lies", "nobody"], "password": ["a", "b"]},
        {"username": "lies"}, {"username": "lies", "password": ""}, {"username": "0", "password": "0"},
    ],
)  # fmt: skip
def test_c08_no_odd_form_logs_anybody_in(stranger: Browser, body: dict[str, Any]) -> None:
    answer = stranger.client.post("/aanmelden", data={"csrf_token": stranger.token("/aanmelden"), **body})
    assert answer.status_code == 422 and stranger.get("/").status_code == 302
    json_body = {"username": "lies", "password": True}
    assert stranger.client.post("/aanmelden", json=json_body).status_code == 400


def test_c09_the_cookie_is_another_one_after_log_in_and_after_each_proof(stranger: Browser, street: Any) -> None:
    def cookie() -> str:
        return str(stranger.client.get_cookie("bin").value)  # type: ignore[union-attr]

    stranger.get("/aanmelden")
    seen = [cookie()]
    stranger.log_in()
    seen.append(cookie())
    stranger.post("/bevestigen", "/bevestigen", password=stranger.password)
    seen.append(cookie())
    assert len(set(seen)) == 3
    thief = stranger.client.application.test_client()
    thief.set_cookie("bin", seen[1])
    assert thief.get("/").status_code == 302, "the token from before the proof is dead"


@pytest.mark.slow
def test_c10_no_service_may_become_anybody_else() -> None:
    needs = {"bin-kast-front": "CAP_NET_BIND_SERVICE", "bin-kast-clock": "CAP_SYS_TIME"}  # ports below 1024; the clock
    for unit in ROOT.glob("systemd/bin-kast-*.service"):
        lines = unit.read_text(encoding="utf-8").splitlines()
        needed = needs.get(unit.stem, "")
        assert "NoNewPrivileges=yes" in lines and f"CapabilityBoundingSet={needed}" in lines, unit.name
    assert not list(ROOT.glob("**/sudoers*"))


@pytest.mark.slow
def test_c11_no_shell_anywhere_and_no_network_settings_on_the_page(app: Flask) -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("appliance/**/*.py"))
    for word in ("shell=True", "os.system", "os.popen", "eval(", "exec(", "pickle"):
        assert not re.search(rf"(?<![\w.]){re.escape(word)}", source), word
    assert not [path for _, path in urls(app, "POST") if re.search("netwerk|wifi|network|ssh", path)]


def test_c12_shell_characters_in_a_text_are_letters(poisoned: None, lies: Browser) -> None:
    assert "; reboot `reboot` $(reboot)" in lies.get("/berichten/1").text


@pytest.mark.slow
def test_c13_a_page_elsewhere_changes_nothing_by_any_route(poisoned: None, lies: Browser, app: Flask) -> None:
    before, token = everything(), lies.token("/leden/nieuw")
    for _, path in urls(app, "POST"):
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
            assert lies.client.post(path, data={"csrf_token": token}, headers=headers).status_code == 403, path
    for path in pages(app):
        lies.get(path, headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})
    assert everything() == before


@pytest.mark.parametrize(
    "host", ["evil.example", "", "localhost.", "localhost.evil.example", "127.0.0.1.nip.io", "a\tb"]
)
def test_c14_a_rebound_name_gets_nothing_at_all(lies: Browser, host: str) -> None:
    answer = lies.get("/", headers={"Host": host})
    assert answer.status_code == 400 and "Lies" not in answer.text


def test_c14_our_own_name_is_known_whatever_its_port(lies: Browser) -> None:
    assert lies.get("/leden", headers={"Host": "localhost:8443"}).status_code == 200


@pytest.mark.slow
def test_c15_no_page_can_be_framed(poisoned: None, lies: Browser, stranger: Browser, app: Flask) -> None:
    for browser in (lies, stranger):
        for path in [*pages(app), "/nergens", "/static/nergens"]:
            headers = browser.get(path).headers
            assert headers["X-Frame-Options"] == "DENY", path
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
    assert lies.client.post("/nieuw").headers["X-Frame-Options"] == "DENY"


@pytest.mark.slow
def test_c16_before_log_in_no_name_no_number_no_version_no_count(poisoned: None, stranger: Browser) -> None:
    said = "".join(stranger.get(path).text for path in ("/aanmelden", "/herstel", "/nergens", "/begin"))
    for word in ("Zonnebos", "Lies", "Jan", "0470", "+32", "0.1.0", "Werkzeug", "leden"):
        assert word not in said
    assert "Server" not in stranger.get("/aanmelden").headers


@pytest.mark.slow
def test_c17_a_stranger_gets_the_log_in_form_and_nothing_else(poisoned: None, stranger: Browser, app: Flask) -> None:
    before = everything()
    for endpoint, path in urls(app, "GET"):
        if endpoint not in OPEN and not endpoint.startswith(FIRST):
            answer = stranger.get(path)
            assert answer.status_code == 302 and answer.headers["Location"].startswith("/aanmelden"), path
    assert everything() == before


@pytest.mark.parametrize(
    "path",
    ["/static/../models.py", "/static/%2e%2e/%2e%2e/models.py", "//leden", "/leden;x", "/%2e/leden",
     "/static/..%2f..%2fx", "/aanmelden/../leden", "/static//etc/passwd", "/LEDEN"],
)  # fmt: skip
def test_c18_no_spelling_of_a_path_gets_past_the_door(stranger: Browser, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code in (302, 308, 400, 404) and "Ada" not in answer.text and "peewee" not in answer.text


def test_c19_names_in_pictures_and_their_tables_are_text(poisoned: None, lies: Browser) -> None:
    for path in ("/leden", "/berichten/1", "/toestel"):
        assert inert(lies.get(path).text)


def test_c20_a_forwarded_address_that_a_browser_made_up_counts_for_nothing(new_browser: Callable[..., Browser]) -> None:
    guesser = new_browser("10.0.0.66")
    for n in range(throttle.FREE_FAILURES + 1):
        headers = {"X-Forwarded-For": f"10.1.1.{n}", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
        form = {"csrf_token": guesser.token("/aanmelden"), "username": f"nobody{n}", "password": "x"}
        answer = guesser.client.post("/aanmelden", data=form, headers=headers)
    assert "U kunt opnieuw proberen" in answer.text


@pytest.mark.slow
def test_c21_what_is_sensitive_asks_for_a_fresh_proof(poisoned: None, lies: Browser, street: Any, app: Flask) -> None:
    assert set(proof.WITHIN) <= {rule.endpoint for rule in app.url_map.iter_rules()}
    token = lies.token("/toegang/wachtwoord")
    street.later(minutes=5, seconds=1)
    before = everything()
    for method in ("GET", "POST"):
        for endpoint, path in urls(app, method):
            if proof.WITHIN.get(endpoint) == proof.SENSITIVE:
                answer = lies.client.open(path, method=method, data={"csrf_token": token})
                assert answer.headers.get("Location", "").startswith("/bevestigen"), path
    assert everything() == before


def test_c21_everything_that_changes_access_or_sends_is_in_the_table(app: Flask) -> None:
    for endpoint, _path in urls(app, "POST"):
        if endpoint.startswith(("access.", "handover.", "passkeys.")):
            assert endpoint in proof.WITHIN or endpoint in {"access.sign_out", "passkeys.ask", "passkeys.answer"}


@pytest.mark.slow
def test_c22_a_new_password_is_felt_at_the_next_poll_and_a_stolen_cookie_dies_with_log_out(
    lies: Browser, new_browser: Callable[..., Browser]
) -> None:
    other = new_browser("10.0.0.9")
    other.log_in()
    stolen = other.client.get_cookie("bin").value  # type: ignore[union-attr]
    lies.post("/toegang/wachtwoord", "/toegang/wachtwoord", password="een heel ander woord")
    assert other.get("/stand", headers={"X-Poll": "1"}).status_code == 401
    other.client.set_cookie("bin", stolen)
    assert other.get("/").status_code == 302
    assert "argon2" not in stolen and accounts.by_name("lies").password not in stolen  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "where", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", HOSTILE]
)
def test_c23_next_is_never_reflected_raw_and_never_leads_away(stranger: Browser, lies: Browser, where: str) -> None:
    assert inert(stranger.get("/aanmelden", query_string={"next": where}).text)
    assert inert(lies.get("/bevestigen", query_string={"next": where}).text)
    target = lies.post("/bevestigen", "/bevestigen", password=lies.password, next=where).headers["Location"]
    assert target.startswith("/") and target[:2] not in ("//", "/\\")


def test_c24_what_the_modem_says_of_itself_is_text(poisoned: None, lies: Browser) -> None:
    assert "&lt;img src=x" in lies.get("/toestel").text
    assert inert(lies.get("/toestel").text) and inert(lies.get("/").text)


@pytest.mark.slow
def test_c25_another_site_polls_nothing_and_may_only_link(lies: Browser) -> None:
    for mode in ("cors", "no-cors", "websocket"):
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode, "X-Poll": "1"}
        assert lies.get("/stand", headers=headers).status_code == 403
    linked = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert lies.get("/", headers=linked).status_code == 200
    assert "Access-Control-Allow-Origin" not in lies.get("/stand").headers


@pytest.mark.slow
def test_c26_two_people_at_once_never_see_each_others_page(lies: Browser, street: Any, new_browser: Any) -> None:
    jan = members.by_number("+32470000102")
    password = accounts.create(jan, "jan", street.now)
    other = new_browser("10.0.0.9")
    other.log_in("jan", password)
    wrong: list[str] = []

    def ask(browser: Browser, name: str) -> None:
        for _ in range(25):
            if f"Aangemeld als {name}" not in browser.get("/leden").text:
                wrong.append(name)

    threads = [threading.Thread(target=ask, args=pair) for pair in ((lies, "Lies"), (other, "Jan"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.slow
def test_c27_no_field_of_any_form_becomes_a_command_or_a_file(poisoned: None, lies: Browser, street: Any) -> None:
    before = {path.name for path in street.folder.iterdir()}
    for payload in (HOSTILE, "../../etc/passwd", "a\x00b", "\n; reboot", "x" * 5000):
        form = {"name": payload, "number": "0470 00 09 99", "street": payload, "language": payload, "role": payload}
        assert lies.post("/leden/nieuw", "/leden/nieuw", **form).status_code in (302, 422)
    assert {path.name for path in street.folder.iterdir()} == before


def test_c28_no_two_boxes_share_a_key_and_no_password_is_known_at_birth(tmp_path: Path) -> None:
    keys = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        config = tmp_path / f"{name}.toml"
        config.write_text(f'[store]\nurl = "sqlite:///{tmp_path}/{name}/bin.db"\n')
        keys.add(Parts(str(config)).secret_key())
        assert (tmp_path / name / "bin.key").stat().st_mode & 0o077 == 0
    assert len(keys) == 2 and all(len(key) == 64 for key in keys)


def test_c28_a_key_that_the_power_left_empty_is_made_anew(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[store]\nurl = "sqlite:///{tmp_path}/bin.db"\n')
    (tmp_path / "bin.key").touch()
    key = Parts(str(config)).secret_key()
    assert len(key) == 64 and key == Parts(str(config)).secret_key()
    assert (tmp_path / "bin.key").stat().st_mode & 0o777 == 0o600


def test_c29_a_code_that_was_used_or_skipped_never_counts_again(street: Any) -> None:
    officer = street.officer("Zone Noord", "0470000900")
    third, fifth = (codes.card(officer.secret, n, 1)[0][1] for n in (2, 4))
    assert police_texts.verify(officer, fifth, street.now, street.now).verified
    for replayed in (fifth, third):
        assert not police_texts.verify(officer, replayed, street.now, street.now).verified


def test_c30_a_box_that_was_never_set_up_lets_nobody_log_in(house: Any, make_empty_app: Callable[[], Flask]) -> None:
    client = make_empty_app().test_client()
    for name, password in (("admin", "admin"), ("pi", "raspberry"), ("", ""), ("lies", "lies")):
        assert client.post("/aanmelden", data={"username": name, "password": password}).status_code in (302, 400)
    assert client.get("/aanmelden").headers["Location"] == "/begin"


@pytest.mark.slow
def test_c31_a_hundred_guesses_take_hours_and_lies_still_gets_in(
    street: Any, lies: Browser, new_browser: Callable[..., Browser]
) -> None:
    lies.post("/afmelden", "/")
    guesser, looked_at = new_browser("10.0.0.66"), 0
    token = guesser.token("/aanmelden")
    for _ in range(100):
        before = Account.get().failures
        guesser.client.post("/aanmelden", data={"csrf_token": token, "username": "lies", "password": "raden"})
        looked_at += Account.get().failures > before
    assert looked_at == throttle.FREE_FAILURES
    assert lies.log_in().status_code == 302
    waits = [throttle.pause(n, street.now, street.now) for n in range(100)]
    assert sum(waits, timedelta()) > timedelta(hours=6)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04../../etc/passwd", b"../" * 1000, b"\x1f\x8b" + b"\0" * 64, b'{"version": 99}\n']
)
def test_c32_a_hostile_archive_is_refused_before_anything_changes(street: Any, content: bytes) -> None:
    key = pyrage.x25519.Identity.generate()
    (street.folder / "backup").write_bytes(pyrage.encrypt(content, [key.to_public()]))
    before = everything()
    with pytest.raises(BadBackup):
        backup.restore(street.folder / "backup", [key], street.url, street.now, folder=street.folder)
    assert everything() == before


def test_c33_a_formula_in_an_export_is_quoted_and_numbers_come_back(street: Any) -> None:
    for n, start in enumerate("=+-@"):
        street.enrol(f"{start}HYPERLINK()", f"047000080{n}", street="Kerkstraat")
    written = members_csv.to_csv(members.active())
    cells = [cell.strip('"') for line in written.splitlines()[1:] for cell in line.split(";")]
    assert [cell for cell in cells if re.match(r"[=@\t\r]|[+-](?!\d)", cell)] == []
    counts = members_csv.report(written.encode()).counts
    assert counts["unchanged"] == len(members.active()) and not counts["error"]


def test_c34_a_backup_that_is_too_old_is_said_on_the_page(street: Any, lies: Browser) -> None:
    assert timedelta(days=35) >= health.BACKUP_AGE
    street.later(days=40)
    ModemState.update(heartbeat_at=street.now).execute()
    assert lies.get("/").status_code == 302
    lies.log_in()
    assert health.told(health.Trouble.NO_BACKUP, "nl").sentence in lies.get("/").text


def test_c35_every_route_is_in_the_walk(app: Flask) -> None:
    walked = {endpoint for method in ("GET", "POST") for endpoint, _ in urls(app, method)}
    for rule in app.url_map.iter_rules():
        assert rule.methods <= {"GET", "HEAD", "OPTIONS", "POST"}, rule
        assert rule.endpoint in walked or rule.endpoint.startswith(("api.", "metrics.")), rule


def test_c36_a_malformed_sms_is_refused_in_a_process_that_has_no_network_and_no_rights() -> None:
    vectors = json.loads((ROOT / "tests/data/pdus.json").read_text(encoding="utf-8"))
    for vector in vectors["malformed"]:
        with contextlib.suppress(ValueError):
            pdu.decode(vector["hex"])
    unit = (ROOT / "systemd/bin-kast-gateway@.service").read_text(encoding="utf-8").splitlines()
    for line in ("User=bin-kast", "PrivateNetwork=yes", "IPAddressDeny=any", "NoNewPrivileges=yes",
                 "CapabilityBoundingSet=", "ProtectSystem=strict", "MemoryDenyWriteExecute=yes"):  # fmt: skip
        assert line in unit, line
    hardened = (1, 44, 1)  # the libgammu whose release note says so
    assert tuple(map(int, gammu.Version()[0].split("."))) >= hardened


@pytest.mark.slow
def test_c37_what_was_typed_is_what_is_sent_to_the_letter(lies: Browser, after_countdown: Callable[[], None]) -> None:
    text = 'l\'Église & <b>100€</b> "ja"'
    lies.post("/nieuw", "/nieuw", message_class="organisation", text=text)
    assert "&lt;b&gt;100€" in lies.get("/nieuw/nakijken").text
    found = re.search(r'name="token" value="([0-9a-f]{32})"', lies.get("/nieuw/nakijken").text)
    lies.post("/nieuw/versturen", "/nieuw/nakijken", token=found[1])  # type: ignore[index]
    after_countdown()
    assert text in Alert.get().original and all(text in d.text for d in Alert.get().deliveries)


def test_all_thirty_seven_are_here() -> None:
    named = {name[5:8] for name in globals() if re.match(r"test_c\d\d_", name)}
    assert named == {f"c{n:02}" for n in range(1, 38)}
