"""The acceptance checks about what a BIN lives on: its list, its button, its backups, its log and its report."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright import sync_api

from appliance import alerts, store
from appliance.models import Acknowledgement, Alert, Audit, Member, database
from appliance.panel import lamp
from appliance.panel.lamp import BRIEFS, Brief
from appliance.upkeep import backup
from tests.panel.conftest import WIRES, Box, mock_gpio, pins  # noqa: F401 - fixtures
from tests.web.conftest import BROWSER, PASSWORD, try_to_log_in

pytestmark = BROWSER
FORMULA = '=HYPERLINK("http://evil.example";"klik")'


@pytest.fixture
def wires() -> Any:
    return WIRES


@pytest.fixture
def spreadsheet(street: Any, tmp_path: Path) -> Path:
    """128 new members, nine in another street than the box knows, three who are in it twice, four without a number."""
    for place in range(9):
        street.enrol(f"Verhuisd {place}", f"047000090{place}", street="Kerkstraat")
    rows = [f"Zoë {place};+32 470 00 1{place // 100} {place % 100:02};Lindedreef" for place in range(127)]
    rows += [f'"{FORMULA.replace(chr(34), 2 * chr(34))}";0470 00 19 99;Lindedreef']
    rows += [f"Verhuisd {place};047000090{place};Lindedreef" for place in range(9)]
    rows += rows[:3] + [f"Fout {place};{number};Lindedreef" for place, number in enumerate(("", "101", "x", "0470"))]
    file = tmp_path / "leden.csv"
    file.write_bytes("\r\n".join(["Naam;Gsm;Straat", *rows, ""]).encode("cp1252"))
    return file


def bring(page: Any, file: Path) -> None:
    page.goto("/leden/inlezen")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="Bekijken wat er verandert").click()


def saved(page: Any, button: str, file: Path) -> bytes:
    """What the browser keeps in *file* when *button* is pressed."""
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    download.value.save_as(file)
    return file.read_bytes()


def test_19_a_list_is_a_report_then_members_then_as_before_and_comes_back_from_a_spreadsheet_unchanged(
    open_page: Callable[..., Any], spreadsheet: Path, tmp_path: Path
) -> None:
    def everybody() -> list[tuple[Any, ...]]:
        return list(Member.select(Member.name, Member.number, Member.street, Member.state).order_by(Member.id).tuples())

    page, before = open_page(), everybody()
    bring(page, spreadsheet)
    counts = page.locator("ul.facts4 li").all_text_contents()
    assert counts == ["128nieuw", "9gewijzigd", "0ongewijzigd", "3dubbel", "0overgeslagen", "4fout"]
    sync_api.expect(page.locator("main")).to_contain_text("windows-1252, met ; tussen de kolommen")
    assert everybody() == before
    page.get_by_role("button", name="128 toevoegen en 9 wijzigen").click()
    page.get_by_role("button", name="Ongedaan maken").wait_for()
    assert len(everybody()) == len(before) + 128

    page.goto("/leden/uitvoeren")
    written = saved(page, "Bestand maken (CSV)", tmp_path / "uit.csv").decode("utf-8-sig")
    assert f"'{FORMULA[:10]}" in written and "+32470001999" in written
    bring(page, tmp_path / "uit.csv")
    sync_api.expect(page.locator("main")).to_contain_text("Deze lijst verandert niets.")

    page.goto("/leden/inlezen")
    page.get_by_role("button", name="Ongedaan maken").click()
    sync_api.expect(page.locator("main")).to_contain_text("137 leden staan weer zoals ervoor")
    assert everybody() == before


def test_24_the_button_tells_the_core_group_once_and_the_page_until_somebody_has_seen_it(
    open_page: Callable[..., Any],
    street: Any,
    pins: Any,  # noqa: F811 - the fixture
) -> None:
    box = Box(street, pins)
    box.go_on(2.0)
    page = open_page()
    main = page.locator("main")
    box.hold(2.9)
    box.go_on(15.0)
    box.hold(3.1)
    assert lamp.words(box.panel.shown, "nl") == "Druk kort = stoppen"
    box.go_on(8.7)
    box.hold(0.2)
    box.go_on(15.0)
    page.reload()
    sync_api.expect(main).not_to_contain_text("noodknop")
    assert box.told == []

    box.hold(3.1)
    box.go_on(11.0)
    box.hold(3.1)
    box.go_on(10.0)
    assert box.told == ["Lies", "Jan"] and box.panel.shown == BRIEFS[Brief.TOO_SOON]
    page.reload()
    sync_api.expect(main).to_contain_text("De noodknop is gebruikt")
    sync_api.expect(main).to_contain_text("vandaag om 12u01, aan de kast.")
    page.get_by_role("link", name="Bekijk wat er vertrok").click()
    sync_api.expect(main).to_contain_text("NOODKNOP")
    page.goto("/")
    page.get_by_role("button", name="Ik heb het gezien").click()
    sync_api.expect(main).not_to_contain_text("De noodknop is gebruikt")
    assert Acknowledgement.get().seen_by == "Lies"

    pins.contact.drive_low()
    held = Box(street, pins)
    held.go_on(60.0)
    assert held.panel.shown == lamp.STUCK and held.told == ["Lies", "Jan"]


def test_25_a_backup_opens_with_the_paper_only_and_brings_everything_back(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert], street: Any, tmp_path: Path
) -> None:
    alerts.forward(police_alert(), "Lies", "page", street.now, street.bin)
    page = open_page()
    page.goto("/reservekopie")
    page.get_by_role("button", name="Sleutel maken en tonen").click()
    shown = re.search(r"AGE-SECRET-KEY-1[ A-Z0-9]+", page.inner_text("main"))
    assert shown
    secret = shown[0].replace(" ", "")
    counts = Member.select().count(), Alert.select().count(), Audit.select().count()
    page.goto("/reservekopie")
    copy = saved(page, "Kopie maken en bewaren", tmp_path / "kopie.age")
    assert copy.startswith(b"age-encryption.org/v1") and b"Ada" not in copy
    on_the_box = b"".join(file.read_bytes() for file in street.folder.glob("bin.*"))
    assert b"Ada" in on_the_box and secret.encode() not in on_the_box

    database.close()
    (tmp_path / "nieuw").mkdir()
    fresh = f"sqlite:///{tmp_path}/nieuw/bin.db"
    backup.restore(tmp_path / "kopie.age", backup.keys_in(secret), fresh, street.now, folder=tmp_path / "nieuw")
    store.open_store(fresh, tmp_path / "nieuw")
    assert (Member.select().count(), Alert.select().count(), Audit.select().count()) == counts
    assert try_to_log_in(page, "lies", PASSWORD) == ""
    page.goto("/logboek")
    page.get_by_role("button", name="Logboek nakijken").click()
    sync_api.expect(page.get_by_role("status")).to_contain_text("✔ Logboek volledig")
    page.goto("/leden")
    sync_api.expect(page.locator("main")).to_contain_text("5 leden")


def test_25_a_row_of_the_log_that_was_changed_is_named(open_page: Callable[..., Any]) -> None:
    page = open_page()
    Audit.update(detail="niets gebeurd").where(Audit.id == 3).execute()
    page.goto("/logboek/nakijken")
    sync_api.expect(page.get_by_role("alert")).to_contain_text("Regel 3 is veranderd")
    assert page.get_by_role("status").count() == 0


def test_25_the_report_of_the_year_has_the_figures_of_the_page_and_no_number(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert], street: Any, tmp_path: Path
) -> None:
    alerts.forward(police_alert(), "Lies", "page", street.now, street.bin)
    alerts.decline(police_alert("Niets"), "al gekend", "Lies", "page", street.now, street.bin)
    page = open_page()
    page.goto("/afdrukken/verslag?jaar=2026")
    shown = [row.split() for row in page.locator("table tbody tr").all_inner_texts()]
    (tmp_path / "a.pdf").write_bytes(page.request.get("/afdrukken/verslag.pdf?jaar=2026").body())
    told = subprocess.run(["pdftotext", "-layout", tmp_path / "a.pdf", "-"], capture_output=True, check=True)
    printed = [line.split() for line in told.stdout.decode().splitlines()]
    assert len(shown) > 5 and [row for row in shown if row not in printed] == []
    assert not re.search(r"\+32|0470", told.stdout.decode())
