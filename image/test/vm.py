"""A computer for the image: QEMU's `virt` (arm64) with the card as its disk. Nothing in the image knows of it.

Its header is the GPIO chip of that computer, of which QEMU's test socket turns the inputs and tells the outputs; its
USB modem is a serial port whose other end is a socket of this machine: connected is plugged in.
"""

import contextlib
import json
import os
import re
import select
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")

MIB = 1024 * 1024
BOOT_AT, BOOT_MIB = 4 * MIB, 256
LONG = 1500.0  # seconds: an emulated processor on a machine that does other things too
# Lines of the chip that are free there (3 is the power key), as BCM numbers of the settings.
BUTTON, RED, GREEN, BLUE, UPS = 4, 5, 6, 7, 2
FORWARDED = (80, 443, 22)
# its journal is read from outside; and what takes a Pi ten seconds takes an emulated processor minutes
FOR_THE_TEST = (
    "console=ttyAMA0", "audit=0", "systemd.show_status=false", "systemd.journald.forward_to_console=1",
    "systemd.journald.max_level_console=info", "systemd.default_timeout_start_sec=900",
    "systemd.default_device_timeout_sec=900",
)  # fmt: skip
A_PI_3B = "a02082"  # gpiozero asks which Pi it is; on a real one the firmware says it


def until(wanted: Callable[[], T], what: str, seconds: float = LONG, every: float = 5.0) -> T:
    """What *wanted* answers, once that is true. *what* says in words what did not come.

    Not asked often: each question costs the emulated processor a second of its own work.
    """
    deadline = time.monotonic() + seconds
    while not (found := wanted()):
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds:.0f} s not: {what}")
        time.sleep(every)
    return found


class Card:
    """A flashed card: the image in a file that is as large as a card, mostly hole."""

    def __init__(self, image: Path, path: Path, gigabytes: int = 4) -> None:
        self.path = path
        subprocess.run(["zstd", "-q", "-d", "-f", image, "-o", path], check=True)  # holes stay holes
        os.truncate(path, gigabytes * 1024 * MIB)

    @property
    def _boot(self) -> str:
        return f"{self.path}@@{BOOT_AT}"

    def files(self) -> list[str]:
        """What is on the partition that a PC sees."""
        listed = subprocess.run(["mdir", "-b", "-i", self._boot, "::"], check=True, capture_output=True, text=True)
        return [line.strip().removeprefix("::/") for line in listed.stdout.splitlines()]

    def read(self, name: str) -> bytes:
        """A file there."""
        return subprocess.run(["mtype", "-i", self._boot, f"::{name}"], check=True, capture_output=True).stdout

    def write(self, name: str, text: str) -> None:
        """The owner's PC writes a file there."""
        subprocess.run(["mcopy", "-o", "-i", self._boot, "-", f"::{name}"], check=True, input=text.encode())

    def system(self, path: str) -> bytes:
        """A file of the system, read while the computer is off."""
        return self._ext4(BOOT_AT + BOOT_MIB * MIB, path)

    def data(self, path: str) -> bytes:
        """A file of the data partition, read while the computer is off."""
        return self._ext4(self._data_at(), path)

    def _data_at(self) -> int:
        start = re.search(r"start= *(\d+)[^\n]*\n*$", self._table())
        assert start
        return int(start[1]) * 512

    def data_sectors(self) -> int:
        """How large the last partition is."""
        return int(re.findall(r"size= *(\d+)", self._table())[-1])

    def _table(self) -> str:
        table = subprocess.run(["sfdisk", "-q", "-d", self.path], check=True, capture_output=True, text=True).stdout
        return "\n".join(line for line in table.splitlines() if "start=" in line)

    def unmounted(self) -> bool:
        """Whether both file systems were left in order."""
        offsets = (BOOT_AT + BOOT_MIB * MIB, self._data_at())
        said = [self._debugfs(offset, "show_super_stats -h").decode() for offset in offsets]
        return all(re.search(r"state: +clean\n", words) and "needs_recovery" not in words for words in said)

    def _ext4(self, offset: int, path: str) -> bytes:
        return self._debugfs(offset, f'cat "{path}"')

    def _debugfs(self, offset: int, order: str) -> bytes:
        command = ["debugfs", "-R", order, f"{self.path}?offset={offset}"]
        return subprocess.run(command, check=True, capture_output=True).stdout


class Stick:
    """A USB stick as a PC formats it: one partition of FAT, with the name by which a box knows its own."""

    START = MIB

    def __init__(self, path: Path, megabytes: int = 256) -> None:
        self.path = path
        path.write_bytes(b"")
        os.truncate(path, megabytes * MIB)
        table = f"label: dos\nstart={self.START // 1024}KiB, type=c\n"
        subprocess.run(["sfdisk", "-q", path], check=True, input=table.encode())
        formatting = ["mkfs.vfat", "-F", "32", "-n", "BINKAST", "--offset", str(self.START // 512), path]
        subprocess.run(formatting, check=True, stdout=subprocess.DEVNULL)

    @property
    def _partition(self) -> str:
        return f"{self.path}@@{self.START}"

    def files(self, folder: str) -> list[str]:
        """What is in *folder* of it; nothing when there is no such folder."""
        listing = ["mdir", "-b", "-i", self._partition, f"::{folder}"]
        listed = subprocess.run(listing, check=False, capture_output=True, text=True).stdout
        return [line.rpartition("/")[2] for line in listed.splitlines()]

    def write(self, *files: Path) -> None:
        """The owner's PC copies *files* there."""
        subprocess.run(["mcopy", "-o", "-i", self._partition, *files, "::/"], check=True)


class Pins:
    """The far ends of the wires on the header: a button, and a lamp that somebody watches."""

    def __init__(self, path: Path, chip: str) -> None:
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(str(path))
        self._chip = chip
        self._lock = threading.Lock()
        self._lit = dict.fromkeys((RED, GREEN, BLUE), False)
        self._changes: list[tuple[float, int, bool]] = []
        threading.Thread(target=self._watch, daemon=True).start()
        self._say(f"irq_intercept_out {chip}")
        self.release()
        self._say(f"set_irq_in {self._chip} unnamed-gpio-in {UPS} 1")

    def battery_low(self) -> None:
        """A UPS warns: its contact goes to ground."""
        self._say(f"set_irq_in {self._chip} unnamed-gpio-in {UPS} 0")

    def press(self) -> None:
        """The contact closes: the input goes to ground."""
        self._say(f"set_irq_in {self._chip} unnamed-gpio-in {BUTTON} 0")

    def release(self) -> None:
        self._say(f"set_irq_in {self._chip} unnamed-gpio-in {BUTTON} 1")

    def lamp(self, seconds: float = 4.0) -> dict[int, tuple[float, int]]:
        """Watched for so long: for each colour the part of the time that it was lit, and how often it came on."""
        began = time.monotonic()
        with self._lock:
            lit = dict(self._lit)
        time.sleep(seconds)
        with self._lock:
            changes = [change for change in self._changes if change[0] >= began]
        share = dict.fromkeys(lit, 0.0)
        times = dict.fromkeys(lit, 0)
        at = began
        for when, line, level in [*changes, (began + seconds, -1, False)]:
            for each, on in lit.items():
                share[each] += (when - at) * on
            at = when
            if line in lit:
                times[line] += level and not lit[line]
                lit[line] = level
        return {line: (share[line] / seconds, times[line]) for line in share}

    def colours(self, seconds: float = 4.0) -> str:
        """The letters of the colours that were seen, such as "rg" for yellow; "" for a lamp that stays dark."""
        seen = self.lamp(seconds)
        return "".join(letter for letter, line in zip("rgb", (RED, GREEN, BLUE), strict=True) if seen[line][0] > 0.004)

    def _say(self, words: str) -> None:
        self._line.sendall(words.encode() + b"\n")

    def _watch(self) -> None:
        with contextlib.suppress(OSError), self._line.makefile("r") as lines:
            for line in lines:
                if found := re.match(r"IRQ (raise|lower) (\d+)", line):
                    with self._lock:
                        level = found[1] == "raise"
                        self._changes.append((time.monotonic(), int(found[2]), level))
                        del self._changes[:-100_000]
                        if int(found[2]) in self._lit:
                            self._lit[int(found[2])] = level


class Cable:
    """The USB cable between the computer and a modem on a tty of this machine. `with`: plugged in."""

    def __init__(self, socket_path: Path, tty: str) -> None:
        self._path, self._tty = socket_path, tty

    def __enter__(self) -> Self:
        self._usb = socket.socket(socket.AF_UNIX)
        self._usb.connect(str(self._path))
        self._modem = os.open(self._tty, os.O_RDWR | os.O_NOCTTY)
        self._end, self._ending = os.pipe()
        self._thread = threading.Thread(target=self._carry)
        self._thread.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._ending)
        self._thread.join()
        self._usb.close()
        os.close(self._modem)
        os.close(self._end)

    def _carry(self) -> None:
        usb = self._usb.fileno()
        with contextlib.suppress(OSError):  # the computer went off
            while True:
                ready, _, _ = select.select([usb, self._modem, self._end], [], [])
                if self._end in ready:
                    return
                for source, target in ((usb, self._modem), (self._modem, usb)):
                    if source in ready:
                        octets = os.read(source, 4096)
                        if not octets:
                            return
                        os.write(target, octets)


class Machine:
    """The computer, on from `with` until it is off. *ports* of it are reached at `port` of this machine."""

    def __init__(
        self, card: Card, folder: Path, ports: dict[int, int], megabytes: int = 512, slow: timedelta = timedelta(0)
    ) -> None:  # fmt: skip
        """*ports*: from those of the computer to those of 127.0.0.1, see `free_ports`. A Zero 2 W has 512 megabytes.

        *slow*: by how much its clock is behind. It has no internet that could tell.
        """
        self.card, self.folder, self._slow = card, folder, slow
        self._megabytes, self._ports = megabytes, ports
        self.modem = folder / "modem.sock"
        self.console = folder / "console"

    def port(self, inside: int) -> int:
        """The port of 127.0.0.1 that leads to *inside*."""
        return self._ports[inside]

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def __enter__(self) -> Self:
        for old in ("qmp", "qtest", "modem.sock"):
            (self.folder / old).unlink(missing_ok=True)
        self._began = time.monotonic()
        self._process = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, cwd=self.folder)
        self._qmp = self._connected(self.folder / "qmp").makefile("rw")
        self.qmp("qmp_capabilities")
        self.pins = Pins(self.folder / "qtest", self._chip())
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def up_for(self) -> float:
        """Seconds since it was switched on."""
        return time.monotonic() - self._began

    def _command(self) -> list[str]:
        """The card is the disk; kernel and first file system are those on it, handed over as the Pi's firmware does."""
        kernel, initrd = (next(n for n in self.card.files() if n.startswith(kind)) for kind in ("vmlinuz", "initrd"))
        for name in (kernel, initrd):
            (self.folder / name).write_bytes(self.card.read(name))
        words = [word for word in self.card.read("cmdline.txt").decode().split() if not word.startswith("console=")]
        forward = ",".join(f"hostfwd=tcp:127.0.0.1:{port}-:{inside}" for inside, port in self._ports.items())
        machine = ["-M", "virt", "-cpu", "cortex-a72", "-smp", "2", "-m", str(self._megabytes)]
        return [
            "qemu-system-aarch64", *machine, "-display", "none", "-monitor", "none",
            "-dtb", str(self._device_tree(machine)),
            "-kernel", kernel, "-initrd", initrd, "-append", " ".join([*words, *FOR_THE_TEST]),
            "-drive", f"file={self.card.path},if=virtio,format=raw,cache=writeback",
            "-rtc", f"base={datetime.now(UTC) - self._slow:%Y-%m-%dT%H:%M:%S}",
            "-netdev", f"user,id=home,restrict=on,{forward}", "-device", "virtio-net-pci,netdev=home,romfile=",
            "-device", "virtio-rng-pci", "-serial", f"file:{self.console}",
            "-qmp", "unix:qmp,server=on,wait=off", "-qtest", "unix:qtest,server=on,wait=off", "-qtest-log", "none",
            "-device", "qemu-xhci,id=xhci", "-chardev", "socket,id=modem,path=modem.sock,server=on,wait=off",
            "-device", "usb-serial,chardev=modem,bus=xhci.0,port=1",
        ]  # fmt: skip

    def _device_tree(self, machine: list[str]) -> Path:
        tree = self.folder / "virt.dtb"
        dump = ["qemu-system-aarch64", "-M", f"virt,dumpdtb={tree}", *machine[2:], "-nic", "none", "-display", "none"]
        subprocess.run(dump, check=True, capture_output=True)
        subprocess.run(["fdtput", "-c", tree, "/system"], check=True)
        subprocess.run(["fdtput", "-t", "x", tree, "/system", "linux,revision", A_PI_3B], check=True)
        return tree

    def _connected(self, path: Path) -> socket.socket:
        line = socket.socket(socket.AF_UNIX)
        until(lambda: path.exists() and line.connect_ex(str(path)) == 0, f"{path.name} of QEMU", 60, every=0.1)
        return line

    def qmp(self, command: str, **arguments: Any) -> Any:
        """What QEMU's control socket answers."""
        self._qmp.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._qmp.flush()
        for line in self._qmp:
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
            assert "error" not in answer, answer
        raise AssertionError("QEMU ended")

    def plug_in(self, stick: Stick) -> None:
        """*stick* is in the second port of USB; the modem has the first."""
        file = {"driver": "file", "filename": str(stick.path)}
        self.qmp("blockdev-add", driver="raw", file=file, **{"node-name": "stick"})
        self.qmp("device_add", driver="usb-storage", id="stick", drive="stick", bus="xhci.0", port="2")

    def pull_out(self) -> None:
        """The second port is empty."""
        self.qmp("device_del", id="stick")
        until(self._let_go, "it pulled out", 60, every=1.0)

    def _let_go(self) -> bool:
        """QEMU has done with the file of the stick; it takes a moment after the device is gone."""
        with contextlib.suppress(AssertionError):
            self.qmp("blockdev-del", **{"node-name": "stick"})
            return True
        return False

    def _chip(self) -> str:
        """The path of the GPIO chip among QEMU's devices."""
        folder = "/machine/unattached"
        devices = self.qmp("qom-list", path=folder)
        return f"{folder}/{next(one['name'] for one in devices if one['type'] == 'child<pl061>')}"

    def goes_off(self) -> None:
        """It stopped by itself."""
        self._process.wait(LONG)

    def off(self) -> None:
        """Somebody pressed the power key, and it went off in order."""
        self.qmp("system_powerdown")
        self._process.wait(LONG)

    def cut(self) -> None:
        """The plug was pulled."""
        self._process.kill()
        self._process.wait()

    def said(self) -> str:
        """What its console said, and its journal with it."""
        return self.console.read_text(errors="replace") if self.console.exists() else ""


def free_ports() -> dict[int, int]:
    """For each port of the computer that is looked at, one of 127.0.0.1."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in FORWARDED]
        return dict(zip(FORWARDED, (one.getsockname()[1] for one in sockets), strict=True))


@contextlib.contextmanager
def work_folder(path: Path) -> Iterator[Path]:
    """An empty folder, gone afterwards."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
