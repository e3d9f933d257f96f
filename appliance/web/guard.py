"""What holds for every request and every answer, whatever the view: who may ask, and what browsers may do with it."""

import re
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "manifest-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    )
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Browsers read a backslash as a slash, drop tabs and line ends, and take what follows two slashes for another host.
OURS = re.compile(r"/(?!/)[^\\\x00-\x20\x7f]*")
BAD = 400  # the first status that is an error
SAFE = {"GET", "HEAD", "OPTIONS"}


def install(app: Flask) -> None:
    """Every request to *app* is checked and every answer carries HEADERS, errors included."""
    app.before_request(refuse_wrong_host)
    app.before_request(refuse_other_origins)
    app.after_request(add_headers)


def refuse_wrong_host() -> None:
    """A name that is not ours is a rebound one (transmission CVE-2018-5702): SecurityError, which is a 400."""
    _ = request.host


def refuse_other_origins() -> None:
    """Only our own pages may post: besides the token, and also where a browser sends only one of the two headers.

    Another site may lead somebody here by a link, and fetch, embed or poll nothing.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    foreign = site not in (None, "same-origin", "none")
    if request.method in SAFE:
        if foreign and request.headers.get("Sec-Fetch-Mode") != "navigate":
            abort(403)
        return
    if foreign:
        abort(403)
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403)


def own_page(wanted: str | None) -> str:
    """*wanted* when it is a page of ours, as a path from the root; else the start page."""
    return wanted if wanted and OURS.fullmatch(wanted) else "/"


def add_headers(response: Response) -> Response:
    """No frame, no outside source, no guessing of types, and no copy of a page with people in any cache."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    if request.endpoint != "static" or response.status_code >= BAD:
        response.headers["Cache-Control"] = "no-store"
    return response
