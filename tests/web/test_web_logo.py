"""The BIN's own logo: on the page, on paper, and nothing else with it."""

import io
from base64 import b64encode
from typing import Any

import pytest
from PIL import Image

from appliance import chosen, png
from appliance.models import Audit, Choice


def drawing(form: str = "PNG") -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (40, 20), "#0a5").save(held, form)
    return held.getvalue()


def bring(lies: Any, data: bytes, name: str = "logo.png") -> Any:
    return lies.post("/instellingen/logo", "/instellingen/logo", file=(io.BytesIO(data), name))


def test_the_logo_of_the_bin_is_on_the_page_and_on_paper(lies: Any) -> None:
    assert "/logo.png" not in lies.get("/").text and lies.get("/logo.png").status_code == 404
    assert bring(lies, drawing()).status_code == 302
    assert 'class="logo" src="/logo.png?v=' in lies.get("/").text
    shown = lies.get("/logo.png")
    assert shown.content_type == "image/png" and shown.headers["X-Content-Type-Options"] == "nosniff"
    assert Image.open(io.BytesIO(shown.data)).size == (40, 20)
    assert f"data:image/png;base64,{b64encode(shown.data).decode()}" in lies.get("/afdrukken/koelkastkaart").text
    assert Audit.select().order_by(Audit.id.desc()).first().verb == "logo chosen"


def test_another_logo_replaces_it_and_it_can_be_taken_away(lies: Any, street: Any) -> None:
    for _ in range(2):
        bring(lies, drawing())
    assert Choice.select().where(Choice.name == "logo").count() == 1
    assert chosen.in_force(street.bin).name == "BIN Zonnebos"
    lies.post("/instellingen/logo", "/instellingen/logo", remove="1")
    assert "/logo.png" not in lies.get("/").text and not Choice.select().exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "Kies eerst een bestand"), (b"<svg onload='alert(1)'/>", "geen png"), (drawing("JPEG"), "geen png"),
     (drawing()[:-3], "beschadigd"), (b"x" * (png.LARGEST + 1), "groter dan 200 kB")],
)  # fmt: skip
def test_what_is_no_small_png_is_refused_with_a_reason(lies: Any, data: bytes, said: str) -> None:
    answer = bring(lies, data, "logo.png")
    assert answer.status_code == 422 and said in answer.text and not Choice.select().exists()


def test_who_is_not_logged_in_sees_no_logo(lies: Any, stranger: Any) -> None:
    bring(lies, drawing())
    assert "/logo.png" not in stranger.get("/aanmelden").text and stranger.get("/logo.png").status_code == 302
