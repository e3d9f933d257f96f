"""What proves a coordinator besides a password: the six digits of an app, or a line of the printed recovery sheet."""

import hashlib
import secrets
from datetime import datetime

from appliance import audit, codes
from appliance.access import LETTERS
from appliance.models import Account, RecoveryCode
from appliance.store import writing

CODES = 10
GROUPS, GROUP = 3, 4  # twelve of 31 letters: 59 bits, good once
STEPS = 1  # time steps of 30 s that a telephone's clock may differ


class WrongCode(ValueError):
    """The app does not show this now. Nothing was changed."""


def new_recovery_codes(account: Account, now: datetime, by: str) -> list[str]:
    """Ten codes for *account*, shown once and kept nowhere; older ones are worth nothing any more."""
    drawn = [_draw() for _ in range(CODES)]
    with writing():
        RecoveryCode.delete().where(RecoveryCode.account == account.id).execute()
        for code in drawn:
            RecoveryCode.create(account=account.id, hashed=_hash(code))
        audit.record(by, "recovery codes made", f"account {account.id}", now)
    return drawn


def _draw() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))


def codes_left(account: Account) -> int:
    """How many lines of the sheet are still good."""
    unused = (RecoveryCode.account == account.id) & RecoveryCode.used_at.is_null()
    return int(RecoveryCode.select().where(unused).count())


def use_recovery_code(account: Account, code: str, now: datetime) -> bool:
    """Whether *code* was a good line of the sheet of *account*; from now on it is not. Call it inside `writing()`."""
    good = (RecoveryCode.account == account.id) & (RecoveryCode.hashed == _hash(code)) & RecoveryCode.used_at.is_null()
    used = bool(RecoveryCode.update(used_at=now).where(good).execute())
    if used:
        audit.record(account.username, "recovery code used", f"account {account.id}", now)
    return used


def turn_on_app(account: Account, secret: str, code: str, now: datetime, by: str) -> None:
    """From now on *account* logs in with the app that holds *secret*, too. Raises WrongCode."""
    step = codes.check_totp(secret, _digits(code), now, None, STEPS)
    if step is None:
        raise WrongCode
    with writing():
        Account.update(app_secret=secret, app_step=step).where(Account.id == account.id).execute()
        audit.record(by, "app turned on", f"account {account.id}", now)


def turn_off_app(account: Account, now: datetime, by: str) -> None:
    """*account* logs in without an app."""
    with writing():
        Account.update(app_secret="", app_step=0).where(Account.id == account.id).execute()
        audit.record(by, "app turned off", f"account {account.id}", now)


def passes(account: Account, code: str, now: datetime) -> bool:
    """Whether *code* is what *account* needs besides the password: nothing, digits that were not used yet, a line."""
    if not account.app_secret:
        return True
    with writing():
        fresh = Account.get_by_id(account.id)
        step = codes.check_totp(fresh.app_secret, _digits(code), now, fresh.app_step or None, STEPS)
        if step is None:
            return use_recovery_code(account, code, now)
        Account.update(app_step=step).where(Account.id == account.id).execute()
    return True


def _digits(code: str) -> str:
    return "".join(code.split())


def _hash(code: str) -> str:
    """Capitals, spaces and dashes do not matter: it is typed from paper."""
    tidy = "".join(character for character in code.casefold() if character.isalnum())
    return hashlib.sha256(tidy.encode("utf-8", "surrogatepass")).hexdigest()
