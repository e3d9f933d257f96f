"""Who may log in to the page: making an account and setting its password. No Flask: the command line does this."""

import secrets
import unicodedata
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from appliance import audit
from appliance.access import LETTERS
from appliance.models import Account, Device, Member
from appliance.plain import Unfit
from appliance.store import writing

SHORTEST, LONGEST = 12, 128  # characters (facts/ux T9)
GROUPS, GROUP = 4, 4  # sixteen of 31 letters: 79 bits


class BadPassword(Unfit):
    """Too easy to guess, or too long to type."""


class NameTaken(ValueError):
    """Another account has this name. `str()` says so in Dutch."""


def create(
    member: Member | None, username: str, now: datetime, by: str = "de kast", password: str | None = None
) -> str:
    """*member* can log in as *username*, with *password* or else a drawn one, which is returned and kept nowhere.

    Raises NameTaken and BadPassword.
    """
    username = username.strip()
    password = draw_password() if password is None else checked(password, username)
    with writing():
        if by_name(username):
            raise NameTaken(f'Er is al een aanmeldnaam "{username}". Kies een andere.')
        account = Account.create(
            username=username, member=member, password=hash_password(password), session_stamp=secrets.token_hex(32),
            created_at=now,
        )  # fmt: skip
        audit.record(by, "account created", f"account {account.id}", now)
    return password


def give_log_in(member: Member, now: datetime, by: str) -> tuple[str, str]:
    """The name and the password with which *member* logs in from now on; an older password opens nothing any more."""
    with writing():
        account = Account.get_or_none(Account.member == member)
        if account is None:
            username = free_name(member.name)
            return username, create(member, username, now, by)
        password = draw_password()
        set_password(account, password, now, by)
    return account.username, password


def set_password(account: Account, password: str, now: datetime, by: str) -> None:
    """*account* has this password now, and every session that it had is over. Raises BadPassword."""
    hashed = hash_password(checked(password, account.username))
    with writing():
        account.password, account.failures = hashed, 0
        end_sessions(account)
        account.save()
        audit.record(by, "password set", f"account {account.id}", now)


def end_sessions(account: Account) -> None:
    """Every cookie of *account* is dead once this is saved, on all devices. Call it inside `writing()`."""
    account.session_stamp = secrets.token_hex(32)
    Device.delete().where(Device.account == account.id).execute()


def set_language(account: Account, language: str) -> None:
    """The page speaks *language* to *account* from now on."""
    with writing():
        Account.update(language=language).where(Account.id == account.id).execute()


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
        raise BadPassword("Kies een wachtwoord van minstens %(n)d tekens, bijvoorbeeld vier losse woorden.", n=SHORTEST)
    if len(password) > LONGEST:
        raise BadPassword("Kies een wachtwoord van hoogstens %(n)d tekens.", n=LONGEST)
    if username.strip().casefold() in password.casefold():
        raise BadPassword("Uw naam mag niet in het wachtwoord staan. Kies een ander.")
    return password


def hash_password(password: str) -> str:
    """Argon2id with the low-memory parameters of RFC 9106: 64 MiB, three passes."""
    return PasswordHasher().hash(_normal(password))


def is_password(account: Account | None, password: str) -> bool:
    """Whether *password* is that of *account*. Nobody's takes as long, so that the time does not tell who there is."""
    given = password[:LONGEST]
    if account is None:
        hash_password(given)
        return False
    try:
        return PasswordHasher().verify(account.password, _normal(given)) and given == password
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    """An accent typed on another keyboard is the same."""
    return unicodedata.normalize("NFKD", password)
