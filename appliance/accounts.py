"""Who may log in to the page: making an account and setting its password. No Flask: the command line does this."""

import secrets
import unicodedata
from datetime import datetime

from argon2 import PasswordHasher

from appliance import audit
from appliance.models import Account, Member
from appliance.store import writing

SHORTEST, LONGEST = 12, 128  # characters (facts/ux T9)
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else on paper
GROUPS, GROUP = 4, 4  # sixteen of 31 letters: 79 bits


class BadPassword(ValueError):
    """Too easy to guess, or too long to type. `str()` says in Dutch what to do."""


class NameTaken(ValueError):
    """Another account has this name. `str()` says so in Dutch."""


def create(member: Member | None, username: str, now: datetime, by: str = "de kast") -> str:
    """*member* can log in as *username*, with the password that is returned and kept nowhere. Raises NameTaken."""
    password, username = draw_password(), username.strip()
    with writing():
        if by_name(username):
            raise NameTaken(f'Er is al een aanmeldnaam "{username}". Kies een andere.')
        account = Account.create(
            username=username, member=member, password=hash_password(password), fs_uniquifier=secrets.token_hex(32),
            created_at=now,
        )  # fmt: skip
        audit.record(by, "account created", f"account {account.id}", now)
    return password


def set_password(account: Account, password: str, now: datetime, by: str) -> None:
    """*account* has this password now, and every session that it had is over. Raises BadPassword."""
    hashed = hash_password(checked(password, account.username))
    with writing():
        account.password, account.failures = hashed, 0
        end_sessions(account)
        account.save()
        audit.record(by, "password set", f"account {account.id}", now)


def end_sessions(account: Account) -> None:
    """Every cookie of *account* is dead once this is saved."""
    account.fs_uniquifier = secrets.token_hex(32)


def by_name(username: str) -> Account | None:
    """The account of *username*, whatever the capitals."""
    wanted = username.strip().casefold()
    return next((account for account in Account.select() if account.username.casefold() == wanted), None)


def free_name(name: str) -> str:
    """A name to log in with, made of a person's *name*, that nobody has yet."""
    wanted, tried = ".".join(name.casefold().split()), 1
    found = wanted
    while by_name(found):
        tried += 1
        found = f"{wanted}{tried}"
    return found


def draw_password() -> str:
    """A fresh password that can be read out and typed on a telephone."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def checked(password: str, username: str) -> str:
    """*password*, if it will do. Raises BadPassword."""
    if len(password) < SHORTEST:
        raise BadPassword(f"Kies een wachtwoord van minstens {SHORTEST} tekens, bijvoorbeeld vier losse woorden.")
    if len(password) > LONGEST:
        raise BadPassword(f"Kies een wachtwoord van hoogstens {LONGEST} tekens.")
    if username.strip().casefold() in password.casefold():
        raise BadPassword("Uw naam mag niet in het wachtwoord staan. Kies een ander.")
    return password


def hash_password(password: str) -> str:
    """Argon2id with the low-memory parameters of RFC 9106: 64 MiB, three passes.

    Normalised as Flask-Security does before it verifies, so that an accent typed on another keyboard is the same.
    """
    return PasswordHasher().hash(unicodedata.normalize("NFKD", password))
