"""What the box remembers of its SIM cards, in the store: see `appliance.modem.Cards`."""

import hashlib
import hmac

from appliance.models import SimCard
from appliance.store import writing


class StoredCards:
    """Survives every restart of the box. A card that does not say its ICCID is known under an empty one."""

    def refused(self, iccid: str, pin: str) -> bool:
        """Whether that card has refused that PIN; so too when it, or the card then, did not say which one it is."""
        cards = SimCard.select().where(SimCard.refused_pin != "")
        if iccid:
            cards = cards.where(SimCard.iccid << (iccid, ""))
        return any(hmac.compare_digest(card.refused_pin, _fingerprint(pin)) for card in cards)

    def remember_refused(self, iccid: str, pin: str) -> None:
        """That card did not take that PIN: committed when this returns."""
        _keep(iccid, refused_pin=_fingerprint(pin))

    def forget_refused(self, iccid: str) -> None:
        """That card is open."""
        if SimCard.select().where((SimCard.iccid << (iccid, "")) & (SimCard.refused_pin != "")).exists():
            with writing():
                SimCard.update(refused_pin="").where(SimCard.iccid << (iccid, "")).execute()

    def service_centre(self, iccid: str) -> str:
        """The last service centre that card had; "" when none is known, or the card does not say which one it is."""
        card = SimCard.get_or_none(SimCard.iccid == iccid) if iccid else None
        return card.service_centre if card else ""

    def remember_service_centre(self, iccid: str, number: str) -> None:
        """That card has this service centre."""
        if iccid and self.service_centre(iccid) != number:
            _keep(iccid, service_centre=number)


def _keep(iccid: str, **what: str) -> None:
    with writing():
        SimCard.insert(iccid=iccid, **what).on_conflict(conflict_target=[SimCard.iccid], update=what).execute()


def _fingerprint(pin: str) -> str:
    """Not the PIN itself: the store goes into backups."""
    return hashlib.sha256(b"pin of a SIM\0" + pin.encode()).hexdigest()
