"""A computer with a GPIO chip of its own, and systemd: boots this one's files, and runs `on_a_chip.py` there.

The kernel is Debian's from backports, whose gpio-sim makes a chip that the kernel treats like any other: a file in
sysfs presses the button, and another tells what a line shows. QEMU emulates the processor, so nothing of it is quick.

    python tests/panel/chip/machine.py      (make chip-test; as root, on Debian: it installs nothing)
"""

import lzma
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
CACHE = ROOT / ".chip"
RELEASE = "trixie-backports"
# each before whoever needs it
MODULES = ("configfs", "netfs", "9pnet", "9p", "9pnet_virtio", "overlay", "gpio-sim")
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
RESULT = re.compile(r"CHIP RESULT (\d+)")


def main() -> None:
    """Exit code 0 when every test in the machine passed."""
    for program in ("qemu-system-x86_64", "dpkg-deb", "apt-get"):
        if not shutil.which(program):
            sys.exit(f"{program} is not installed: apt-get install qemu-system-x86 dpkg apt")
    kernel, first_files = CACHE / "vmlinuz", CACHE / "initrd"
    if not kernel.exists():
        fetch()
    pack(first_files)
    sys.exit(boot(kernel, first_files))


def fetch() -> None:
    """Kernel, modules and busybox are in CACHE; apt has checked their signatures. Nothing is installed."""
    apt = CACHE / "apt"
    for folder in ("lists/partial", "archives/partial", "empty.d"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()
    mirror = run("apt-get", "indextargets", "--format", "$(REPO_URI)").split()[0]
    (apt / "sources.list").write_text(f"deb [signed-by={KEYS}] {mirror} {RELEASE} main\n")
    own = {
        "Dir::State": apt, "Dir::State::status": apt / "status", "Dir::Cache": apt, "Dir::Etc::sourcelist":
        apt / "sources.list", "Dir::Etc::sourceparts": apt / "empty.d", "Dir::Etc::preferencesparts": apt / "empty.d",
        "APT::Sandbox::User": "root",
    }  # fmt: skip
    options = [word for key, value in own.items() for word in ("-o", f"{key}={value}")]
    run("apt-get", *options, "update")
    version = depends(run("apt-cache", *options, "show", "linux-image-amd64"), "linux-image-")
    run("apt-get", *options, "download", f"linux-binary-{version}", f"linux-modules-{version}")
    run("apt-get", "download", "busybox-static")
    for package in CACHE.glob("*.deb"):
        run("dpkg-deb", "-x", str(package), str(CACHE / "files"))
        package.unlink()
    shutil.copy(next((CACHE / "files").rglob("vmlinuz*")), CACHE / "vmlinuz")


def depends(described: str, prefix: str) -> str:
    found = re.search(rf"^Depends:.*?{prefix}([0-9][^ ,]+)", described, re.MULTILINE)
    assert found, described
    return found[1]


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command[:1])} did not work: {done.stderr}")
    return done.stdout


def pack(target: Path) -> None:
    """The first file system is in *target*: busybox, the modules, and the script that goes on to this one's files."""
    folder = CACHE / "first"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("bin", "modules", "host", "upper", "new", "proc", "sys", "dev"):
        (folder / name).mkdir(parents=True)
    shutil.copy(CACHE / "files/bin/busybox", folder / "bin")
    for name in MODULES:
        packed = next((CACHE / "files").rglob(f"{name}.ko.xz"))
        (folder / "modules" / f"{name}.ko").write_bytes(lzma.decompress(packed.read_bytes()))
    script = (HERE / "init").read_text(encoding="utf-8")
    (folder / "init").write_text(script.replace("@MODULES@", " ".join(MODULES)))
    (folder / "init").chmod(0o755)
    names = "\n".join(str(path.relative_to(folder)) for path in sorted(folder.rglob("*")))
    command = [str(CACHE / "files/bin/busybox"), "cpio", "-o", "-H", "newc"]
    with target.open("wb") as file:
        subprocess.run(command, cwd=folder, input=names.encode(), stdout=file, stderr=subprocess.DEVNULL, check=True)


def boot(kernel: Path, first_files: Path) -> int:
    """The exit code of the tests; 1 when the machine did not get so far. What it says is printed."""
    words = f"console=ttyS0 quiet panic=-1 systemd.firstboot=off chip.root={ROOT} chip.python={sys.base_prefix}"
    command = [
        "qemu-system-x86_64", "-M", "pc", "-accel", "tcg", "-cpu", "max", "-smp", "1", "-m", "1536", "-nic", "none",
        "-rtc", "base=2026-11-25T11:00:00",  # noon: at night the lamp is dimmed
        "-kernel", str(kernel), "-initrd", str(first_files), "-append", words, "-nographic", "-no-reboot",
        "-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
    ]  # fmt: skip
    result = 1
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=-1, text=True, errors="replace") as machine:
        assert machine.stdout
        try:
            for line in machine.stdout:
                print(line, end="", flush=True)
                if found := RESULT.search(line):
                    result = int(found[1])
        finally:
            machine.kill()
    return result


if __name__ == "__main__":
    CACHE.mkdir(exist_ok=True)
    main()
