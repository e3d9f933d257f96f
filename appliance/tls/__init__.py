"""What the box shows of its own certificates: the names in that of its page, and the fingerprint of its authority.

They are made in `renewal`. What is here knows no X.509: the page asks it once, at its start, and the library for that
would be nine megabytes for as long as it runs.
"""

import hashlib
import os
import re
import ssl
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("/var/lib/bin-kast-tls")
NAMED = re.compile(r"server_name (.+);\n")


@dataclass(frozen=True)
class Places:
    """Where what is kept. Only `authority_key` must never leave the box."""

    folder: Path

    @property
    def authority_key(self) -> Path:
        """Readable by the renewer alone."""
        return self.folder / "ca.key"

    @property
    def authority(self) -> Path:
        """What a phone installs."""
        return self.folder / "ca.crt"

    @property
    def leaf_key(self) -> Path:
        """For the group of the server in front."""
        return self.folder / "leaf.key"

    @property
    def leaf(self) -> Path:
        """The chain that browsers get. Its names are the only ones by which the page may be called."""
        return self.folder / "leaf.crt"

    @property
    def server_name(self) -> Path:
        """The same names as nginx reads them. Written last: who watches it finds the rest ready."""
        return self.folder / "server_name.conf"


def own_names() -> tuple[str, ...]:
    """By which names this machine is called at home, the best first."""
    name = os.uname().nodename.lower()
    return tuple(dict.fromkeys((f"{name}.local", name, "bin.local")))


def hosts(folder: Path) -> tuple[str, ...]:
    """The names and addresses by which browsers may call the page; none when there is no certificate.

    Those that nginx was told: `renewal.renew` puts right what a power cut left different from the certificate.
    """
    try:
        found = NAMED.fullmatch(Places(folder).server_name.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return ()
    return tuple(found[1].split()) if found else ()


def fingerprint(folder: Path) -> str | None:
    """What stands on the sticker: SHA-256 of the authority, as phones show it. None when there is none."""
    try:
        octets = ssl.PEM_cert_to_DER_cert(Places(folder).authority.read_text(encoding="ascii"))
    except (OSError, ValueError):  # not there, or half of it: it is made again
        return None
    return hashlib.sha256(octets).digest().hex(":").upper()
