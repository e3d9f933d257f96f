"""By which address a telephone at home finds the page, and by what it knows that it is this box and no other."""

from dataclasses import dataclass

import segno
from flask import Flask, current_app, request

KEY = "bin-kast-address"
PAIRS_IN_A_ROW = 8  # of the 32 in a SHA-256: as many as an eye compares at once


@dataclass(frozen=True)
class Address:
    """What a newcomer is shown, on the page and on paper."""

    best: str
    others: tuple[str, ...]  # where the first one does not work
    code: str  # *best* as a QR code, in a data: address
    authority: str  # where a telephone fetches what it is to trust; empty without TLS
    fingerprint: tuple[str, ...]  # of that, in rows; none without TLS


def install(app: Flask, names: tuple[str, ...], fingerprint: str) -> None:
    """`address()` answers in every template of *app*. *names*: those in its certificate, the best first, if any."""
    app.extensions[KEY] = (names, fingerprint)

    @app.context_processor
    def _address() -> dict[str, object]:
        return {"address": of_box}


def of_box() -> Address:
    """The address of this page."""
    names, fingerprint = current_app.extensions[KEY]
    best = f"https://{names[0]}/" if names else request.url_root
    pairs = fingerprint.split(":") if fingerprint else []
    rows = [pairs[start : start + PAIRS_IN_A_ROW] for start in range(0, len(pairs), PAIRS_IN_A_ROW)]
    return Address(
        best=best,
        others=tuple(f"https://{host}/" for host in names[1:]),
        code=segno.make(best, micro=False).svg_data_uri(scale=4, border=2, light="#fff"),
        authority=f"http://{names[0]}/bin-kast.crt" if names and fingerprint else "",
        fingerprint=tuple(" ".join(row) for row in rows),
    )
