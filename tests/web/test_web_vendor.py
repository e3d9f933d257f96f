"""What others wrote is what we think it is, and nothing on the page comes from outside."""

import gzip
import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

WEB = Path(__file__).parents[2] / "appliance" / "web"
VENDORED = tomllib.loads((WEB / "static" / "vendor.toml").read_text())["file"]


@pytest.mark.parametrize("entry", VENDORED, ids=lambda entry: entry["name"])
def test_a_vendored_file_has_the_hash_in_the_list(entry: dict[str, str]) -> None:
    assert hashlib.sha256((WEB / "static" / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]


def test_every_vendored_file_is_in_the_list() -> None:
    found = {f"vendor/{p.name}" for p in (WEB / "static" / "vendor").iterdir() if "LICENSE" not in p.name}
    assert found == {entry["path"] for entry in VENDORED}


@pytest.mark.parametrize("path", sorted(WEB.rglob("*.html")), ids=lambda path: path.name)
def test_a_template_escapes_everything_and_holds_no_script_or_style(path: Path) -> None:
    source = path.read_text()
    for forbidden in (
        "|safe",
        "| safe",
        "autoescape false",
        "<style",
        " style=",
        "onclick",
        "onload",
        "http://",
        "https://",
    ):
        assert forbidden not in source
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", source, re.S):
        assert "csrf_token" in form


def test_markup_is_made_in_one_place_only() -> None:
    makers = {p.name for p in WEB.rglob("*.py") if re.search(r"Markup\(|render_template_string", p.read_text())}
    assert makers == {"show.py"}


def test_our_own_styles_and_scripts_ask_nothing_of_the_outside() -> None:
    for name in ("app.css", "street.css", "app.js", "street.js"):
        source = (WEB / "static" / name).read_text()
        assert "//" not in re.sub(r"^\s*//.*$|\s// .*$", "", source, flags=re.M) and "@import" not in source


def test_styles_travel_compressed_and_pages_with_a_token_do_not(lies: Any) -> None:
    squeezed = lies.get("/static/app.css", headers={"Accept-Encoding": "gzip"})
    assert squeezed.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in squeezed.headers["Vary"]
    assert gzip.decompress(squeezed.data) == lies.get("/static/app.css").data
    assert "Content-Encoding" not in lies.get("/", headers={"Accept-Encoding": "gzip"}).headers


def test_styles_are_asked_for_once_and_again_when_the_box_has_others(lies: Any) -> None:
    link = re.search(r'href="(/static/app\.css\?v=(\w+))"', lies.get("/").text)
    assert link and hashlib.sha256((WEB / "static" / "app.css").read_bytes()).hexdigest().startswith(link[2])
    assert "immutable" in lies.get(link[1]).headers["Cache-Control"]
    assert "immutable" not in lies.get("/static/app.css").headers["Cache-Control"]
    assert lies.get("/static/nergens.css?v=1").headers["Cache-Control"] == "no-store"
