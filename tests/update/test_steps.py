"""The steps of an update on a played machine: real files and a real database, and the power goes at every line."""

import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from appliance.update import steps
from appliance.update.steps import Stand, State, Update

HEARTS = ("gateway", "panel")


class PowerCut(BaseException):
    """Nothing after this line happened."""


class Box:
    """A machine with dpkg and systemd as they behave, and a program of which one version is well and one is what it is.

    `installed` is what dpkg last put there; "half" when it was cut off. Services run what is installed when they start.
    """

    def __init__(
        self, folder: Path, template: Path, *, well: bool = True, step: bool = False, dpkg: bool = True
    ) -> None:
        self.folder, self.database = folder / "update", folder / "bin.db"
        self.well, self.step, self.dpkg = well, step, dpkg
        self.folder.mkdir()
        shutil.copy(template, self.database)
        for version in ("old", "new"):
            (self.folder / f"{version}.deb").write_text(version)
        self.installed, self.running, self.boot, self.seconds = "old", "old", 1, 0.0
        self.arrives_when: str | None = None
        self.arrived = 0
        steps.write(self.folder, Stand("1.0", "1.1", "1", str(self.database), "", ("bin-kast-web.service",), HEARTS))

    def update(self) -> Stand | None:
        return Update(self.folder, self.run, self.wait, lambda: self.seconds).go_on(str(self.boot))

    def power_up(self) -> None:
        """The next boot: systemd starts what may start."""
        self.boot += 1
        self.running = ""
        self._start()

    def run(self, *words: str) -> bool:
        if words[0] == "dpkg":
            return self._dpkg(words)
        if "stop" in words:
            self.running = ""
        if "restart" in words:
            self._start()
        return "is-active" not in words or (self.running != "" and self._does_well())

    def _dpkg(self, words: tuple[str, ...]) -> bool:
        if words[-1] == "--pending":
            return True
        self.installed = "half"
        self._line()
        new = Path(words[-1]).read_text()
        if new == "new" and not self.dpkg:
            return False
        self.installed = new
        return True

    def _line(self) -> None:
        """A place where the power may go."""

    def _does_well(self) -> bool:
        return self.running == "old" or self.well

    def _start(self) -> None:
        if (self.folder / "busy").exists():
            return
        assert self.installed != "half", "a program of two versions was started"
        self.running = self.installed
        if self.running == "new" and self.step:
            self._write(
                "INSERT INTO schema_migration (name, applied) SELECT '9999_new', ''"
                " WHERE NOT EXISTS (SELECT 1 FROM schema_migration WHERE name = '9999_new')"
            )
        if self.running == "old":
            assert "9999_new" not in self.steps(), "the old program has a database that it cannot read"

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        if self.running and self._does_well():
            for heart in HEARTS:
                at = datetime.now(UTC).isoformat(timespec="microseconds")
                self._write("INSERT OR REPLACE INTO heartbeat (service, at) VALUES (?, ?)", heart, at)
        if self.running and self.running == self.arrives_when:
            self.arrives_when, self.arrived = None, 1
            self._write("INSERT INTO audit (at, actor, verb, subject, detail, seal) VALUES ('', 'x', 'x', '', '', '')")

    def _write(self, words: str, *values: str) -> None:
        with closing(sqlite3.connect(self.database, isolation_level=None)) as opened:
            opened.execute(words, values)

    def steps(self) -> set[str]:
        with closing(sqlite3.connect(self.database)) as opened:
            return {row[0] for row in opened.execute("SELECT name FROM schema_migration")}

    def lines_in_the_log(self) -> int:
        with closing(sqlite3.connect(self.database)) as opened:
            return int(opened.execute("SELECT count(*) FROM audit").fetchone()[0])


@pytest.fixture
def memory():
    """A folder in memory: where each line is cut in turn, a disk would make minutes of seconds."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


def left(box: Box) -> set[str]:
    return {path.name for path in box.folder.iterdir()} - {"result.json"}


def test_a_new_version_that_does_well_stays(tmp_path, template):
    box = Box(tmp_path, template, step=True)
    ended = box.update()
    assert ended and ended.state is State.DONE
    assert (box.installed, box.running, left(box)) == ("new", "new", set())
    assert steps.read(box.folder, "result.json") == ended


@pytest.mark.parametrize("step", [False, True])
def test_one_that_does_not_live_goes_and_the_old_one_has_its_database(tmp_path, template, step):
    box = Box(tmp_path, template, well=False, step=step)
    ended = box.update()
    assert ended and ended.state is State.BACK
    assert (box.installed, box.running, left(box)) == ("old", "old", set())
    assert len(list(tmp_path.glob("bin.db.before-*"))) == step, "that of the new one is kept beside it"


def test_one_that_dpkg_does_not_install_goes_back(tmp_path, template):
    box = Box(tmp_path, template, dpkg=False)
    ended = box.update()
    assert ended and ended.state is State.BACK and box.running == "old"


def test_what_came_in_meanwhile_goes_back_with_the_program_when_the_old_one_can_read_it(tmp_path, template):
    box = Box(tmp_path, template, well=False)
    box.arrives_when = "new"
    ended = box.update()
    assert ended and ended.state is State.BACK and box.lines_in_the_log() == 1


def test_what_came_in_meanwhile_is_not_thrown_away_with_a_database_that_the_old_one_cannot_read(tmp_path, template):
    box = Box(tmp_path, template, well=False, step=True)
    box.arrives_when = "new"
    ended = box.update()
    assert ended and ended.state is State.LEFT
    assert (box.running, box.lines_in_the_log()) == ("new", 1)


def test_a_database_that_the_new_version_broke_is_put_aside_and_the_copy_used(tmp_path, template):
    class Breaking(Box):
        def _start(self) -> None:
            super()._start()
            if self.running == "new":
                self.database.write_bytes(b"rubbish" * 1000)

    box = Breaking(tmp_path, template, well=False)
    ended = box.update()
    assert ended and ended.state is State.BACK and box.running == "old" and "0001_first" in box.steps()


def test_what_was_prepared_on_another_day_is_dropped(tmp_path, template):
    box = Box(tmp_path, template)
    box.power_up()
    assert box.update() is None
    assert (box.installed, box.running, left(box)) == ("old", "old", set())


def lines_until(box: Box, last: int | None) -> int:
    """How many lines of the steps ran; with *last* the power goes at that one."""
    ran = 0

    def line(*_: object) -> None:
        nonlocal ran
        ran += 1
        if last is not None and ran > last:
            sys.settrace(None)
            raise PowerCut

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename != steps.__file__:
            return None
        if event == "line":
            line()
        return trace

    box._line = line  # type: ignore[method-assign]
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        box.update()
    except PowerCut:
        pass
    finally:
        sys.settrace(before)
        box._line = lambda: None  # type: ignore[method-assign]
    return ran


@pytest.mark.slow
@pytest.mark.parametrize("arrives", [None, "new"])
@pytest.mark.parametrize("step", [False, True])
@pytest.mark.parametrize("well", [True, False])
def test_wherever_the_power_goes_it_ends_in_one_version_with_a_database_that_it_can_read(
    memory, template, well, step, arrives
):
    """Cut at one line in seven, so that each run of these eight takes seconds."""
    box = Box(memory, template, well=well, step=step)
    box.arrives_when = arrives
    outcomes = set()
    for last in range(1, lines_until(box, None), 7):
        folder = memory / str(last)
        folder.mkdir()
        box = Box(folder, template, well=well, step=step)
        box.arrives_when = arrives
        lines_until(box, last)
        box.power_up()
        ended = box.update()
        assert left(box) == set() and box.running == box.installed != "half"
        assert box.lines_in_the_log() == box.arrived, "what came in is still there"
        outcome = ended.state if ended else (steps.read(box.folder, "result.json") or Stand("", "", "", "", "")).state
        assert outcome in ({State.DONE} if well else {State.BACK, State.LEFT}) | {State.READY}, outcome
        assert box.running == {State.DONE: "new", State.LEFT: "new"}.get(outcome, "old")
        outcomes.add(outcome)
        shutil.rmtree(folder)
    assert State.READY in outcomes and len(outcomes) > 1
