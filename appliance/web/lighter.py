"""Styles and scripts travel once, and compressed. Pages never: a token beside outside text is what BREACH reads."""

import gzip
import hashlib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

OK = 200
FOR_EVER = 365 * 24 * 3600  # seconds
WORTH_IT = {"text/css", "text/javascript", "application/javascript", "image/svg+xml"}


def install(app: Flask) -> None:
    """Static files of *app* are sent gzipped to browsers that understand it, and asked for once."""
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def _mark(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            values["v"] = _version(folder / values["filename"])

    app.after_request(squeeze)
    app.after_request(keep)


@cache
def _version(file: Path) -> str:
    """What *file* holds, as a name: the page links to that, so a new version of the box is a new link."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def keep(response: Response) -> Response:
    """What was asked for by its version never changes: a browser need not ask the box again at every page."""
    if request.endpoint == "static" and response.status_code == OK and request.args.get("v"):
        response.headers["Cache-Control"] = f"public, max-age={FOR_EVER}, immutable"
    return response


def squeeze(response: Response) -> Response:
    """*response*, smaller if it may be."""
    if request.endpoint != "static" or response.status_code != OK or response.mimetype not in WORTH_IT:
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] or request.headers.get("Range"):
        return response
    response.direct_passthrough = False
    response.set_data(_squeezed(response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=32)
def _squeezed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
