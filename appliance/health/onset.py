"""Since when something is the matter with this box: noted when it begins, forgotten when it is over."""

import os
from collections.abc import Collection
from datetime import datetime

from appliance import clock
from appliance.health import Trouble
from appliance.models import Onset
from appliance.store import writing


def box() -> str:
    """By which name this box notes its troubles: boxes that share a database are not hot or full together."""
    return os.uname().nodename


def note(troubles: Collection[Trouble], now: datetime) -> None:
    """What is new among *troubles* began *now*; what is not among them is over. Nothing before the clock was set."""
    known = since()
    if not clock.trusted(now) or known.keys() == set(troubles):
        return
    with writing():
        Onset.delete().where((Onset.box == box()) & Onset.trouble.not_in(list(troubles))).execute()
        for trouble in set(troubles) - known.keys():
            Onset.create(box=box(), trouble=trouble, at=now)


def since() -> dict[Trouble, datetime]:
    """When each trouble of this box began, as far as it was noted."""
    noted = {row.trouble: row.at for row in Onset.select().where(Onset.box == box())}
    return {trouble: noted[trouble] for trouble in Trouble if trouble in noted}
