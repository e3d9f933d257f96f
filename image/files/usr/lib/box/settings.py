"""What stands in bin-kast.toml on the card goes to where the system reads it; then its secrets are wiped there.

Runs as root at each start, before the network and before the services, with what Debian's Python has and nothing else.

Rule 1: an empty value, and one that was wiped, changes nothing.
Rule 2: a file that was taken over counts again only when somebody has changed it.
Rule 3: everything may be cut short by a power cut, and is then done again at the next start. Wiping puts as many stars
as there were characters, so that a file that was half wiped is still the same file.
Rule 4: no mistake in the file keeps a box from starting: the mistake is told in words beside the file.
"""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = "boot/firmware/bin-kast.toml"
MISTAKE = "boot/firmware/bin-kast-fout.txt"
SEEN = "var/lib/box-settings"
CONFIG = "etc/bin-kast/config.toml"
WIFI = "etc/NetworkManager/system-connections/box.nmconnection"
COUNTRY = "etc/modprobe.d/country.conf"
SSH_KEYS = "root/.ssh/authorized_keys"
SSH_DOOR = "etc/nftables.d/ssh.nft"

HOME_NETWORKS = "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16"  # RFC 1918
PINS = ("button", "red", "green", "blue", "led", "buzzer", "ups")
SWITCHES = ("enabled", "ups_high")

Run = Callable[..., object]  # a command's words -> it was run


class BadSettings(Exception):
    """The file says something that cannot be; `str()` tells its owner what, in Dutch."""


# What each value must look like, and what to say when it does not. A key that is not here does not exist.
RULES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("bin", "name"): (r"[^\x00-\x1f\x7f]{1,60}", "een naam van ten hoogste 60 tekens"),
    ("sim", "pin"): (r"\d{4,8}", "vier tot acht cijfers"),
    ("wifi", "name"): (r"[^\x00]{1,32}", "de naam van uw wifi, ten hoogste 32 tekens"),
    ("wifi", "password"): (r"[\x20-\x7e]{8,63}", "het wachtwoord van uw wifi: 8 tot 63 tekens, zonder accenten"),
    ("wifi", "country"): (r"[A-Z]{2}", "een land in twee hoofdletters, zoals BE"),
    ("box", "name"): (r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", "kleine letters, cijfers en streepjes, zoals bin"),
    ("ssh", "key"): (r"(ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/=]+( [^\n]*)?", "een openbare sleutel, op een regel"),
}
SECRET = {("sim", "pin"), ("wifi", "password")}
SECRET_LINE = re.compile(r"""^([ \t]*(?:pin|password)[ \t]*=[ \t]*)(["'])(.+?)\2(?=[ \t]*(?:\#|\r?$))""", re.MULTILINE)


@dataclass(frozen=True)
class Wanted:
    """What the file asks for: only values that change something, by table and key."""

    values: Mapping[tuple[str, str], str]
    panel: Mapping[str, int | bool]

    def get(self, table: str, key: str) -> str:
        """The value, "" when it says none."""
        return self.values.get((table, key), "")


# --- pure: what the file says


def wanted(text: str) -> Wanted:
    """What *text*, the whole file, asks for. Raises BadSettings."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"Dit is niet te lezen ({error}). Staat elke waarde tussen twee aanhalingstekens?") from error
    panel = tables.pop("panel", {})
    _check_panel(panel)
    values = {}
    for table, inside in tables.items():
        if not isinstance(inside, dict):
            raise BadSettings(f'"{table}" staat niet onder een kopje tussen [ ].')
        for key, value in inside.items():
            if _says_something(value):
                values[table, key] = _checked(table, key, value)
    if values.get(("wifi", "password")) and not values.get(("wifi", "name")):
        raise BadSettings("[wifi] heeft een wachtwoord en geen naam.")
    return Wanted(values, panel)


def _says_something(value: object) -> bool:
    return not isinstance(value, str) or value.strip("*") != ""


def _checked(table: str, key: str, value: object) -> str:
    if (table, key) not in RULES:
        raise BadSettings(f'"{key}" onder [{table}] bestaat niet.')
    pattern, meant = RULES[table, key]
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise BadSettings(f'"{key}" onder [{table}] moet zijn: {meant}, tussen aanhalingstekens.')
    return value


def _check_panel(panel: object) -> None:
    if not isinstance(panel, dict):
        raise BadSettings('"panel" staat niet onder een kopje tussen [ ].')
    for key, value in panel.items():
        good = isinstance(value, bool) if key in SWITCHES else key in PINS and type(value) is int and 0 <= value <= 27
        if not good:
            raise BadSettings(f'"{key}" onder [panel] moet een van {", ".join(PINS)} zijn, van 0 tot 27.')


def wiped(text: str) -> str:
    """*text* with stars for its secrets, as long as it was; blank when they are written in a way that hides them."""
    stars = SECRET_LINE.sub(lambda found: found[1] + found[2] + "*" * len(found[3]) + found[2], text)
    if _has_no_secret(stars):
        return stars
    return re.sub(r"[^\r\n]", " ", text)


def _has_no_secret(text: str) -> bool:
    tables = tomllib.loads(text)
    return not any(_says_something(tables.get(table, {}).get(key, "")) for table, key in SECRET)


def put(config: str, table: str, key: str, value: str | int | bool) -> str:
    """The text of a TOML file *config* in which *key* of (the first) *table* is *value*; comments stay."""
    written = json.dumps(value, ensure_ascii=False)  # what JSON writes for these is TOML too
    heading = re.search(rf"^\[+{table}\]+[^\n]*\n", config, re.MULTILINE)
    if heading is None:
        return f"{config.rstrip()}\n\n[{table}]\n{key} = {written}\n"
    end = re.compile(r"^\[", re.MULTILINE).search(config, heading.end())
    before, inside = config[: heading.end()], config[heading.end() : end.start() if end else len(config)]
    line = re.compile(rf"""^({key}\s*=\s*)("(?:[^"\\\n]|\\.)*"|[^\s\#]+)""", re.MULTILINE)
    if line.search(inside):
        inside = line.sub(lambda found: found[1] + written, inside, count=1)
    else:
        inside = f"{key} = {written}\n{inside}"
    return before + inside + (config[end.start() :] if end else "")


def connection(name: str, password: str) -> str:
    """A keyfile for NetworkManager. The network's name as octets and the key that the password leads to
    (IEEE 802.11i, annex H.4): neither needs quoting, and nobody reads there which password a family uses.
    """  # noqa: D205
    octets = name.encode()
    text = "[connection]\nid=box\ntype=wifi\n\n[wifi]\nssid=" + "".join(f"{octet};" for octet in octets) + "\n"
    if not password:
        return text
    key = hashlib.pbkdf2_hmac("sha1", password.encode(), octets, 4096, 32).hex()
    return f"{text}\n[wifi-security]\nkey-mgmt=wpa-psk\npsk={key}\n"


# --- effects


def keep(path: Path, text: str, mode: int = 0o644) -> None:
    """*path* holds *text*, or what it held before; its owner stays. It is on the card when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    with new.open("w", encoding="utf-8", newline="") as file:
        os.fchmod(file.fileno(), mode)
        if path.exists():
            shutil.copymode(path, new)
            os.fchown(file.fileno(), path.stat().st_uid, path.stat().st_gid)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def overwrite(path: Path, octets: bytes) -> None:
    """The same places on the card hold *octets* now, as many as before."""
    with path.open("r+b") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())


def apply(want: Wanted, root: Path, run: Run) -> None:
    """The system under *root* is as *want* says. Safe to repeat. Raises OSError without the data partition."""
    if name := want.get("wifi", "name"):
        keep(root / WIFI, connection(name, want.get("wifi", "password")), 0o600)
    if country := want.get("wifi", "country"):
        keep(root / COUNTRY, f"options cfg80211 ieee80211_regdom={country}\n")
        run("iw", "reg", "set", country)
    if name := want.get("box", "name"):
        keep(root / "etc/hostname", f"{name}\n")
        keep(root / "etc/hosts", f"127.0.0.1  localhost\n127.0.1.1  {name}\n::1        localhost ip6-localhost\n")
        run("hostname", name)
    if key := want.get("ssh", "key"):
        _open_ssh(key, root, run)
    _configure(want, root / CONFIG)  # last: a box without its data can still be reached


def _configure(want: Wanted, path: Path) -> None:
    config = path.read_text(encoding="utf-8")
    for table, key, value in (
        ("bin", "name", want.get("bin", "name")),
        ("modem", "pin", want.get("sim", "pin")),
        *(("panel", key, value) for key, value in want.panel.items()),
    ):
        if value != "":
            config = put(config, table, key, value)
    tomllib.loads(config)
    keep(path, config, 0o640)


def _open_ssh(key: str, root: Path, run: Run) -> None:
    """Whoever has *key* may log in as root, from the home network; with a password nobody may."""
    keep(root / SSH_KEYS, f"{key}\n", 0o600)
    (root / SSH_KEYS).parent.chmod(0o700)
    keep(root / SSH_DOOR, f"ip saddr {{ {HOME_NETWORKS} }} tcp dport 22 accept\n")
    run("ssh-keygen", "-A")
    run("systemctl", "enable", "ssh.service")
    run("systemctl", "start", "--no-block", "ssh.service")


# --- all of it


def take_over(root: Path, run: Run) -> str:
    """The file under *root* is taken over and holds no secret; what was done, in a word. Raises BadSettings."""
    path, seen = root / FILE, root / SEEN
    octets = path.read_bytes()
    text, encoding = _decoded(octets)
    body = text.removeprefix("\ufeff")  # Notepad's mark, which is no TOML
    want = wanted(body)
    bare = text[: len(text) - len(body)] + wiped(body)
    state, was = (seen.read_text().split() if seen.exists() else ("", ""))[:2]
    known = was == _hash(bare)
    if known and text == bare:
        return "nothing new"
    if not (known and state == "wiping"):
        apply(want, root, run)
        keep(seen, f"wiping {_hash(bare)}\n", 0o600)
    if text != bare:
        run("mount", "-o", "remount,rw", str(path.parent))
        overwrite(path, bare.encode(encoding))
        run("mount", "-o", "remount,ro", str(path.parent))
    keep(seen, f"done {_hash(bare)}\n", 0o600)
    return "taken over"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _decoded(octets: bytes) -> tuple[str, str]:
    """The text, and how it was written: old editors of Windows write é as one octet. Raises BadSettings."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return octets.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise BadSettings("Dit is geen gewone tekst. Bewaar het bestand als UTF-8.")


def main(root: Path, run: Run) -> int:
    """0 when the file was taken over or said nothing new, else 1; a mistake in it is told beside it."""
    mistake = root / MISTAKE
    try:
        print(f"bin-kast.toml: {take_over(root, run)}")
    except FileNotFoundError as error:
        print(f"{error.filename} is not there: it is tried again at the next start")
        return 1
    except BadSettings as error:
        print("bin-kast.toml cannot be taken over; bin-kast-fout.txt beside it says why")  # not here: it may hold a PIN
        run("mount", "-o", "remount,rw", str(mistake.parent))
        keep(mistake, f"De kast kon bin-kast.toml niet overnemen.\r\n{error}\r\nVerbeter het en probeer opnieuw.\r\n")
        run("mount", "-o", "remount,ro", str(mistake.parent))
        return 1
    if mistake.exists():
        run("mount", "-o", "remount,rw", str(mistake.parent))
        mistake.unlink()
        run("mount", "-o", "remount,ro", str(mistake.parent))
    return 0


def _run(*words: str) -> None:
    if words[0] == "hostname":
        socket.sethostname(words[1])  # no program of that name is needed for it
    else:
        subprocess.run(words, check=False)


if __name__ == "__main__":
    sys.exit(main(Path("/"), _run))
