"""For whom an alert is: everybody, or who lives in some streets (R10). Streets are the groups that a BIN has."""

from collections.abc import Sequence

from appliance.alerts.classes import RULES, MessageClass
from appliance.models import Alert
from appliance.modes import same_street
from appliance.people import members
from appliance.plain import Unfit

MOST = 20  # streets: who means more of them means everybody


class BadTarget(Unfit):
    """An alert cannot be for just those."""


def chosen(message_class: MessageClass, streets: Sequence[str]) -> str:
    """*streets* as `Alert.streets` keeps them, spelled as members have them; empty when there are none.

    Raises BadTarget for a class that is for everybody, and for a street where nobody lives who receives.
    """
    if streets and not RULES[message_class].for_streets:
        raise BadTarget("Dit soort bericht gaat naar iedereen. Kies geen straten.")
    if len(streets) > MOST:
        raise BadTarget("Kies hoogstens %(n)d straten, of stuur het naar iedereen.", n=MOST)
    known = {same_street(street): street for street in members.streets()}
    for street in streets:
        if same_street(street) not in known:
            raise BadTarget("In %(street)s woont geen lid dat berichten krijgt.", street=street[:80])
    return "\n".join(dict.fromkeys(known[same_street(street)] for street in streets))


def streets_of(alert: Alert) -> list[str]:
    """The streets that *alert* is for; none means everybody."""
    return str(alert.streets).splitlines()


def means(alert: Alert, street: str) -> bool:
    """Whether *alert* is for who lives in *street*."""
    wanted = {same_street(one) for one in streets_of(alert)}
    return not wanted or same_street(street) in wanted
