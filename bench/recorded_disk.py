"""A real ext4 file system on a disk that records every write and every flush in order.

QEMU's blklogwrites, exported over FUSE and loop-mounted; no virtual machine. What a cut leaves can be made of the
record. It needs Debian's packages qemu-system-common (qemu-storage-daemon) and fuse3, and the right to mount.
"""

import os
import random
import shutil
import struct
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("qemu-storage-daemon", "mke2fs", "mount", "umount")
SIZE = 24 << 20  # octets of the disk: three checkpoints of the journal fit
SECTOR = 512
PATIENCE = 120.0  # seconds

# dm-log-writes (Linux admin-guide/device-mapper/log-writes): a super block, then a header sector per entry and its data
SUPER, ENTRY = struct.Struct("<QQQI"), struct.Struct("<QQQQ")
MAGIC = 0x6A736677736872
FLUSH, DISCARD = 1, 4


def lacking() -> str:
    """Why this machine cannot do it; empty when it can."""
    if os.geteuid() != 0:
        return "only root may mount a disk"
    gone = [program for program in PROGRAMS if shutil.which(program) is None]
    gone += [path for path in ("/dev/fuse", "/dev/loop-control") if not Path(path).exists()]
    return f"not here: {', '.join(gone)} (Debian: qemu-system-common fuse3)" if gone else ""


class Disk:
    """A file system at `place` on a disk whose writes go, in order, to `log`; a context in which it is there."""

    def __init__(self, folder: Path) -> None:
        self.log, self.place = folder / "writes.log", folder / "disk"
        self._raw, self._export = folder / "disk.raw", folder / "disk.fuse"
        self._daemon: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Disk":
        for path, size in ((self._raw, SIZE), (self._export, 0), (self.log, 0)):
            path.touch()
            os.truncate(path, size)
        self.place.mkdir()
        ready = self._raw.with_suffix(".pid")
        nodes = (
            f"driver=file,node-name=raw,filename={self._raw}",
            f"driver=file,node-name=log,filename={self.log}",
            f"driver=blklogwrites,node-name=disk,file=raw,log=log,log-sector-size={SECTOR}",
        )
        export = f"type=fuse,id=disk,node-name=disk,mountpoint={self._export},writable=on"
        command = ["qemu-storage-daemon", *(word for node in nodes for word in ("--blockdev", node))]
        self._daemon = subprocess.Popen([*command, "--export", export, "--pidfile", str(ready)])
        wait_for(lambda: ready.exists() and self._export.stat().st_size == SIZE)
        make_file_system(self._export)
        run("mount", "-o", "loop,noatime", self._export, self.place)
        return self

    def __exit__(self, *_: object) -> None:
        run("umount", self.place)
        assert self._daemon
        self._daemon.terminate()  # it takes its export away itself
        self._daemon.wait(30)

    def written(self) -> int:
        """How long the record is now: a cut before this place comes before this moment."""
        return self.log.stat().st_size


def make_file_system(path: Path) -> None:
    run("mke2fs", "-q", "-t", "ext4", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", path)


def run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True)


def wait_for(fact: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < deadline, "the fact never came true"
        time.sleep(0.005)


@dataclass(frozen=True)
class Write:
    """One entry of the record: *data* at *offset*, or a flush of all before it. `ends`: where the record goes on."""

    offset: int
    data: bytes
    flush: bool
    ends: int


def writes(log: bytes) -> Iterator[Write]:
    """Every entry of *log*, in order."""
    magic, _, _, sector = SUPER.unpack_from(log)
    assert (magic, sector) == (MAGIC, SECTOR), "not a record of writes"
    place = SECTOR
    while place + SECTOR <= len(log):
        start, count, flags, _ = ENTRY.unpack_from(log, place)
        place += SECTOR
        size = count * SECTOR
        data = bytes(size) if flags & DISCARD else log[place : place + size]
        place += 0 if flags & DISCARD else size
        yield Write(start * SECTOR, data, bool(flags & FLUSH), place)


def apply(disk: bytearray, entries: Sequence[Write]) -> None:
    for entry in entries:
        disk[entry.offset : entry.offset + len(entry.data)] = entry.data


def half_of(entries: Sequence[Write], chance: random.Random) -> list[Write]:
    """A random half of *entries*, and of the last of those only some sectors."""
    kept = [entry for entry in entries if chance.random() < 0.5]
    if kept and kept[-1].data:
        torn = kept[-1].data[: SECTOR * chance.randrange(len(kept[-1].data) // SECTOR)]
        kept[-1] = Write(kept[-1].offset, torn, False, kept[-1].ends)
    return kept


@contextmanager
def mounted(disk: bytearray, folder: Path) -> Iterator[Path]:
    image, place = folder / "cut.raw", folder / "cut"
    image.write_bytes(disk)
    place.mkdir(exist_ok=True)
    run("mount", "-o", "loop,noatime", image, place)
    try:
        yield place
    finally:
        run("umount", place)
