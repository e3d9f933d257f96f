"""When an update may begin, and what of it is kept when it may not."""

from dataclasses import replace

import pytest

from appliance import alerts
from appliance.alerts import MessageClass, Source, countdown
from appliance.update import prepare, steps
from appliance.update.prepare import Facts, NotNow
from appliance.update.release import NotOurs
from appliance.update.steps import MOVES, OVER, Event, State

GOOD = Facts(
    package="bin-kast", fits_machine=True, newer=True, free=500_000_000, needed=400_000_000, sending=False,
    counting=False, under_way=False, shared=False,
)  # fmt: skip


def test_a_newer_version_of_ours_on_a_quiet_box_with_room_may_be_installed():
    assert prepare.refusal(GOOD) == ""


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"package": "coreutils"}, "coreutils"),
        ({"fits_machine": False}, "another kind"),
        ({"newer": False}, "not newer"),
        ({"free": 399_999_999}, "needs 400 MB"),
        ({"sending": True}, "sending"),
        ({"counting": True}, "counting down"),
        ({"under_way": True}, "under way"),
        ({"shared": True}, "together"),
    ],
)
def test_each_thing_that_speaks_against_it_is_told(change, why):
    assert why in prepare.refusal(replace(GOOD, **change))


def test_a_text_that_is_owed_and_an_alert_that_counts_down_are_seen(street, tmp_path):
    (tmp_path / "new.deb").write_bytes(b"no package")
    before = prepare.facts(tmp_path, street.url, street.now)
    assert (before.sending, before.counting, before.package, before.newer) == (False, False, "", False)
    alert = alerts.create(MessageClass.URGENT, Source.COORDINATOR, "Inbraak.", "Lies", street.now, street.bin)
    countdown.begin(alert, "Lies", "page", street.now, street.bin)
    assert prepare.facts(tmp_path, street.url, street.now).counting
    countdown.release(street.later(seconds=30), street.bin)
    assert prepare.facts(tmp_path, street.url, street.now).sending


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_every_pair_of_state_and_event_moves_on_or_is_none(state, event):
    after = MOVES.get(state, {}).get(event)
    assert after is None or after is not state
    assert state not in OVER or after is None


def test_what_is_not_ours_leaves_nothing_behind(tmp_path):
    package, folder = tmp_path / "x.deb", tmp_path / "update"
    package.write_bytes(b"x")
    package.with_name("x.deb.minisig").write_text("nonsense")
    with pytest.raises(NotOurs):
        prepare.take(package, folder, tmp_path / "release.pub")
    assert not list(folder.iterdir())


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_package_that_cannot_be_unpacked_is_refused_and_the_database_untouched(street, tmp_path, engine):
    folder = tmp_path / "update"
    folder.mkdir()
    (folder / "new.deb").write_bytes(b"signed, and still no package")
    with pytest.raises(NotNow, match="unpacked"):
        prepare.try_out(folder, street.url, None, user=None)
    prepare.forget(folder)
    assert not list(folder.iterdir()) and steps.read(folder) is None
