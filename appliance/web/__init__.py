"""Service 3: the page. Server-rendered, works without JavaScript, speaks to nobody outside.

`app` puts it together; whoever only starts the service need not load it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.web.street import StreetControl


@dataclass(frozen=True)
class WebSettings:
    """What the page must know of the place where it runs."""

    secret_key: str  # signs the session cookies: at least 32 characters, other ones on every box
    trusted_hosts: tuple[str, ...]  # names and addresses by which browsers may call us, without port
    https: bool  # nginx with TLS is in front: cookies are Secure, and its X-Forwarded-For is believed
    names: tuple[str, ...] = ()  # those in the certificate, the best first; none without TLS
    fingerprint: str = ""  # SHA-256 of what a telephone must trust; empty without TLS
    street: "StreetControl | None" = None  # the demo's toys; None outside the demo
