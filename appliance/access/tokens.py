"""Tokens for the API: what a home-automation system shows instead of logging in. Only their hashes are kept."""

import hashlib
import secrets
from datetime import datetime

from appliance import alerts, audit
from appliance.alerts import AlertState, MessageClass, Source
from appliance.models import Alert, Token
from appliance.neighbourhood import Neighbourhood
from appliance.queue.states import NotAllowed
from appliance.segments import sendable
from appliance.store import writing

PREFIX = "bin_"  # so that a token that leaks into a file is recognised for what it is
OCTETS = 32  # 256 bits of chance: nothing to guess, so a plain hash is enough and no wait is needed
LONGEST_NAME = 40
MOST_WAITING = 3  # alerts of one token: a rule in somebody's house that runs wild must not bury what the police write


class NameTaken(NotAllowed):
    """There is a token of that name. Nothing was changed."""

    def __init__(self, name: str) -> None:
        super().__init__(f'There is a token "{name}" already. Revoke it first, or choose another name.')


def add(name: str, may_create: bool, now: datetime, by: str) -> tuple[Token, str]:
    """A token called *name*, and the words that prove it: they are shown this once. Raises NameTaken."""
    words = PREFIX + secrets.token_urlsafe(OCTETS)
    with writing():
        if current(name):
            raise NameTaken(name)
        token = Token.create(name=name, digest=_digest(words), may_create=may_create, created_at=now)
        audit.record(by, "added", f"token {token.id}", now)
    return token, words


def revoke(token: Token, now: datetime, by: str) -> None:
    """Nobody gets in with *token* any more."""
    with writing():
        token.revoked_at = now
        token.save()
        audit.record(by, "revoked", f"token {token.id}", now)


def proven(words: str) -> Token | None:
    """The token that *words* are the proof of, unless it was revoked."""
    found: Token | None = Token.get_or_none((Token.digest == _digest(words)) & Token.revoked_at.is_null())
    return found


def current(name: str) -> Token | None:
    """The token of that name that is not revoked."""
    found: Token | None = Token.get_or_none((Token.name == name) & Token.revoked_at.is_null())
    return found


def every() -> list[Token]:
    """All tokens, revoked ones too."""
    return list(Token.select().order_by(Token.id))


class TooMany(NotAllowed):
    """MOST_WAITING alerts of this token wait for a decision. Nothing was changed."""

    def __init__(self) -> None:
        super().__init__(f"{MOST_WAITING} alerts of this token wait for a coordinator. Let one be decided first.")


def ask(token: Token, message_class: MessageClass, text: str, now: datetime, bin_: Neighbourhood) -> tuple[Alert, bool]:
    """*text* waits for a coordinator, who alone can send it; and whether that is new.

    A text that waits already is the same alert: asking twice is safe. Raises TooMany, segments.BadText.
    """
    author = f"{token.name} (automaat)"
    ours = (Alert.state == AlertState.WAITING) & (Alert.author == author)
    with writing():
        same = (Alert.text == sendable(text)) & (Alert.message_class == message_class)
        known: Alert | None = Alert.get_or_none(ours & same)
        if known:
            return known, False
        if Alert.select().where(ours).count() >= MOST_WAITING:
            raise TooMany
        return alerts.create(message_class, Source.COORDINATOR, text, author, now, bin_), True


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()
