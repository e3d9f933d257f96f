"""What nobody sends and the clock asks for; several gateways may ask, and each thing is done once."""

from datetime import datetime

from appliance import alerts
from appliance.alerts import going_on
from appliance.neighbourhood import Neighbourhood
from appliance.upkeep import retention, witness


def run(now: datetime, bin_: Neighbourhood) -> None:
    """All that is due is done: what was delayed leaves, follow-ups, reminders, the night's erasure, the weekly head."""
    alerts.release_delayed(now, bin_)
    alerts.follow_up(now, bin_)
    going_on.tell(now, bin_)
    alerts.run_timers(now, bin_)
    retention.nightly(now, bin_)
    witness.weekly(now, bin_)
