"""The sheets of `papers` filled in with what the box knows: about one member, about all, about a year."""

from collections.abc import Sequence
from datetime import date, datetime

from appliance import audit, phone
from appliance.alerts import MessageClass
from appliance.life import charter, diary, founding
from appliance.life.charter import Settings
from appliance.life.survey import Feeling
from appliance.models import Account, Alert, Arrival, Callee, Delivery, Member, ModemState, PoliceContact
from appliance.neighbourhood import Neighbourhood
from appliance.papers import Paper, day, lines, named, paper, speaking_of, word, yes
from appliance.people import members, reachable
from appliance.people.members import Role
from appliance.people.reachable import Person
from appliance.queue.outbox import Kind
from appliance.report import WENT_OUT, Totals, Year
from appliance.upkeep import privacy, retention

FORM = "1"  # the version of the sign-up sheet: it goes up when its words change


def _coordinator() -> str:
    """Whom members and authorities address: the first coordinator."""
    found = members.with_role(Role.COORDINATOR)
    return found[0].name if found else "-"


def member_sheet(member: Member, now: datetime, bin_: Neighbourhood) -> str:
    """Everything that is held about *member*, in his language, with his rights (GDPR art. 15)."""
    held, language = privacy.held(member), member.language

    def on(at: datetime | None) -> str:
        return day(bin_.local(at) if at else None, language)

    return paper(
        Paper.MEMBER, language, bin=bin_.name, day=on(now), name=member.name, number=member.number,
        street=member.street, language=language, role=word("role", member.role, language),
        standing=word("standing", member.state, language), since=on(member.created_at), consent=member.consent or "-",
        way=word("way", member.consent_way, language) if member.consent_way else "-",
        form=member.consent_form or "-", consented=on(member.consented_at),
        preventive=yes(member.preventive, language), night=yes(member.night, language),
        unanswered=member.unanswered_tests, username=held.username or "-",
        hours=member.hours or "-",
        resident=day(date.fromisoformat(member.resident_on) if member.resident_on else None, language),
        seconds=lines([f"{one.name}, {one.number}, {one.consent}" for one in held.second_numbers], language),
        told=lines([_told(delivery, language, bin_) for delivery in held.told], language),
        came_in=lines([_came_in(arrival, language, bin_) for arrival in held.came_in], language),
        log_rows=held.log_rows, coordinator=_coordinator(),
    )  # fmt: skip


def callee_sheet(callee: Callee, now: datetime, bin_: Neighbourhood) -> str:
    """Everything that is held about *callee*, whom somebody rings, with his rights (GDPR art. 15)."""
    return paper(
        Paper.CALLEE, bin_.language, bin=bin_.name, day=day(bin_.local(now), bin_.language), name=callee.name,
        number=callee.number or "-", street=callee.street or "-", consent=callee.consent or "-",
        since=day(bin_.local(callee.created_at), bin_.language), coordinator=_coordinator(),
    )  # fmt: skip


def _told(delivery: Delivery, language: str, bin_: Neighbourhood) -> str:
    if delivery.alert is None or delivery.kind != Kind.ALERT:
        what = f"{word('kind', delivery.kind, language)}: {delivery.text}"
    else:
        what = word("class", delivery.alert.message_class, language)
    confirmed = word("line", "silent", language)
    if delivery.confirmed_at:
        confirmed = word("line", "confirmed", language).format(day=day(bin_.local(delivery.confirmed_at), language))
    at = day(bin_.local(delivery.created_at), language)
    return word("line", "told", language).format(day=at, what=what, confirmed=confirmed)


def _came_in(arrival: Arrival, language: str, bin_: Neighbourhood) -> str:
    text = word("line", "ring", language) if arrival.kind == "ring" else arrival.text
    return word("line", "came_in", language).format(day=day(bin_.local(arrival.received_at), language), text=text)


def register(now: datetime, bin_: Neighbourhood, language: str) -> str:
    """The record of processing on one sheet (GDPR art. 30)."""
    of = privacy.holding()
    kept = [
        word("line", "days", language).format(what=word("retention", rule.name, language), days=rule.kept.days)
        for rule in retention.RULES
    ]
    return paper(
        Paper.REGISTER, language, bin=bin_.name, day=day(bin_.local(now), language), coordinator=_coordinator(),
        members=of.members, coordinators=of.coordinators, contacts=of.contacts, callees=of.callees,
        retention=lines(kept, language),
    )  # fmt: skip


def theft(now: datetime, bin_: Neighbourhood, language: str) -> str:
    """What was on the box and what to do within 72 hours (GDPR art. 33 and 34): printed before it happens."""
    of = privacy.holding()
    return paper(
        Paper.THEFT, language, bin=bin_.name, day=day(bin_.local(now), language), members=of.members,
        coordinators=of.coordinators, contacts=of.contacts, callees=of.callees, left=of.left,
        alerts=of.alerts_with_names, texts=of.texts_came_in,
        oldest=day(bin_.local(of.oldest) if of.oldest else None, language),
    )  # fmt: skip


def sign_up(_now: datetime, bin_: Neighbourhood, language: str) -> str:
    """The form that a new member signs, with its version (R98, R101)."""
    spoken = speaking_of(bin_.people, language)
    return paper(Paper.SIGN_UP, language, bin=bin_.name, coordinator=_coordinator(), form=FORM, **spoken)


def about(_now: datetime, bin_: Neighbourhood, language: str) -> str:
    """What a BIN is and what it is not (R41)."""
    officer, coordinator = reachable.officer(), reachable.coordinator()
    return paper(
        Paper.ABOUT, language, bin=bin_.name, police_phone=bin_.police_phone or "101",
        officer=_shown(officer, language) if officer else word("word", "none", language),
        coordinator=_shown(coordinator, language) if coordinator else _coordinator(),
        **speaking_of(bin_.people, language),
    )  # fmt: skip


def _shown(person: Person, language: str) -> str:
    """Somebody whom members may ring, and when."""
    number = phone.as_dialled(person.number)
    return word("line", "person", language).format(name=person.name, number=number, hours=person.hours)


def card(_now: datetime, bin_: Neighbourhood, language: str) -> str:
    """For the fridge: 101 first."""
    return paper(Paper.CARD, language, bin=bin_.name, police_phone=bin_.police_phone or "101")


def tips(now: datetime, bin_: Neighbourhood, language: str) -> str:
    """What was told about prevention and is still kept, for the newsletter: no urgent text, no name (R107, R108)."""
    told = (Alert.message_class == MessageClass.PREVENTIVE) & (Alert.state << WENT_OUT) & (Alert.text != "")
    rows = [
        f"{day(bin_.local(alert.decided_at or alert.created_at), language)}: {alert.text}"
        for alert in Alert.select().where(told).order_by(Alert.id)
    ]
    return paper(
        Paper.TIPS, language, bin=bin_.name, day=day(bin_.local(now), language), tips=lines(rows, language),
        **speaking_of(bin_.people, language),
    )  # fmt: skip


def plan(now: datetime, bin_: Neighbourhood, in_force: Settings, language: str) -> str:
    """The communication plan in force, as the annex of the charter (R28)."""
    version, agreed = charter.newest(), charter.signed()
    differences = charter.drift(charter.settings_of(agreed), in_force) if agreed else []
    contacts = PoliceContact.select().where(PoliceContact.revoked_at.is_null()).order_by(PoliceContact.id)
    test = founding.certificate()
    return paper(
        Paper.PLAN, language, bin=bin_.name, version=version.version if version else "-",
        day=day(bin_.local(now), language), drafted=day(bin_.local(version.drafted_at) if version else None, language),
        signed=day(date.fromisoformat(agreed.signed_on) if agreed else None, language),
        coordinator=agreed.coordinator if agreed else "-", mayor=agreed.mayor if agreed else "-",
        chief=agreed.chief if agreed else "-", settings=named(in_force, "setting", language),
        streets=", ".join(members.streets()) or word("word", "none", language),
        coordinators=lines([_coordinator_line(m, language) for m in members.with_role(Role.COORDINATOR)], language),
        contacts=lines([_contact_line(contact, language) for contact in contacts], language),
        drift=lines([_drift(difference, language) for difference in differences], language),
        themes=lines(_themes(language), language),
        certificate=certificate(test, bin_, language) if test else word("word", "none", language),
    )  # fmt: skip


def _coordinator_line(member: Member, language: str) -> str:
    return _shown(Person(member.name, member.number, member.hours), language) if member.hours else _bare(member)


def _contact_line(contact: PoliceContact, language: str) -> str:
    """An officer with a duty is there with what members know of him (R37, R40, R123)."""
    if not contact.duty:
        return _bare(contact)
    return word("line", "contact", language).format(
        name=contact.name, number=phone.as_dialled(contact.number), duty=word("duty", contact.duty, language),
        shown=phone.as_dialled(contact.public_phone), hours=contact.hours,
    )  # fmt: skip


def _bare(somebody: Member | PoliceContact) -> str:
    return f"{somebody.name}, {phone.as_dialled(somebody.number)}"


def _drift(difference: charter.Drift, language: str) -> str:
    setting = word("setting", difference.setting, language)
    return word("line", "drift", language).format(setting=setting, signed=difference.signed, now=difference.now)


def _themes(language: str) -> list[str]:
    form = word("line", "theme", language)
    return [
        form.format(month=month, text=theme.text, source=f"({theme.source})" if theme.source else "").rstrip()
        for month, theme in diary.themes().items()
    ]


def certificate(test: founding.Certificate, bin_: Neighbourhood, language: str) -> str:
    """The founding test in one sentence, without a name."""
    at = day(bin_.local(datetime.fromisoformat(test.told_at)), language)
    return paper(
        Paper.CERTIFICATE, language, day=at, members=test.members, accepted=test.accepted, reached=test.reached,
        confirmed=test.confirmed,
    )  # fmt: skip


def handover(now: datetime, bin_: Neighbourhood, language: str) -> str:
    """What an outgoing coordinator gives to the next: who and what, no secrets."""
    accounts = Account.select().order_by(Account.id)
    contacts = PoliceContact.select().where(PoliceContact.revoked_at.is_null()).order_by(PoliceContact.id)
    modems = ModemState.select().order_by(ModemState.name)
    version = charter.newest()
    return paper(
        Paper.HANDOVER, language, bin=bin_.name, day=day(bin_.local(now), language),
        accounts=lines([f"{a.username} ({a.member.name if a.member else '-'})" for a in accounts], language),
        contacts=lines([f"{contact.name}, {phone.masked(contact.number)}" for contact in contacts], language),
        modems=lines([f"{m.name}: {m.model} {m.operator} ICCID {m.iccid}" for m in modems], language),
        version=version.version if version else "-", head=audit.head(),
    )  # fmt: skip


def year(of: Year, bin_: Neighbourhood, language: str) -> str:
    """The yearly report in words."""
    urgent, life, pace = of.classes[MessageClass.URGENT], of.life, of.pace
    return paper(
        Paper.REPORT, language, bin=bin_.name, year=of.year, members=life.members, joined=life.joined, left=life.left,
        streets=life.streets, meetings=sum(life.meetings.values()), attended=life.attended,
        classes=lines(_classes(of.classes, language), language), decision=_minutes(pace.decision, language),
        sending=_minutes(pace.sending, language), confirming=_minutes(pace.confirming, language),
        test_confirming=_minutes(pace.test_confirming, language), feedback=of.classes[MessageClass.FEEDBACK].told,
        outcomes=urgent.outcomes, urgent=urgent.told, redirected=life.redirected,
        feeling=_average(of.feeling, language), feeling_before=_average(of.feeling_before, language),
        answers=of.feeling.answers if of.feeling else 0,
        on_trial=sum(totals.on_trial for totals in of.classes.values()),
        erased=sum(totals.details_erased for totals in of.classes.values()), log_rows=of.log_rows,
        log_head=of.head or "-",
    )  # fmt: skip


def _classes(classes: dict[str, Totals], language: str) -> Sequence[str]:
    form = word("line", "classes", language)
    return [
        form.format(
            name=word("class", name, language), alerts=of.told, recipients=of.recipients, accepted=of.accepted,
            reached=of.reached, confirmed=of.confirmed, segments=of.segments, failed=of.failed, twice=of.possibly_twice,
        )
        for name, of in classes.items()
    ]  # fmt: skip


def _average(feeling: Feeling | None, language: str) -> str:
    return word("word", "none", language) if feeling is None or feeling.average is None else str(feeling.average)


def _minutes(seconds: int | None, language: str) -> str:
    if seconds is None:
        return word("word", "none", language)
    return word("line", "minutes", language).format(number=round(seconds / 60, 1))
