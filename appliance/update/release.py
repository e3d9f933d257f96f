"""A release is a Debian package with the signature of minisign beside it, which says who made every octet of it.

The format is minisign's (https://jedisct1.github.io/minisign/), so that whoever doubts us can ask that program. Nothing
of a package is unpacked, or even read as a package, before this has said yes.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.plain import PlainError

PREHASHED, PUBLIC = b"ED", b"Ed"
TRUSTED = "trusted comment: "
LARGEST = 400_000_000  # octets of a package; ours has some 30 million
LONGEST = 4096  # octets of a signature
ENDING = ".minisig"


class NotOurs(PlainError):
    """The package does not come from whom this box trusts; `str()` says why. Nothing of it was unpacked."""


@dataclass(frozen=True)
class _Signature:
    key: bytes
    value: bytes
    comment: str
    seal: bytes  # of value and comment


def check(package: Path, signature: Path, public: Path) -> str:
    """The trusted comment of *signature*, which is of *package* by the holder of *public*. Raises NotOurs."""
    name, trusted = _public(public)
    signed = _signature(signature)
    if signed.key != name:
        raise NotOurs(f"{package.name} was signed with another key than that of this box.")
    try:
        if package.stat().st_size > LARGEST:
            raise NotOurs(f"{package.name} is larger than any release of ours.")
        with package.open("rb") as file:
            trusted.verify(signed.value, hashlib.file_digest(file, hashlib.blake2b).digest())
        trusted.verify(signed.seal, signed.value + signed.comment.encode())
    except OSError as error:
        raise NotOurs(f"{package}: cannot be read ({error.strerror}).") from error
    except InvalidSignature as error:
        raise NotOurs(f"{package.name} is not what was signed: it was changed, or came over damaged.") from error
    return signed.comment


def _public(file: Path) -> tuple[bytes, Ed25519PublicKey]:
    try:
        raw = base64.b64decode(file.read_text(encoding="ascii").splitlines()[1], validate=True)
        if raw[:2] != PUBLIC:
            raise NotOurs(f"{file}: not a public key of minisign.")
        return raw[2:10], Ed25519PublicKey.from_public_bytes(raw[10:])
    except OSError as error:
        raise NotOurs(f"{file}: this box trusts nobody's releases yet ({error.strerror}).") from error
    except (ValueError, IndexError) as error:
        raise NotOurs(f"{file}: not a public key of minisign.") from error


def _signature(file: Path) -> _Signature:
    try:
        with file.open("rb") as opened:
            _, written, comment, seal = opened.read(LONGEST).decode("utf-8").splitlines()
        raw, sealed = (base64.b64decode(line, validate=True) for line in (written, seal))
    except OSError as error:
        raise NotOurs(f"{file}: there is no signature ({error.strerror}).") from error
    except (ValueError, binascii.Error) as error:
        raise NotOurs(f"{file.name} is not a signature of minisign.") from error
    if raw[:2] != PREHASHED or not comment.startswith(TRUSTED):  # the older kind signs all octets at once
        raise NotOurs(f"{file.name} is not a signature of the kind that we make.")
    return _Signature(raw[2:10], raw[10:], comment.removeprefix(TRUSTED), sealed)
