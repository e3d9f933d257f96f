"""Who may import whom (STYLE section 2): the shape of the house, held by reading every import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "appliance"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)

# Modules of values and rules: no I/O, no database, and only each other.
PURE = {
    "appliance.arrivals", "appliance.codes", "appliance.conversation", "appliance.conversation.commands",
    "appliance.conversation.hearing", "appliance.conversation.reading", "appliance.conversation.sentences",
    "appliance.conversation.spelling", "appliance.conversation.vocabulary", "appliance.gsm7", "appliance.lang",
    "appliance.lint", "appliance.modes", "appliance.neighbourhood",
    "appliance.people", "appliance.people.members_file", "appliance.people.members_vcard",
    "appliance.papers", "appliance.phone", "appliance.plain", "appliance.png",
    "appliance.proof", "appliance.roles", "appliance.queue.forecast", "appliance.queue.hours",
    "appliance.queue.retry", "appliance.queue.states", "appliance.queue.subscription", "appliance.segments",
    "appliance.tips", "appliance.wording", "appliance.clock",
    "appliance.panel.battery", "appliance.panel.button",
    "appliance.modem.codes", "appliance.modem.pdu", "appliance.modem.pdu_fields",
    "appliance.modem.pdu_userdata", "appliance.modem.recovery", "appliance.modem.sim", "appliance.modem.unasked",
    "appliance.modem.ussd",
}  # fmt: skip

# One door per library.
DOORS = {
    "gammu": {"appliance/modem/gammu_inside.py"},
    "serial": {"appliance/modem/connection.py", "appliance/modem/discovery.py"},
    "prometheus_client": {"appliance/web/metrics.py"},
    "gpiozero": {"appliance/panel/pins.py"},
    "lgpio": {"appliance/panel/pins.py"},
    "psycopg": {"appliance/store/server.py"},
    "appliance.store.server": {"appliance/store/__init__.py"},
    "phonenumbers": {"appliance/phone.py"},
    "pyotp": {"appliance/codes.py"},
    "pyrage": {"appliance/upkeep/age.py"},
    "vobject": {"appliance/people/members_vcard.py"},
    "webauthn": {"appliance/web/ceremonies.py"},
    "babel": {"appliance/web/languages.py"},
    "cryptography": {"appliance/tls/renewal.py", "appliance/update/release.py"},
}

# What nobody outside may reach into, and who may.
ROOMS = {
    "appliance.modem": {
        "appliance/gateway", "appliance/health/doctor.py", "appliance/modem", "appliance/cli", "appliance/demo",
    },
    "appliance.modem.emulator": {"appliance/modem/emulator", "appliance/cli", "appliance/demo"},
    "appliance.web": {"appliance/web", "appliance/cli"},
    "appliance.panel": {"appliance/panel", "appliance/cli"},
    "appliance.gateway": {"appliance/gateway", "appliance/cli"},
    "appliance.cli": {"appliance/cli", "appliance/__main__.py"},
    "appliance.demo": {"appliance/demo", "appliance/cli"},
    "appliance.config": {"appliance/cli", "appliance/health/doctor.py"},
    "flask": {"appliance/web"},
}  # fmt: skip


def name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Every module that *path* imports, wherever in the file; `from a import b` counts as a and, if it is one, a.b."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(str(node.module))
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def reaches(imported: str, room: str) -> bool:
    return imported == room or imported.startswith(f"{room}.")


def may(path: Path, allowed: set[str]) -> bool:
    place = path.relative_to(ROOT).as_posix()
    return any(place == door or place.startswith(f"{door}/") for door in allowed)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_each_module_imports_only_whom_it_may(path):
    found = imports(path)
    for target, allowed in (DOORS | ROOMS).items():
        wrong = [imported for imported in found if reaches(imported, target)]
        assert not wrong or may(path, allowed), f"{name(path)} may not import {wrong}"


@pytest.mark.parametrize("module", sorted(PURE))
def test_pure_modules_know_no_database_and_only_pure_modules(module):
    path = PACKAGE.joinpath(*module.split(".")[1:])
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    ours = {imported for imported in imports(path) if imported.startswith("appliance")}
    known = {imported for imported in ours if imported in {name(other) for other in MODULES}}
    assert "peewee" not in imports(path)
    assert known - {"appliance", "appliance.queue", "appliance.modem", "appliance.health"} <= PURE


def test_no_module_outgrows_four_hundred_lines():
    long = {name(path): n for path in MODULES if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400}
    assert long == {}


def test_no_shell_and_no_templates_from_data_anywhere():
    forbidden = ("shell=True", "os.system", "render_template_string", "|safe", "Markup(f", "autoescape false")
    texts = {path: path.read_text(encoding="utf-8") for path in [*MODULES, *PACKAGE.rglob("*.html")]}
    assert [(name(path), word) for path, text in texts.items() for word in forbidden if word in text] == []


# No service but the page has any of these, and the page has the last ones only once somebody asks for what is rare.
HEAVY = {"asyncio", "ssl", "flask", "argon2", "pytz", "appliance.modem.emulator", "appliance.web"}
RARE = {"cryptography", "pyrage", "vobject", "dateutil", "six"}
IDLE = {
    "appliance.cli.gateway": HEAVY | RARE | {"gpiozero"},
    "appliance.cli.panel": HEAVY | RARE | {"appliance.modem.at"},
    "appliance.cli.web": RARE,
}


@pytest.mark.slow
@pytest.mark.parametrize("module", IDLE)
def test_an_idle_service_holds_only_what_it_needs(module):
    """What one import would cost the memory of a box (bench/idle.py): each of these is megabytes."""
    ask = f"import sys, {module}; print(*sorted(set(sys.modules) & {IDLE[module]}))"
    loaded = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
