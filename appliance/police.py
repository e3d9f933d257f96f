"""Police contacts: who they are and what proves that a text is theirs. What their texts do is in `police_texts`."""

from collections.abc import Callable
from datetime import datetime

from appliance import audit, codes, phone, wording
from appliance.models import PoliceContact
from appliance.plain import PlainError
from appliance.proof import CARD_CODES, Method
from appliance.roles import Part, may_write
from appliance.store import writing
from appliance.wording import Key

__all__ = ["CARD_CODES", "AlreadyContact", "Method", "add", "by_number", "codes_left", "new_secret", "revoke"]


class AlreadyContact(PlainError):
    """That number is a contact already; nothing was changed."""


def add(
    name: str, number: str, method: Method, now: datetime, by: str, draw_bytes: Callable[[int], bytes],
    role: Part = Part.MANDATED,
) -> PoliceContact:  # fmt: skip
    """*name* may text the box from *number*; the secret is made here. A revoked contact gets a new one.

    Raises phone.BadNumber, AlreadyContact.
    """
    e164 = phone.mobile(number)
    with writing():
        contact = PoliceContact.get_or_none(PoliceContact.number == e164)
        if contact and contact.revoked_at is None:
            raise AlreadyContact(f"{contact.name} heeft dit nummer al. Trek dat eerst in: appliance police revoke")
        if contact is None:
            contact = PoliceContact(number=e164, created_at=now, card=0)
        contact.name, contact.method, contact.role = name, method, role
        _draw(contact, draw_bytes)
        audit.record(by, "police contact added", f"contact {contact.id}", now, f"{role}, {method}")
    return contact


def new_secret(contact: PoliceContact, now: datetime, by: str, draw_bytes: Callable[[int], bytes]) -> None:
    """*contact* gets a new card, with the next number, or a new secret for the app; the old one is void from now on."""
    with writing():
        _draw(contact, draw_bytes)
        audit.record(by, "police contact's secret renewed", f"contact {contact.id}", now, f"card {contact.card}")


def _draw(contact: PoliceContact, draw_bytes: Callable[[int], bytes]) -> None:
    contact.secret, contact.counter, contact.card = codes.new_secret(draw_bytes), 0, contact.card + 1
    contact.failures, contact.failed_at, contact.revoked_at = 0, None, None
    contact.save()


def revoke(contact: PoliceContact, now: datetime, by: str) -> None:
    """*contact* is believed no more, whatever code it sends."""
    with writing():
        contact.revoked_at = now
        contact.duty = contact.public_phone = contact.hours = ""
        contact.save()
        audit.record(by, "police contact revoked", f"contact {contact.id}", now)


def codes_left(contact: PoliceContact) -> int | None:
    """How many printed codes are not used yet; None for an app."""
    return max(0, CARD_CODES - contact.counter) if contact.method == Method.CARD else None


def threat_text(contact: PoliceContact, language: str) -> str:
    """A text about a threat to fill in and text to the box; empty for a part that writes nothing urgent (R77)."""
    return wording.text(Key.POLICE_THREAT, language) if may_write(Part(contact.role), "urgent") else ""


def by_number(number: str) -> PoliceContact | None:
    """The contact with exactly this E.164 number that has not been revoked."""
    valid = (PoliceContact.number == number) & PoliceContact.revoked_at.is_null()
    found: PoliceContact | None = PoliceContact.get_or_none(valid)
    return found
