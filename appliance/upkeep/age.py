"""The age format (age-encryption.org/v1): key pairs, files that are sealed for somebody's key, and opened with it.

The library is two megabytes that the page needs when somebody makes a backup: it is loaded then.
"""

from typing import IO, Any

Keys = list[Any]  # of the library: what opens a file


class BadAge(ValueError):
    """No key, or not a file that these keys open; `str()` says why."""


def draw() -> Any:
    """A new secret key, which knows whom to seal for (`to_public`)."""
    return _pyrage().x25519.Identity.generate()


def recipient(written: str) -> Any:
    """For whom to seal, of the public key *written*. Raises BadAge."""
    pyrage = _pyrage()
    try:
        return pyrage.x25519.Recipient.from_str(written.strip())
    except pyrage.RecipientError as error:
        raise BadAge(str(error)) from error


def identity(written: str) -> Any:
    """The secret key *written*. Raises BadAge."""
    pyrage = _pyrage()
    try:
        return pyrage.x25519.Identity.from_str(written)
    except pyrage.IdentityError as error:
        raise BadAge(str(error)) from error


def seal(plain: IO[bytes], sealed: IO[bytes], to: list[Any]) -> None:
    """*sealed* is *plain*, for each of *to* to open. Raises OSError."""
    _pyrage().encrypt_io(plain, sealed, to)


def unseal(sealed: IO[bytes], plain: IO[bytes], keys: Keys) -> None:
    """*plain* is what *sealed* holds. Raises BadAge, OSError."""
    pyrage = _pyrage()
    try:
        pyrage.decrypt_io(sealed, plain, keys)
    except pyrage.DecryptError as error:
        raise BadAge(str(error)) from error


def _pyrage() -> Any:
    import pyrage  # noqa: PLC0415 - see above

    return pyrage
