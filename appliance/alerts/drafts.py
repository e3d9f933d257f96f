"""What somebody is writing: kept each time the box sees it, so that a text that was left half-written is found back."""

from datetime import datetime

from appliance.models import Account, Draft
from appliance.store import writing


def keep(draft: Draft, now: datetime) -> None:
    """*draft* is as it is now for whoever writes it, on all his devices; an empty sheet is nothing to keep."""
    with writing():
        known = Draft.get_or_none(Draft.token == draft.token)
        if known and known.account == draft.account:
            draft.id = known.id
        if known is None or draft.id:  # the token of somebody else's form is no way to write in it
            _keep(draft, now)


def _keep(draft: Draft, now: datetime) -> None:
    if draft.text or draft.about:
        draft.changed_at = now
        draft.save()
    elif draft.id:
        draft.delete_instance()


def of(account: Account) -> list[Draft]:
    """What *account* has not sent yet, the last one first."""
    return list(Draft.select().where(Draft.account == account.id).order_by(Draft.changed_at.desc(), Draft.id.desc()))


def with_token(token: str, account: Account) -> Draft | None:
    """The draft of *account* on the form with *token*."""
    found: Draft | None = Draft.get_or_none((Draft.token == token) & (Draft.account == account.id))
    return found


def like(draft: Draft) -> Draft | None:
    """The same words about the same thing, which whoever writes *draft* has already."""
    same = (Draft.message_class == draft.message_class) & (Draft.text == draft.text)
    for known in Draft.select().where((Draft.account == draft.account) & same):
        if (known.about, known.streets) == (draft.about, draft.streets):
            return known
    return None


def drop(token: str, account: Account) -> None:
    """*account* has no draft with *token* any more: it became an alert, or was thrown away."""
    Draft.delete().where((Draft.token == token) & (Draft.account == account.id)).execute()
