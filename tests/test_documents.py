"""What the documents show must be what the code does."""

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from appliance import health
from appliance.alerts import MOVES as ALERT_MOVES
from appliance.panel import lamp
from appliance.queue.states import MOVES as SEGMENT_MOVES

ROOT = Path(__file__).parents[1]


def drawn(moves: Mapping[str, Mapping[str, str]], first: str) -> str:
    """A table of moves as a mermaid state diagram."""
    arrows = [f"    {state} --> {after}: {event}" for state, events in moves.items() for event, after in events.items()]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {first}", *arrows])


@pytest.mark.parametrize(
    ("name", "moves", "first"), [("segment", SEGMENT_MOVES, "queued"), ("alert", ALERT_MOVES, "waiting")]
)
def test_the_pictures_of_the_state_machines_are_their_tables(name, moves, first):
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n```mermaid\n(.*?)\n```\n<!-- end -->", text, re.DOTALL)
    assert found and found.group(1) == drawn(moves, first)


def test_every_room_in_the_architecture_exists_and_every_module_has_its_room():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    named = {name for row in rooms for name in re.findall(r"`([a-z_/]+(?:\.py)?)`", row)}
    assert [name for name in named if not (ROOT / "appliance" / name).exists()] == []
    folders = {f"{path.name}/" for path in (ROOT / "appliance").iterdir() if path.is_dir() and path.name[0] != "_"}
    assert folders - {"lang/"} <= named | {"conversation/"}


def test_the_commit_points_are_named_in_the_code_where_they_happen():
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "appliance").rglob("*.py"))
    assert {point for point in "12345" if re.search(rf"[Cc]ommit point {point}", source)} == set("12345")


DOCUMENTS = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_and_picture_in_a_document_leads_somewhere(document):
    path = ROOT / document
    links = re.findall(r"\]\((?!https?:|mailto:|tel:|#)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


COLOURS = {lamp.RED: "rood", lamp.YELLOW: "geel", lamp.GREEN: "groen", lamp.BLUE: "blauw", lamp.WHITE: "wit",
           lamp.DARK: "uit"}  # fmt: skip


def lamp_table() -> str:
    """What the coordinator reads about the lamp."""
    rows = [f"| {COLOURS[pattern.colour]} | {lamp.words(pattern, 'nl')} |" for pattern in lamp.PATTERNS.values()]
    return "\n".join(["| kleur | betekent |", "|---|---|", *rows])


def trouble_table() -> str:
    told = [health.told(trouble, "nl") for trouble in health.Trouble]
    rows = [f"| {its.sentence} | {its.since} | {its.step} |" for its in told]
    return "\n".join(["| de pagina zegt | vanaf | wat u doet |", "|---|---|---|", *rows])


@pytest.mark.parametrize(("name", "table"), [("lamp", lamp_table), ("troubles", trouble_table)])
def test_the_coordinators_tables_are_those_of_the_code(name, table):
    text = (ROOT / "docs/lamp.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- end -->", text, re.DOTALL)
    assert found and found.group(1) == table()


def test_the_pictures_of_lamp_button_and_wires_are_drawn_from_their_tables():
    script = ROOT / "docs/pictures/draw.py"
    spec = importlib.util.spec_from_file_location("pictures", script)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert {name for name, draw in module.PICTURES.items() if (script.parent / name).read_text() != draw()} == set()
