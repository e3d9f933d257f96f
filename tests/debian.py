"""A plain Debian 13, really booted by its own systemd in namespaces of this machine. Needs root and debootstrap.

What is written there is gone afterwards: it lies in memory, above a folder that is made once and kept.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

BASE = Path(os.environ.get("DEBIAN_BASE", "/var/cache/bin-kast/trixie"))
PACKAGES = "systemd,systemd-sysv,udev,dbus,ca-certificates"
BOOT_SECONDS = 120

BOOT = """
set -e
mount --make-rprivate /
mount -t tmpfs -o size=4G memory "$2"
mkdir "$2/up" "$2/work" "$2/root"
mount -t overlay -o "lowerdir=$1,upperdir=$2/up,workdir=$2/work" debian "$2/root"
cd "$2/root"
cp /etc/resolv.conf etc/resolv.conf
cp -r /usr/local/share/ca-certificates usr/local/share/
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup sys/fs/cgroup
mount -t tmpfs run run
mount -t tmpfs dev dev
for name in null zero random urandom full tty; do
    mknod -m 666 "dev/$name" c "$(stat -c 0x%t /dev/$name)" "$(stat -c 0x%T /dev/$name)"
done
mkdir dev/pts
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ip link set lo up 2>/dev/null || true
mkdir -p old
pivot_root . old  # no chroot: in one, nobody may make a namespace of users, as the units do
umount -l /old
exec env -i container=test PATH=/usr/bin:/usr/sbin /lib/systemd/systemd --show-status=no
"""


def base() -> Path:
    """The untouched Debian, made when it is not there yet: one minute, and 250 MB."""
    if not (BASE / "etc/debian_version").exists():
        partial = BASE.with_name("trixie.partial")
        subprocess.run(["rm", "-rf", str(partial)], check=True)
        partial.parent.mkdir(parents=True, exist_ok=True)
        mirror = "http://deb.debian.org/debian"
        making = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "trixie", str(partial), mirror]
        subprocess.run(making, check=True, stdout=subprocess.DEVNULL)
        partial.rename(BASE)
    return BASE


class Debian:
    """One booted machine."""

    def __init__(self, systemd: int) -> None:
        self._systemd = systemd
        self.root = Path(f"/proc/{systemd}/root")

    def run(self, *words: str, check: bool = True, seconds: float = 300) -> subprocess.CompletedProcess[str]:
        """What root sees who types *words* there."""
        enter = ["nsenter", "-t", str(self._systemd), "-m", "-p", "-u", "-i", "-C"]
        clean = [
            "env",
            "-C",
            "/",
            "-i",
            "PATH=/usr/sbin:/usr/bin",
            "DEBIAN_FRONTEND=noninteractive",
            "LC_ALL=C.UTF-8",
            "HOME=/root",
        ]
        done = subprocess.run(
            [*enter, *clean, *words], capture_output=True, text=True, check=False, timeout=seconds,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{words}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done

    def says(self, *words: str) -> str:
        """The same, as the words on its standard output; whether it ended well does not count."""
        return self.run(*words, check=False).stdout.strip()

    def until(self, wanted: str, *words: str, seconds: float = BOOT_SECONDS) -> None:
        """*words* answer *wanted* before *seconds* are over."""
        deadline = time.monotonic() + seconds
        while (said := self.says(*words)) != wanted:
            assert time.monotonic() < deadline, f"{words}: {said!r}, not {wanted!r}\n{self.journal()}"
            time.sleep(0.3)

    def journal(self) -> str:
        return self.says("journalctl", "--no-pager", "-n", "60", "-o", "cat")


@contextlib.contextmanager
def booted(folder: Path) -> Iterator[Debian]:
    """A Debian that has come up; *folder* is where it hangs."""
    dies_with_us = ["setpriv", "--pdeathsig", "KILL"]
    spaces = [*dies_with_us, "unshare", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child"]
    process = subprocess.Popen(
        [*spaces, "sh", "-c", BOOT, "boot", str(base()), str(folder)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        machine = Debian(_first(process.pid))
        machine.until("running", "sh", "-c", "systemctl is-system-running | sed s/degraded/running/")
        yield machine
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _first(unshare: int) -> int:
    """The process that is number one inside, once it is systemd."""
    deadline = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < deadline:
        children = Path(f"/proc/{unshare}/task/{unshare}/children").read_text().split()
        if children and Path(f"/proc/{children[0]}/comm").read_text().strip() == "systemd":
            return int(children[0])
        time.sleep(0.1)
    raise AssertionError("it did not boot")
