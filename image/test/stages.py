"""The image, booted and used as its owner would: from the flashed card to an alert and back. `make image-test` runs it.

    python -m image.test.stages dist/bin-kast_VERSION_arm64.img.zst

Prints the minutes of each stage; exit code 0 when all of them held. QEMU emulates the processor: nothing here is quick,
and nothing is judged by how long it takes. What it cannot show is in image/HARDWARE-TEST.md.
"""

import contextlib
import re
import socket
import ssl
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from image.test.renewal import a_new_version, a_sick_version, stick_of_backups
from image.test.story import PAGE, PASSWORD, Story
from image.test.vm import Card, Machine, until, work_folder

MEMBERS = 40
IDLE = 200.0  # seconds
SLOW = timedelta(hours=2)  # a Pi has no battery: while it is off its clock stands still
ADA, OFFICER = "+32470000201", "+32470000101"
POLICE_TEXT = "Inbraak in de Kerkstraat, man met rode jas. Bel 101 als u iets ziet."


# --- the stages, in their order


def first_boot(story: Story) -> None:
    """The page answers over TLS, under the name of the box, with the chain that a phone is given; nobody is in yet."""
    box = story.on(SLOW)
    until(lambda: _status(box, "/begin") == 200, "the page of the first start")
    story.figures["from power to the page, first start"] = f"{box.up_for:.0f} s"
    assert b"Bent u bij de kast?" in _get(box, "/begin")[1]
    assert _status(box, "/leden") == 302
    assert _plain(box, "/") == 301


def settings_are_taken_over(story: Story) -> None:
    """What stood in the file is in force, and the PIN is nowhere on the partition that a PC reads."""
    until(lambda: b"****" in story.card.read("bin-kast.toml"), "the file without its PIN", 60)
    octets = story.card.path.open("rb")
    with octets:
        octets.seek(4 * 1024 * 1024)
        assert b'pin = "4821"' not in octets.read(256 * 1024 * 1024)
    assert "bin-kast-fout.txt" not in story.card.files()


def closed_to_the_rest(story: Story) -> None:
    """SSH answers nobody; avahi has taken the name of the box (QEMU's home network carries no multicast to ask it)."""
    assert _banner(story.box.port(22)) == b"", "SSH is open"
    assert "Host name is bin.local" in story.box.said()


def lamp_without_modem(story: Story) -> None:
    """The lamp is red: a box that cannot send."""
    until(lambda: story.box.pins.colours() == "r", "a red lamp", 300)


def wizard(story: Story) -> None:
    """Who presses the button becomes coordinator, in a real browser; who does not is not let in."""
    page, pins = story.page(), story.box.pins
    page.goto(f"{PAGE}/")
    page.get_by_role("button", name="Ik heb gedrukt").click()
    page.get_by_text("nog niet gezien").wait_for()
    pins.press()
    time.sleep(0.4)  # a finger
    pins.release()
    for _ in range(10):
        page.get_by_role("button", name="Ik heb gedrukt").click()
        page.wait_for_load_state()
        if page.url.endswith("/begin/naam"):  # the file has a name, and leaves the language open
            break
        time.sleep(2)
    page.get_by_role("button", name="Verder").click()
    page.wait_for_url("**/begin/wie")
    page.fill("[name=name]", "Ada Peeters")
    page.fill("[name=number]", ADA)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Verder").click()
    page.wait_for_url("**/klaarmaken")
    assert "BIN De Linde" in page.content()


def people(story: Story) -> None:
    """A police contact with a card of codes, and forty members from a list."""
    page = story.page()
    page.goto(f"{PAGE}/politie/nieuw")
    page.fill("[name=name]", "Inspecteur De Wit")
    page.fill("[name=number]", OFFICER)
    page.get_by_role("button", name="Toevoegen en codes tonen").click()
    found = re.search(r"\b1\. <b>(\d+)</b>", page.content())
    assert found, page.content()[:3000]
    story.code = found[1]
    rows = [f"Lid {n};047011{n:04};Kerkstraat;nl;2026-01-02" for n in range(MEMBERS)]
    listed = story.folder / "leden.csv"
    listed.write_text("\n".join(["naam;gsm;straat;taal;toestemming", *rows, ""]))
    page.goto(f"{PAGE}/leden/inlezen")
    page.set_input_files("[name=file]", listed)
    page.get_by_role("button", name="Bekijken wat er verandert").click()
    page.get_by_role("button", name=f"{MEMBERS} leden toevoegen").click()
    page.get_by_text(f"{MEMBERS} leden toegevoegd").wait_for()


def modem(story: Story) -> None:
    """A stick is plugged in; the PIN of the file opens its card, and the lamp is red no longer.

    The network says how late it is, to a box without internet.
    """
    assert _slow(story.box) > SLOW / 2, "the clock was right before anybody could tell"
    story.network.time = f"{datetime.now(UTC):%y/%m/%d,%H:%M:%S}+00"
    story.plug_in()
    until(lambda: story.box.pins.colours() == "rg", "a yellow lamp: it works, and has something to say")
    until(lambda: _slow(story.box) < SLOW / 4, "a clock that is right")


def police_text(story: Story) -> None:
    """The police write; the coordinator has the original, and the lamp is blue."""
    story.network.text(OFFICER, f"DRINGEND {story.code} {POLICE_TEXT}")
    until(lambda: ADA in story.phones_told(POLICE_TEXT), "the words of the police on Ada's phone")
    until(lambda: story.box.pins.colours(6) == "b", "a blue lamp", 300)


def button_held(story: Story) -> None:
    """Held for three seconds and let count down: everybody is told, word for word."""
    pins = story.box.pins
    began = time.monotonic()
    pins.press()
    until(lambda: pins.colours(0.5) == "r", "a red lamp while it is held", 30, every=0.0)
    time.sleep(max(0.0, began + 8 - time.monotonic()))  # three seconds of a finger, and a busy machine's due
    pins.release()
    until(lambda: "b" in pins.colours(1.0), "a lamp that says: being sent", 120, every=0.0)
    members = {f"+3247011{n:04}" for n in range(MEMBERS)}
    until(lambda: members <= story.phones_told(POLICE_TEXT), "the words of the police on forty phones")
    told = [sent.number for sent in story.network.airwaves if POLICE_TEXT in sent.text and sent.number in members]
    assert len(told) == MEMBERS, "nobody twice"


def replies(story: Story) -> None:
    """Twenty-five answer; the page counts each once."""
    for n in range(25):
        story.network.text(f"+3247011{n:04}", "OK")
    until(lambda: story.confirmed() == 25, "25 confirmed on the page")


def yank(story: Story) -> None:
    """The stick is pulled out: red. Put back: it goes on, and a text that came meanwhile is not lost."""
    story.unplug()
    until(lambda: story.box.pins.colours() == "r", "a red lamp")
    story.network.text("+32470110030", "OK")
    story.plug_in()
    until(lambda: story.box.pins.colours() == "rg", "a yellow lamp")
    until(lambda: story.confirmed() == 26, "26 confirmed on the page")


def plug_pulled(story: Story) -> None:
    """Power is gone in the midst of work; a key was written on the card meanwhile. Everything is there afterwards."""
    assert story.cable
    story.unplug()
    story.box.cut()
    story.card.write("bin-kast.toml", story.with_key())
    box = story.on()
    story.plug_in()
    until(lambda: _status(box, "/aanmelden") == 200, "the page")
    story.figures["from power to the page, after a power cut"] = f"{box.up_for:.0f} s"
    until(lambda: _banner(box.port(22)).startswith(b"SSH-2.0"), "SSH for whoever has the key")
    assert story.confirmed() == 26, "still logged in, and nothing forgotten"
    assert story.ssh("systemctl --failed --plain --no-legend") == ""


def inside(story: Story) -> None:
    """What the owner cannot see: where things lie, what is closed, what keeps the clock and the card well."""
    ssh = story.ssh
    assert ssh("findmnt -n -o SOURCE /var/lib/bin-kast").endswith("[/box]")
    assert ssh("findmnt -n -o OPTIONS /boot/firmware").startswith("ro")
    assert int(ssh("stat -f -c '%S %b' /data | awk '{print $1*$2}'")) > 1_500_000_000, "the data partition did not grow"
    assert ssh("journalctl --header | grep -c /var/log/journal || true") == "0"
    assert ssh("passwd -S root | cut -d' ' -f2") == "L"
    assert ssh("cut -d: -f2 /etc/shadow | grep -vE '^[!*]' || true") == "", "somebody has a password"
    assert "policy drop" in ssh("nft list ruleset")
    for unit in ("nftables", "NetworkManager", "avahi-daemon", "systemd-timesyncd", "apt-daily-upgrade.timer"):
        assert ssh(f"systemctl is-active {unit} || true") == "active", unit
    for unit in ("nginx", "systemd-networkd"):
        assert ssh(f"systemctl is-active {unit} || true") == "inactive", unit
    assert ssh("systemctl show -P RuntimeWatchdogUSec") == "14s"
    listening = ssh("ss -Hltun | awk '{print $5}' | sed 's/.*://' | sort -un | tr '\\n' ' '").split()
    assert {"80", "443", "5353", "22"} <= set(listening), listening
    tried = ssh("unattended-upgrade --dry-run -v 2>&1 | head -5", check=False)
    assert "Debian-Security" in tried, tried
    assert not story.complaints()


def idle(story: Story) -> None:
    """Some minutes without anything to do: what it takes, and what it writes."""
    before = story.ssh("cat /proc/stat | head -1; cat /sys/block/vda/stat; cat /proc/meminfo | head -3")
    time.sleep(IDLE)
    after = story.ssh("cat /proc/stat | head -1; cat /sys/block/vda/stat; cat /proc/meminfo | head -3")
    cpu = [[int(word) for word in text.splitlines()[0].split()[1:9]] for text in (before, after)]
    spent = [late - early for early, late in zip(*cpu, strict=True)]
    written = [int(text.splitlines()[1].split()[6]) * 512 for text in (before, after)]
    memory = {name: int(number) for name, number in re.findall(r"(\w+): +(\d+) kB", after)}
    story.figures["idle, processor (emulated, of two cores)"] = (
        f"{100 * (1 - (spent[3] + spent[4]) / sum(spent)):.1f} %"
    )
    story.figures["idle, written per hour"] = f"{(written[1] - written[0]) * 3600 / IDLE / 1e6:.1f} MB"
    used = (memory["MemTotal"] - memory["MemAvailable"]) / 1024
    story.figures["idle, memory used"] = f"{used:.0f} of {memory['MemTotal'] / 1024:.0f} MB"


def battery_low(story: Story) -> None:
    """A UPS warns that its battery is nearly empty: the box stops by itself, and leaves its card in order."""
    story.box.pins.battery_low()
    story.box.goes_off()
    story.gone()
    assert story.card.unmounted()


def two_boxes(story: Story) -> None:
    """A second card of the same image, started once: it has no secret of the first."""
    story.off()
    other = Card(story.image, story.folder / "other.img")
    other.write("bin-kast.toml", story.with_key())
    with Machine(other, story.folder, story.ports) as box:
        until(lambda: _status(box, "/begin") == 200, "the page of the second box")
        until(lambda: _banner(box.port(22)).startswith(b"SSH-2.0"), "SSH of the second box")
        box.off()
    for where, path in (
        ("data", "/tls/ca.key"), ("data", "/tls/ca.crt"), ("data", "/tls/leaf.key"), ("data", "/box/bin.key"),
        ("system", "/etc/machine-id"), ("system", "/var/lib/systemd/random-seed"),
        ("system", "/etc/ssh/ssh_host_ed25519_key"), ("system", "/etc/ssh/ssh_host_rsa_key"),
        ("system", "/var/lib/NetworkManager/secret_key"),
    ):  # fmt: skip
        mine, its = (getattr(card, where)(path) for card in (story.card, other))
        assert len(mine) > 16 and len(its) > 16, f"{path} is empty"
        assert mine != its, f"both have the same {path}"
    assert other.data_sectors() * 512 > 1_500_000_000


STAGES: tuple[Callable[[Story], None], ...] = (
    first_boot, settings_are_taken_over, closed_to_the_rest, lamp_without_modem, wizard, people, modem, police_text,
    button_held, replies, yank, plug_pulled, inside, idle,
    stick_of_backups, a_new_version, a_sick_version, battery_low, two_boxes,
)  # fmt: skip


# --- how the page is reached


def _get(box: Machine, path: str) -> tuple[int, bytes]:
    """Over TLS, by the chain that the box itself hands out at port 80."""
    given = HTTPConnection("127.0.0.1", box.port(80), timeout=30)
    with contextlib.closing(given):
        given.request("GET", "/bin-kast.crt", headers={"Host": "bin.local"})
        authority = given.getresponse().read().decode()
    trusting = ssl.create_default_context(cadata=authority)
    asking = HTTPSConnection("bin.local", timeout=60)
    asking.sock = trusting.wrap_socket(
        socket.create_connection(("127.0.0.1", box.port(443)), timeout=60), server_hostname="bin.local"
    )
    with contextlib.closing(asking):
        asking.request("GET", path)
        answer = asking.getresponse()
        return answer.status, answer.read()


def _slow(box: Machine) -> timedelta:
    """By how much its clock is behind, as its page says."""
    asking = HTTPConnection("127.0.0.1", box.port(80), timeout=60)
    with contextlib.closing(asking):
        asking.request("GET", "/", headers={"Host": "bin.local"})
        said = asking.getresponse().headers["Date"]
    return datetime.now(UTC) - parsedate_to_datetime(said)


def _status(box: Machine, path: str) -> int:
    """The number of the answer; 0 when none came."""
    assert box.alive, "the machine ended"
    with contextlib.suppress(OSError, HTTPException, ValueError):
        return _get(box, path)[0]
    return 0


def _plain(box: Machine, path: str) -> int:
    asking = HTTPConnection("127.0.0.1", box.port(80), timeout=60)
    with contextlib.closing(asking):
        asking.request("GET", path, headers={"Host": "bin.local"})
        return asking.getresponse().status


def _banner(port: int) -> bytes:
    """What a server says by itself within twenty seconds; nothing when it is not let through."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        return line.recv(100)
    return b""


# --- all of it


@contextlib.contextmanager
def timed(name: str) -> Iterator[None]:
    """Prints the minutes of a stage that held."""
    began = time.monotonic()
    yield
    print(f"{name:28} {(time.monotonic() - began) / 60:5.1f} min", flush=True)


def main(image: Path) -> int:
    where = Path(tempfile.mkdtemp(prefix="image-test-"))
    with work_folder(where / "work") as folder:
        story = Story(image, folder)
        began = time.monotonic()
        try:
            for stage in STAGES:
                with timed(stage.__name__):
                    stage(story)
        except BaseException:
            print(f"\n{stage.__name__} did not hold: {stage.__doc__}")
            if story.machine:
                print(f"The console of the box ended with:\n{story.machine.said()[-6000:]}")
            raise
        finally:
            story.close()
            for name, figure in story.figures.items():  # also those of a run that did not hold
                print(f"{name:44} {figure}")
    print(f"{'all':28} {(time.monotonic() - began) / 60:5.1f} min")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
