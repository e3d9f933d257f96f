"""The command line on a PostgreSQL server, which several boxes share."""

import json

import pytest

from appliance.cli.parts import Parts

pytestmark = pytest.mark.slow


@pytest.fixture
def shared(bare, cluster):
    """A box whose database is on a server, without tables."""
    url = cluster.new()
    bare.config.write_text(f'[store]\nurl = "{url}"\nfolder = "{bare.folder}"\n')
    yield bare
    bare.close()
    cluster.drop(url)


def test_a_server_without_our_tables_is_said_so_and_migrate_makes_them(shared):
    assert "appliance migrate" in shared.refused("status")
    assert len(shared.told("migrate")["steps"]) >= 3
    assert shared.told("migrate")["steps"] == []
    assert shared.told("status")["members"] == 0


def test_the_doctor_looks_at_the_server(shared):
    shared.run("migrate")
    findings = {found["subject"]: found for found in shared_findings(shared)}
    assert findings["database"]["verdict"] == "good"
    assert findings["folder"]["verdict"] == "good"


def shared_findings(box):
    return json.loads(box.run("doctor", "--json").stdout)["findings"]


def test_the_key_of_the_page_is_this_boxs_own(shared):
    key = Parts(str(shared.config)).secret_key()
    assert key == Parts(str(shared.config)).secret_key()
    assert (shared.folder / "bin.key").stat().st_mode & 0o777 == 0o600


def test_a_decision_on_one_box_is_seen_by_the_other(shared):
    shared.run("migrate")
    shared.told("members", "add", "Ada Claes", "+32470000001", "--consent", "ja")
    shared.told("alerts", "create", "--class", "urgent", "--text", "Inbraak.")
    shared.told("alerts", "forward", "1")
    shared.refused("alerts", "decline", "1", "--why", "te laat")
    shown = shared.told("alerts", "show", "1")
    assert (shown["counts"]["queued"], shown["forecast"]["segments"]) == (1, 1)
    assert shared.told("log", "verify")["whole"]


def test_a_password_in_the_address_is_hidden(bare):
    bare.config.write_text('[store]\nurl = "postgresql://bin:geheim@server/bin"\n')
    assert "geheim" not in bare.run("config", "show").stdout
    assert "geheim" not in bare.run("config", "show", "--json").stdout


def test_a_server_that_is_off_is_one_clear_line(bare):
    bare.config.write_text(f'[store]\nurl = "postgresql://bin@/bin?host={bare.folder}"\nfolder = "{bare.folder}"\n')
    assert "Is its server on" in bare.refused("status")
    assert "Is its server on" in bare.refused("migrate")
