"""Erasing one person: after it nothing in the database names him, and the log is still whole (GDPR art. 17)."""

from datetime import datetime

from appliance import audit, phone
from appliance.models import Acknowledgement, Alert, Arrival, Callee, Delivery, Member, MemberList, Phoned, Segment
from appliance.neighbourhood import Neighbourhood
from appliance.queue.outbox import Kind
from appliance.store import writing
from appliance.upkeep import tallies

BOX = "de kast"


def erase(member: Member, now: datetime, by: str, bin_: Neighbourhood) -> None:
    """Nothing of *member* is left but numbers that are sums, and the mark of his refusal if he said STOP.

    What others wrote about him in an alert's text is erased with that text.
    """
    with writing():
        for second in Member.select().where(Member.second_of == member):
            erase(second, now, by, bin_)
        _from_deliveries(member)
        tallies.count(arrivals_from(member), bin_)
        _from_decisions(member)
        MemberList.delete().where(MemberList.content != "").execute()  # not applied yet: he may be in it
        member.delete_instance(recursive=True)  # a reference that may be empty becomes so
        audit.record(by, "erased", f"member {member.id}", now)


def forget(callee: Callee, now: datetime, by: str) -> None:
    """Nothing of *callee*, whom somebody used to ring, is left; old backups must go as after a member."""
    with writing():
        callee.delete_instance()
        audit.record(by, "erased", f"callee {callee.id}", now)


def _from_deliveries(member: Member) -> None:
    """Alerts keep an anonymous recipient for their counts; what was only between him and the box goes."""
    his = (Delivery.member == member) | (Delivery.number == member.number)
    tallies.erase_deliveries(Delivery.select().where(his & (Delivery.kind != Kind.ALERT)))
    left = Delivery.select(Delivery.id).where(his)
    Segment.update(number="").where(Segment.delivery << left).execute()
    Delivery.update(number="", name="", member=None).where(his).execute()


def arrivals_from(member: Member) -> list[Arrival]:
    """All that came from *member*, in whatever form the network wrote his number."""
    numbers = {row.number for row in Arrival.select(Arrival.number).distinct() if phone.same(row.number, member.number)}
    return list(Arrival.select().where((Arrival.member == member) | (Arrival.number << [*numbers, member.number])))


def _from_decisions(member: Member) -> None:
    """Who decided is forgotten too, unless somebody else bears the name."""
    if Member.select().where((Member.name == member.name) & (Member.id != member.id)).exists():
        return
    for column in (Alert.author, Alert.decided_by):
        Alert.update({column: ""}).where(column == member.name).execute()
    Phoned.update(by="").where(Phoned.by == member.name).execute()
    Acknowledgement.update(seen_by="").where(Acknowledgement.seen_by == member.name).execute()
