"""When a text that can wait may leave: not in the evening, not at night (R72). Pure."""

from datetime import datetime, time, timedelta

OPENS, CLOSES = time(8), time(20)  # on the clocks of the neighbourhood, every day


def opens(local: datetime) -> datetime:
    """The first moment from *local* on at which a preventive text may leave: *local* itself when it is open.

    *local* carries the neighbourhood's zone, so that eight o'clock is eight o'clock after a change of the clocks too.
    """
    if OPENS <= local.time() < CLOSES:
        return local
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    return datetime.combine(day, OPENS, tzinfo=local.tzinfo)
