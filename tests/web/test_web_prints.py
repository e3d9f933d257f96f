"""Sheets for on paper: what is on them, and what never is."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from appliance import alerts, phone
from appliance.alerts import MessageClass, Source
from appliance.models import Audit, Member
from appliance.people import members
from appliance.queue import outbox
from appliance.web import pdf

SHEETS = ["koelkastkaart?taal=nl", "koelkastkaart?taal=fr", "kaart-naast-de-kast", "verslag?jaar=2026"]


@pytest.mark.parametrize("path", SHEETS)
def test_a_sheet_can_be_looked_at_and_says_no_name_or_number_of_a_member(lies, path, police_alert, street):
    alerts.forward(police_alert("Inbraak"), "Lies", "page", street.now, street.bin)
    page = lies.get(f"/afdrukken/{path}")
    assert page.status_code == 200
    words = page.text.replace("BIN Zonnebos", "")
    assert not re.search(r"Lies|Ada|Ben|Cleo|\+324|0470", words)


def test_the_year_on_paper_has_the_figures_of_the_command(lies, police_alert, street):
    alerts.forward(police_alert("Inbraak"), "Lies", "page", street.now, street.bin)
    alerts.decline(police_alert("Niets"), "al gekend", "Lies", "page", street.now, street.bin)
    page = lies.get("/afdrukken/verslag?jaar=2026").text
    row = re.search(r"DRINGEND</th>(.*?)</tr>", page, re.DOTALL)[1]
    assert re.findall(r"<td>(\d+)</td>", row) == ["2", "1", "1", "5", "0", "0", "0"]
    assert Audit.select().order_by(Audit.id.desc()).first().seal[:8] in page


def test_the_phone_list_holds_every_number_and_the_log_tells_who_made_it(lies):
    page = lies.post("/afdrukken/belboom", "/afdrukken/")
    numbers = {phone.as_dialled(member.number) for member in members.active()}
    assert set(re.findall(r"04\d\d \d\d \d\d \d\d", page.text)) == numbers
    last = Audit.select().order_by(Audit.id.desc()).first()
    own = Member.get(Member.name == "Lies")
    assert (last.actor, last.verb) == (f"member {own.id}", "printed members")


@pytest.mark.parametrize("path", ["belboom", "belboom.pdf", "geheim", "verslag?jaar=1999", "verslag?jaar=2027",
                                  "koelkastkaart?taal=xx", "../alerts", "_sheet"])  # fmt: skip
def test_a_sheet_that_is_none_is_not_found(lies, path):
    assert lies.get(f"/afdrukken/{path}").status_code in (404, 405)


@pytest.mark.slow
def test_the_report_is_a_pdf_of_one_page_and_a_page_of_pictures_without_a_number(lies, police_alert, street, tmp_path):
    alerts.forward(police_alert("Inbraak"), "Lies", "page", street.now, street.bin)
    answer = lies.get("/afdrukken/verslag.pdf?jaar=2026")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    (tmp_path / "verslag.pdf").write_bytes(answer.data)
    told = subprocess.run(["pdftotext", "-layout", tmp_path / "verslag.pdf", "-"], capture_output=True, check=True)
    words = told.stdout.decode()
    assert re.search(r"DRINGEND +1 +1 +0 +5 ", words)
    first, pictures, rest = words.split("\f")
    assert "Stuurgroep" in first and "maand per maand" in pictures and rest == ""
    assert not re.search(r"\+324|0470", words)


@pytest.mark.slow
def test_a_sheet_of_the_network_is_a_pdf_too(lies, tmp_path):
    (tmp_path / "a.pdf").write_bytes(lies.get("/afdrukken/register.pdf?taal=fr").data)
    told = subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], capture_output=True, check=True)
    assert "RGPD" in told.stdout.decode()


@pytest.mark.slow
def test_what_makes_the_pdf_reads_no_file_and_no_address(tmp_path: Path) -> None:
    """A name with markup in it is escaped anyway; this is the second lock."""
    secret = tmp_path / "geheim.css"
    secret.write_text("p::after { content: 'GEHEIM' }")
    html = f'<link rel="stylesheet" href="file://{secret}"><img src="http://127.0.0.1:9/x.png"><p>wel</p>'
    (tmp_path / "a.pdf").write_bytes(pdf.from_html(html))
    told = subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], capture_output=True, check=True)
    assert told.stdout.decode().split() == ["wel"]


def test_on_a_machine_that_cannot_make_pdfs_the_page_says_to_print(lies, monkeypatch: Any) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    answer = lies.get("/afdrukken/koelkastkaart.pdf")
    assert answer.headers["Location"] == "/afdrukken/"
    assert "browser" in lies.get("/afdrukken/").text


def test_the_year_has_a_bar_for_each_kind_that_went_out_and_says_how_the_network_lives(lies, police_alert, street):
    assert "<svg" not in lies.get("/afdrukken/verslag").text
    alerts.forward(police_alert("Inbraak"), "Lies", "page", street.now, street.bin)
    page = lies.get("/afdrukken/verslag").text
    assert page.count('fill="#d5d5d5"/>') == 2  # one bar, one in the legend
    assert re.search(r"Leden nu</th><td>5</td>", page)


def played_year(street: Any, police_alert: Any) -> None:
    """An urgent alert that was decided after two minutes, and a test that Ada confirmed."""
    urgent = police_alert("Inbraak")
    test = alerts.create(MessageClass.TEST, Source.COORDINATOR, "Proef", "Lies", street.now, street.bin)
    alerts.forward(test, "Lies", "page", street.now, street.bin)
    while segment := outbox.claim("a", street.now):
        outbox.accepted(segment, segment.id % 256, street.now)
    alerts.confirm("+32470000201", "reply", street.later(minutes=1))
    alerts.forward(urgent, "Lies", "page", street.later(minutes=1), street.bin)


def test_the_year_has_four_pictures_each_with_its_figures_in_a_table(lies, police_alert, street):
    played_year(street, police_alert)
    page = lies.get("/afdrukken/verslag?jaar=2026").text
    assert page.count('<svg class="chart"') == 4
    tables = dict(re.findall(r'<caption class="hidden">(.*?)</caption>(.*?)</table>', page, re.S))
    november = re.search(r"November</th>(.*?)</tr>", tables["Wat er vertrok, maand per maand"], re.S)[1]
    assert re.findall(r"<td>(.+?)</td>", november) == ["1", "0", "1"]
    assert re.findall(r"<td>(.+?)</td>", tables["De tests van het jaar"]) == ["5", "0", "1"]
    pace = next(table for title, table in tables.items() if "minuten" in title)
    assert re.findall(r"<td>(.+?)</td>", pace) == ["2,0", "–"], (
        "nothing is known of the year before, and nothing is drawn"
    )


def test_a_picture_without_figures_says_so_and_draws_nothing(lies):
    page = lies.get("/afdrukken/verslag?jaar=2026").text
    assert page.count("Hiervan zijn dit jaar geen cijfers.") == 3 and '<svg class="chart"' not in page
