"""A newcomer's telephone finds the page, and can be held against the sheet."""

import html
import re
import subprocess
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from appliance import tls
from appliance.tls import renewal
from tests.web.conftest import Browser


@pytest.fixture
def behind_tls(make_app: Callable[..., Flask], lies_password: str, tmp_path: Path, street: Any) -> Browser:
    """Lies at the page of a box with a certificate in the folder *tls*."""
    folder = tmp_path / "tls"
    folder.mkdir()
    renewal.renew(folder, ("bin.local",), (IPv4Address("192.168.1.20"),), street.now)
    fingerprint = tls.fingerprint(folder)
    browser = Browser(make_app(names=tls.hosts(folder), fingerprint=fingerprint).test_client(), lies_password)
    browser.log_in()
    return browser


def as_a_telephone_shows_it(folder: Path) -> str:
    shown = subprocess.run(
        ["openssl", "x509", "-in", folder / "ca.crt", "-noout", "-fingerprint", "-sha256"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return shown.stdout.strip().split("=")[1].replace(":", " ")


PAPERS = ["/toestel", "/afdrukken/kaart-naast-de-kast", "/toegang/herstelblad", "/overdracht"]


@pytest.mark.slow
@pytest.mark.parametrize("where", PAPERS)
def test_page_and_papers_say_the_address_and_the_fingerprint_that_openssl_reads(
    behind_tls: Browser, tmp_path: Path, where: str
) -> None:
    new = {"name": "Nele", "number": "0470 00 03 01"} if where == "/overdracht" else {}
    page = behind_tls.post(where, where, **new).text if where in PAPERS[2:] else behind_tls.get(where).text
    said = " ".join(re.findall(r"<code>((?:[0-9A-F]{2} ){7}[0-9A-F]{2})</code>", page))
    assert said == as_a_telephone_shows_it(tmp_path / "tls")
    assert "https://bin.local/" in page and "https://192.168.1.20/" in page
    assert "http://bin.local/bin-kast.crt" in page
    assert "QR-code van het adres" in html.unescape(page)


def test_without_tls_there_is_an_address_and_nothing_to_compare(lies: Browser) -> None:
    page = lies.get("/toestel").text
    assert "http://localhost/" in page and "vingerafdruk" not in page
