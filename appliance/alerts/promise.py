"""What forwarding promises: to whom, in which words, from when on. Deliveries and segments are fixed here, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from appliance import modes, notices, wording
from appliance.alerts import target, waves
from appliance.alerts.classes import RULES, URGENCIES, MessageClass, Source
from appliance.life import charter
from appliance.models import Alert, Delivery, Member, Segment
from appliance.neighbourhood import Neighbourhood
from appliance.people import members
from appliance.people.members import Role
from appliance.queue import hours, outbox
from appliance.queue.outbox import Kind
from appliance.queue.states import State
from appliance.segments import fold, split
from appliance.wording import Key

NEVER_OUT = (State.DROPPED, State.FAILED)


@dataclass(frozen=True)
class Variants:
    """A text to the letter and, when that is cheaper, without the letters that are not in GSM-7 (domain 11)."""

    exact: str
    fast: str
    exact_segments: int
    fast_segments: int
    letters: tuple[tuple[str, str], ...]  # old and new, in order

    @property
    def saves(self) -> bool:
        """Whether a coordinator has something to choose."""
        return self.fast_segments < self.exact_segments


def variants(text: str) -> Variants:
    """What a coordinator may choose between. Pure. Raises BadText."""
    exact, fast = split(text, notices.LONGEST), split(fold(text), notices.LONGEST)
    letters = tuple((letter, fold(letter)) for letter in exact.culprits) if not fast.culprits else ()
    return Variants(text, fold(text), len(exact.parts), len(fast.parts), letters)


def recipients(alert: Alert, now: datetime, bin_: Neighbourhood) -> list[Member]:
    """Who would get *alert* if it were forwarded *now*, in the order of submitting.

    An outcome or a correction goes to exactly those who got the alert that it is about, less who left since.
    """
    if alert.message_class == MessageClass.FEEDBACK_COORDINATORS:
        return members.with_role(Role.COORDINATOR)
    failing = outbox.failing(now)
    if alert.about is None:
        everybody = members.recipients(alert.message_class, turn=alert.id, local=bin_.local(now), failing=failing)
        return [member for member in everybody if target.means(alert, member.street)]
    numbers = who_got(alert.about)
    order = members.in_order([member for member in members.active() if member.number in numbers], alert.id or 0)
    return sorted(order, key=lambda member: member.role == Role.MEMBER and member.number in failing)


def who_got(alert: Alert) -> set[str]:
    """The numbers that have *alert*, or part of it, or will have: everybody it was not surely kept from."""
    out = Segment.select(Segment.delivery).where(Segment.state.not_in(NEVER_OUT))
    of_alert = (Delivery.alert == alert) & (Delivery.kind == Kind.ALERT)
    return {row.number for row in Delivery.select(Delivery.number).where(of_alert & Delivery.id.in_(out))}


def frame(alert: Alert, language: str, now: datetime, bin_: Neighbourhood) -> str:
    """What a member with *language* reads: our label, the original untouched, and the question to confirm.

    Before the charter is signed the text ends in a word about it, where that costs no segment (R20). It never stands
    in front and never makes an SMS more: what the police write is as real and as pressing as it will be later.
    """
    message_class = MessageClass(alert.message_class)
    at = bin_.local(alert.created_at)
    source = "relayed" if alert.source == Source.POLICE and not alert.verified else alert.source
    words = wording.frame(message_class, alert.text, language, at, source, RULES[message_class].asks_receipt)
    return wording.marked(words, Key.TRIAL, language) if is_on_trial(alert) else words


def is_on_trial(alert: Alert) -> bool:
    """Whether *alert*, if it left now, would leave before the charter is signed. A drill has a word of its own."""
    return RULES[MessageClass(alert.message_class)].shows_trial and charter.on_trial()


def leaves(message_class: MessageClass, now: datetime, bin_: Neighbourhood) -> datetime:
    """From when on an alert of this class that is forwarded *now* is submitted: prevention keeps hours (R72)."""
    return hours.opens(bin_.local(now)).astimezone(UTC) if RULES[message_class].keeps_hours else now


def promise(alert: Alert, receiving: Sequence[Member], now: datetime, bin_: Neighbourhood) -> None:
    """Texts and concatenation reference are fixed here: a second try sends the same bytes."""
    message_class = MessageClass(alert.message_class)
    framed = {
        language: frame(alert, language, now, bin_) for language in {recipient.language for recipient in receiving}
    }
    starts = leaves(message_class, now, bin_)
    dues = [_due(recipient, starts, bin_) for recipient in receiving]
    deliveries = notices.deliveries(alert, receiving, framed, now)
    groups = sorted({(recipient.language, due) for recipient, due in zip(receiving, dues, strict=True)})
    for language, due in groups:
        turns = [turn for turn, who in enumerate(receiving) if (who.language, dues[turn]) == (language, due)]
        theirs = [deliveries[receiving[turn].number] for turn in turns]
        parts = split(framed[language], notices.LONGEST)
        outbox.add_all(theirs, parts, URGENCIES[message_class], turns, alert.id % 256, due, goes_over=alert.goes_over)
    waves.hold(deliveries, modes.links(bin_.mode, receiving), starts + bin_.link_wait)


def _due(recipient: Member, starts: datetime, bin_: Neighbourhood) -> datetime:
    """Who wants nothing at night hears how an alert of the day ended in the morning."""
    local = bin_.local(starts)
    if recipient.night or not members.is_night(local):
        return starts
    day = local.date() + timedelta(days=local.hour >= members.NIGHT_FROM)
    return datetime.combine(day, time(members.NIGHT_UNTIL), tzinfo=local.tzinfo).astimezone(UTC)
