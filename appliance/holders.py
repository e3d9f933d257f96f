"""Who has a file or a port, as far as this user may see."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
OURS = "appliance"  # in the command line of a process of ours


@dataclass(frozen=True, order=True)
class Holder:
    """A process that has it."""

    process: int
    name: str
    command: str

    @property
    def ours(self) -> bool:
        """Whether it is a program of this box."""
        return OURS in self.command

    def __str__(self) -> str:
        return f"{self.name} (process {self.process})"


def of(path: str | Path) -> list[Holder]:
    """Who but this process has locked *path* or, when nobody has, has it open; the lowest process number first."""
    target = os.path.realpath(path)
    having = _locking(target) or _having_open(target)
    return sorted(_holder(process) for process in having if process.name != str(os.getpid()))


def _locking(target: str) -> set[Path]:
    """From /proc/locks: `1: FLOCK ADVISORY WRITE 123 00:16:7 0 EOF`."""
    try:
        inode = Path(target).stat().st_ino
        rows = [line.split() for line in (PROC / "locks").read_text().splitlines()]
    except OSError:
        return set()
    return {PROC / row[4] for row in rows if row[1:2] == ["FLOCK"] and row[5].rpartition(":")[2] == str(inode)}


def _having_open(target: str) -> set[Path]:
    return {process for process in PROC.glob("[0-9]*") if target in _files(process)}


def _files(process: Path) -> Iterator[str]:
    try:
        for link in (process / "fd").iterdir():
            yield str(link.readlink())
    except OSError:
        return


def _holder(process: Path) -> Holder:
    command = _said(process / "cmdline").replace("\0", " ").strip()
    return Holder(int(process.name), _said(process / "comm").strip() or "a program", command)


def _said(file: Path) -> str:
    """Its text; "" when the process is gone, or is not ours to look into."""
    try:
        return file.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
