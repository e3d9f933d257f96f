"""What every view needs to know of this request: the BIN, the time, and who is asking."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from flask import Flask, current_app, g
from flask_security import current_user

from appliance.neighbourhood import Neighbourhood

KEY = "bin-kast"


def install(app: Flask, bin_: Neighbourhood, clock: Callable[[], datetime]) -> None:
    """From here on `the_bin()` and `now()` answer in every request of *app*."""
    app.extensions[KEY] = bin_

    @app.before_request
    def _freeze_time() -> None:
        g.now = clock()


def the_bin() -> Neighbourhood:
    """The BIN on this box."""
    return cast(Neighbourhood, current_app.extensions[KEY])


def now() -> datetime:
    """The one time of this request, in UTC."""
    return cast(datetime, g.now)


def who() -> str:
    """The name under which the person at the page decides."""
    member = current_user.member
    return str(member.name if member else current_user.username)
