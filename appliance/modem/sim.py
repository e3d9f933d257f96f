"""The SIM's PIN: tried once per card, ever. Three wrong ones lock the card, and systemd restarts us for ever. Pure."""

from collections.abc import Callable

from appliance.modem import Cards, NeedsHuman, Refused

FULL_TRIES = 3


class ForgetfulCards:
    """Remembers as long as this process lives: for one look at a modem. A gateway is given what lasts."""

    def __init__(self) -> None:
        self._refused: set[tuple[str, str]] = set()
        self._centres: dict[str, str] = {}

    def refused(self, iccid: str, pin: str) -> bool:
        """See `Cards`."""
        return any(wrong == pin and (not iccid or card in (iccid, "")) for card, wrong in self._refused)

    def remember_refused(self, iccid: str, pin: str) -> None:
        """See `Cards`."""
        self._refused.add((iccid, pin))

    def forget_refused(self, iccid: str) -> None:
        """See `Cards`."""
        self._refused = {(card, pin) for card, pin in self._refused if card not in (iccid, "")}

    def service_centre(self, iccid: str) -> str:
        """See `Cards`."""
        return self._centres.get(iccid, "") if iccid else ""

    def remember_service_centre(self, iccid: str, number: str) -> None:
        """See `Cards`."""
        self._centres[iccid] = number


class Pin:
    """The PIN of the settings, and which cards did not take it."""

    def __init__(self, digits: str, cards: Cards) -> None:
        self._digits = digits
        self._cards = cards

    def unlock(self, enter: Callable[[str], object], iccid: str, tries_left: int | None) -> None:
        """Hand the PIN to *enter*, once for the card *iccid*. Raises NeedsHuman when that must not be or did not help.

        It is on disk as refused before it is entered: a power cut in between costs no second try.
        """
        if not self._digits:
            raise NeedsHuman(
                'The SIM asks for its PIN: write pin = "...." under [[modem]], or switch the PIN off in a phone.'
            )
        if not (self._digits.isascii() and self._digits.isdigit()):
            raise NeedsHuman("The PIN under [[modem]] is not made of digits: correct it.")
        if self._cards.refused(iccid, self._digits) or (tries_left is not None and tries_left < FULL_TRIES):
            raise NeedsHuman(
                "The SIM has refused a PIN before; it is not tried again. Enter the right one in a phone first, "
                "switch the PIN off there, or correct pin under [[modem]]."
            )
        self._cards.remember_refused(iccid, self._digits)
        try:
            enter(self._digits)
        except Refused as refused:
            raise NeedsHuman(f"The SIM refused the PIN ({refused.code}): correct pin under [[modem]].") from refused

    def opened(self, iccid: str) -> None:
        """The card *iccid* is open: it took the PIN, or asks for none any more."""
        self._cards.forget_refused(iccid)
