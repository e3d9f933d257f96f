"""What every view needs to know of this request: the BIN, the time, and who is asking."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast

from flask import Flask, current_app, g
from flask_login import current_user

from appliance import chosen
from appliance.neighbourhood import Neighbourhood

KEY = "bin-kast"


def install(app: Flask, bin_: Neighbourhood, clock: Callable[[], datetime]) -> None:
    """From here on `the_bin()` and `now()` answer in every request of *app*."""
    app.extensions[KEY] = bin_

    @app.before_request
    def _freeze_time() -> None:
        g.now = clock()


def the_bin() -> Neighbourhood:
    """The BIN on this box, as it was settled and chosen when this request first asked."""
    if "bin" not in g:
        g.bin = chosen.in_force_anyhow(current_app.extensions[KEY])
    return cast(Neighbourhood, g.bin)


def choose(wanted: Mapping[str, str], by: str) -> None:
    """The BIN is called, speaks and calls the zone so from now on. Raises BadChoice."""
    chosen.choose(wanted, the_bin(), now(), by)
    g.pop("bin")


def now() -> datetime:
    """The one time of this request, in UTC."""
    return cast(datetime, g.now)


def who() -> str:
    """The name under which the person at the page decides."""
    member = current_user.member
    return str(member.name if member else current_user.username)
