"""Style sheets and scripts travel compressed. Pages do not: a token beside outside text is what BREACH reads."""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

OK = 200
WORTH_IT = {"text/css", "text/javascript", "application/javascript", "image/svg+xml"}


def install(app: Flask) -> None:
    """Static files of *app* are sent gzipped to browsers that understand it."""
    app.after_request(squeeze)


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
