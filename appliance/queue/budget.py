"""What each SIM card has handed over and what that cost: an operator that blocks it is the worst outage of all.

A hand-over counts from commit point 4 on, in the same transaction as its claim. What surely did not leave is taken back
at commit point 5; what is in doubt stays, for it may have left. So no crash, restart or other modem loses a count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from peewee import Case, fn

from appliance import clock
from appliance.models import ModemState, Segment, SimCard, SimDay
from appliance.queue import subscription
from appliance.queue.states import State
from appliance.queue.subscription import CAN_WAIT, Room, Subscription, Used

FRESH = timedelta(seconds=240)  # a modem in the midst of a submit says nothing for so long


@dataclass(frozen=True)
class Sim:
    """The card in a modem, what its subscription asks for, and the clock on the wall that its days go by."""

    iccid: str  # for a card that does not say, whatever names its modem
    zone: ZoneInfo
    terms: Subscription


def of(row: ModemState, zone: ZoneInfo) -> Sim:
    """The SIM in a modem, as its gateway last said."""
    columns = ("segments_per_day", "segments_per_month", "reserve_percent", "segments_per_minute", "pace_urgent",
               "tariff", "bundle_segments")  # fmt: skip
    return Sim(row.iccid or row.name, zone, Subscription(**{column: getattr(row, column) for column in columns}))


def used(sim: Sim, now: datetime) -> Used:
    """What *sim* has handed over on this day and in this month of its own."""
    day = _day(sim, now)
    this_month = SimDay.day.between(f"{day:%Y-%m}-01", f"{day:%Y-%m}-31")
    today = Case(None, [(SimDay.day == day.isoformat(), SimDay.segments)], 0)
    sums = (fn.COALESCE(fn.SUM(figure), 0) for figure in (today, SimDay.segments, SimDay.segments - SimDay.paid))
    row: Any = SimDay.select(*sums).where((SimDay.iccid == sim.iccid) & this_month).tuples().get()
    return Used(*row)


def _day(sim: Sim, now: datetime) -> date:
    """The day that *sim* is in. Until the clock is set that is the last one known: a restart frees no ceiling."""
    if not clock.trusted(now):
        last = SimDay.select(fn.MAX(SimDay.day)).where(SimDay.iccid == sim.iccid).scalar()
        if last:
            return date.fromisoformat(last)
    return now.astimezone(sim.zone).date()


def room(sim: Sim, now: datetime) -> Room:
    """Who may still leave by *sim*."""
    return subscription.room(sim.terms, used(sim, now))


def say(sim: Sim, here: Room, now: datetime) -> None:
    """What is due and has to wait for room says so, unless another modem has it. Call it inside `store.writing()`."""
    here = min(here, best_room(now, but=sim.iccid) or here, key=list(Room).index)
    if here is Room.ALL:
        return
    waiting = (Segment.state == State.QUEUED) & (Segment.due_at <= now) & (Segment.code_words == "")
    held = ~Segment.goes_over & ((Segment.rank >= CAN_WAIT) if here is Room.URGENT else (Segment.rank >= 0))
    Segment.update(code_words=WAITS[here]).where(waiting & held).execute()


WAITS = {
    Room.URGENT: "waits: what the ceilings of the SIM leave is kept for urgent texts",
    Room.DECIDED: "waits: the ceilings of the SIM are used up; a coordinator can decide to go on",
}


def best_room(now: datetime, but: str = "") -> Room | None:
    """Who may still leave by any modem that works, other than that with the SIM *but*; None when there is none."""
    rows = ModemState.select().where(
        ModemState.online & (ModemState.stopped == "") & (ModemState.heartbeat_at > now - FRESH)
    )
    rooms = {row.room for row in rows if (row.iccid or row.name) != but}
    return next((room_ for room_ in Room if room_ in rooms), None)


def held_urgent(now: datetime) -> int:
    """How many urgent segments are due and wait for a coordinator, because no SIM has room for them."""
    if best_room(now) is not Room.DECIDED:
        return 0
    urgent = (Segment.state == State.QUEUED) & (Segment.due_at <= now) & (Segment.rank < CAN_WAIT)
    return int(Segment.select().where(urgent & ~Segment.goes_over).count())


@dataclass(frozen=True)
class Counted:
    """Where a hand-over is counted, and its price in millicents."""

    sim_day: int
    price: int


def count(sim: Sim, now: datetime, before: Used | None = None) -> Counted:
    """One more hand-over by *sim*. Call it inside `store.writing()`, before the modem has it.

    *before* is what `used` said in this transaction; None: it is asked.
    """
    price = subscription.price(sim.terms, before or used(sim, now))
    more = {"segments": 1, "paid": int(price > 0), "millicents": price}
    first = SimDay.insert(iccid=sim.iccid, day=_day(sim, now).isoformat(), **more)
    added = first.on_conflict(conflict_target=(SimDay.iccid, SimDay.day), update=_more(**more))
    [row] = added.returning(SimDay.id).execute()
    _pay(sim.iccid, price)
    return Counted(row.id, price)


def take_back(counted: Counted) -> None:
    """That hand-over surely did not happen. Call it inside `store.writing()`."""
    _add(counted.sim_day, segments=-1, paid=-int(counted.price > 0), millicents=-counted.price)
    _pay(SimDay.get_by_id(counted.sim_day).iccid, -counted.price)


def charge(segment: Segment, sim: Sim | None, now: datetime, before: Used) -> None:
    """The hand-over of *segment* that is about to be is counted and paid; the caller saves *segment*."""
    counted = count(sim, now, before) if sim else None
    segment.sim_day, segment.price = (counted.sim_day, counted.price) if counted else (None, 0)
    segment.millicents += segment.price
    segment.refunded = False


def refund(segment: Segment) -> None:
    """The last hand-over of *segment* surely did not happen; the caller saves it."""
    if segment.sim_day is not None:
        take_back(Counted(segment.sim_day, segment.price))
        segment.millicents -= segment.price
        segment.refunded = True


def doubted(segment: Segment) -> None:
    """Nobody knows whether the last hand-over of *segment* happened: it stays on the ledger, marked."""
    if segment.sim_day is not None:
        _add(segment.sim_day, in_doubt=1)


def known(segment: Segment) -> None:
    """A copy of *segment* is out, says the network: what was in doubt is so no longer, and what was taken back counts.

    Not when an earlier copy, that counts already, may be the one. The caller saves *segment*.
    """
    if segment.sim_day is None:
        return
    if not segment.refunded:
        if segment.state in (State.IN_DOUBT, State.UNKNOWN):
            _add(segment.sim_day, in_doubt=-1)
    elif not segment.doubts:
        _add(segment.sim_day, segments=1, paid=int(segment.price > 0), millicents=segment.price)
        _pay(SimDay.get_by_id(segment.sim_day).iccid, segment.price)
        segment.millicents += segment.price
        segment.refunded = False


def _add(sim_day: int, **more: int) -> None:
    SimDay.update(_more(**more)).where(SimDay.id == sim_day).execute()


def _more(**more: int) -> dict[str, object]:
    return {column: getattr(SimDay, column) + number for column, number in more.items() if number}


def _pay(iccid: str, price: int) -> None:
    if price:
        known = (SimCard.iccid == iccid) & SimCard.credit.is_null(False)
        SimCard.update(credit=SimCard.credit - price).where(known).execute()


def remember_credit(iccid: str, words: str) -> None:
    """The credit is what the operator said in *words*; every paid segment is taken off it from now on."""
    found = subscription.credit_in(words)
    if found is not None and iccid:
        SimCard.insert(iccid=iccid).on_conflict_ignore().execute()
        SimCard.update(credit=found).where(SimCard.iccid == iccid).execute()


def credit(iccid: str) -> int | None:
    """What is left on a prepaid card, in millicents: what the operator last said less what was paid since."""
    row = SimCard.get_or_none(SimCard.iccid == iccid)
    return row.credit if row else None


def ledger(first: date, last: date) -> Iterable[SimDay]:
    """Every SIM's days from *first* to *last*, one row each."""
    days = SimDay.day.between(first.isoformat(), last.isoformat())
    return list(SimDay.select().where(days).order_by(SimDay.iccid, SimDay.day))
