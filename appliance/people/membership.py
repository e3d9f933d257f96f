"""What members do about their own membership by SMS: stop, come back, another language, a number that is wrong.

A text is only believed for what can do no harm: a STOP is at once, coming back is a request to a coordinator (R31).
"""

from datetime import datetime, timedelta

from appliance import audit, notices, wording
from appliance.conversation import Intent, Judgement, Stop
from appliance.models import Arrival, Member
from appliance.neighbourhood import Neighbourhood
from appliance.people import members, refusals
from appliance.people.members import Role, Way
from appliance.queue import outbox
from appliance.queue.outbox import Kind, Urgency
from appliance.store import writing
from appliance.wording import Key

WELCOME = Urgency(rank=40, validity=timedelta(hours=24))  # behind every alert


def hear(member: Member, judgement: Judgement, now: datetime) -> None:
    """*member* has what he asked for. Call it inside `writing()`; the answer is the caller's."""
    if judgement.wrong_number:
        members.suspend(member, now, members.himself(member))
        outbox.keep_back_from(member.number)
    if judgement.stop is Stop.ALL:
        stop(member, now, members.himself(member))
    elif judgement.stop:
        _stop_part(member, judgement.stop, now)
    if judgement.language:
        member.language = judgement.language
        Member.update(language=judgement.language).where(Member.id == member.id).execute()


def stop(member: Member, now: datetime, by: str) -> None:
    """*member* receives nothing any more, not even what was promised already."""
    with writing():
        for one in [member, *members.second_numbers(member)]:
            outbox.keep_back_from(one.number)
        members.leave(member, now, by)


def _stop_part(member: Member, part: Stop, now: datetime) -> None:
    column = Member.preventive if part is Stop.PREVENTIVE else Member.night
    Member.update({column: False}).where(Member.id == member.id).execute()
    audit.record(members.himself(member), f"stopped {part}", f"member {member.id}", now)


def was_member(number: str) -> bool:
    """Whether *number* may ask to come back, and is told that it was heard: nobody else is answered."""
    left = Member.select().where((Member.number == number) & (Member.state == members.Standing.LEFT))
    return left.exists() or refusals.holds(number)


def requests() -> list[Arrival]:
    """Who asked by START to be told again and waits for a coordinator's yes or no, oldest first."""
    asked = (Arrival.intent == Intent.START) & Arrival.read_at.is_null() & (Arrival.number != "")
    return list(Arrival.select().where(asked).order_by(Arrival.id))


def accept(request: Arrival, name: str, now: datetime, by: str, bin_: Neighbourhood) -> Member:
    """Who sent *request* is a member again, or now, as *name*; his START is the consent. Raises BadMember."""
    known = Member.get_or_none(Member.number == request.number)
    kept = {column: getattr(known, column) for column in ("street", "language")} if known else {}
    with writing():
        member = members.enrol(
            name or (known.name if known else ""), request.number, now, by,
            role=Role.MEMBER, consent=f"START {bin_.local(request.received_at):%Y-%m-%d}", way=Way.SMS,
            **({"language": bin_.language} | kept),
        )  # fmt: skip
        _put_away(request.number, now)
        welcome(member, now, bin_)
    return member


def refuse(request: Arrival, now: datetime, by: str) -> None:
    """Who sent *request* does not become a member; he hears so from the coordinator, not from the box."""
    with writing():
        _put_away(request.number, now)
        audit.record(by, "request refused", f"arrival {request.id}", now)


def _put_away(number: str, now: datetime) -> None:
    asked = (Arrival.number == number) & (Arrival.intent == Intent.START) & Arrival.read_at.is_null()
    Arrival.update(read_at=now).where(asked).execute()


def unwelcomed() -> list[Member]:
    """Who gave consent and has not yet heard what this number is for (GDPR art. 13)."""
    return [member for member in members.active() if member.consent and member.welcomed_at is None]


def welcome(member: Member, now: datetime, bin_: Neighbourhood) -> None:
    """*member* is told, once, what this number is for and how to stop."""
    with writing():
        words = wording.text(Key.WELCOME, member.language, name=bin_.name)
        notices.owe(member.number, words, Kind.NOTICE, now, member=member, urgency=WELCOME)
        Member.update(welcomed_at=now).where(Member.id == member.id).execute()
