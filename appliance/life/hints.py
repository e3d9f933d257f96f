"""What the BIN should do about itself, and why: gentle, and never a reproach (R46, R106, R109, R120)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import cast

from peewee import Case, fn

from appliance import alerts
from appliance.alerts import AlertState, MessageClass, Source
from appliance.life import charter, diary, drills, money
from appliance.life.charter import Settings
from appliance.models import Alert, Audit, Member, MomentField
from appliance.neighbourhood import Neighbourhood
from appliance.people import membership
from appliance.people.members import Role, Standing
from appliance.upkeep import retention


class Hint(StrEnum):
    """One thing to do; its words are in lang/papers_*.toml."""

    TRIAL = "trial"  # no charter was signed: the BIN is not founded yet (R20)
    DRIFT = "drift"  # settings are not those that were signed (R105)
    REQUESTS = "requests"
    SUSPENDED = "suspended"  # a number that somebody said is wrong
    UNWELCOMED = "unwelcomed"
    OLD_BACKUPS = "old_backups"
    RESIDENCE = (
        "residence"  # a coordinator of whom nobody confirmed that he lives there (R21); of members it is not asked
    )
    OUTCOME = "outcome"  # of an urgent alert (R67)
    SPONSOR = "sponsor"  # paid since the steering group last met (R119)
    QUIET = "quiet"
    POLICE_SILENT = "police_silent"
    THEME = "theme"
    TEST = "test"
    SILENT = "silent"
    POLICE_TALK = "police_talk"
    GENERAL_MEETING = "general_meeting"


OUTCOME_WITHIN = timedelta(days=1)  # real zones answer the day after (domain section 3)
QUIET_FOR = timedelta(days=60)
POLICE_SILENT_FOR = timedelta(days=60)
TEST_EVERY = timedelta(days=92)
TALK_EVERY = timedelta(days=182)
GENERAL_EVERY = timedelta(days=334)  # eleven months: then there is time to call it


@dataclass(frozen=True)
class Facts:
    """What the rules look at. Moments are null when it never happened."""

    since: datetime | None  # the first row of the log: nothing is late in a new BIN
    signed: bool
    drifted: int
    requests: int
    suspended: int
    unwelcomed: int
    old_backups: bool
    not_resident: int
    outcomes_open: int
    sponsored_on: date | None
    group_met_on: date | None
    told_at: datetime | None
    police_at: datetime | None
    tested_at: datetime | None
    silent: int
    theme_open: bool  # this month has a theme, and nothing preventive was told
    talked_on: date | None
    met_on: date | None


def judge(facts: Facts, now: datetime) -> list[Hint]:
    """What to do, most pressing first. Pure."""
    begun = facts.since or now

    def late(last: datetime | None, after: timedelta) -> bool:
        return now - (last or begun) > after

    def late_day(last: date | None, after: timedelta) -> bool:
        return now.date() - (last or begun.date()) > after

    found = {
        Hint.TRIAL: not facts.signed,
        Hint.DRIFT: facts.drifted > 0,
        Hint.REQUESTS: facts.requests > 0,
        Hint.SUSPENDED: facts.suspended > 0,
        Hint.UNWELCOMED: facts.unwelcomed > 0,
        Hint.OLD_BACKUPS: facts.old_backups,
        Hint.RESIDENCE: facts.not_resident > 0,
        Hint.OUTCOME: facts.outcomes_open > 0,
        Hint.SPONSOR: facts.sponsored_on is not None and (facts.group_met_on or date.min) < facts.sponsored_on,
        Hint.QUIET: late(facts.told_at, QUIET_FOR),
        Hint.POLICE_SILENT: late(facts.police_at, POLICE_SILENT_FOR),
        Hint.THEME: facts.theme_open,
        Hint.TEST: late(facts.tested_at, TEST_EVERY),
        Hint.SILENT: facts.silent > 0,
        Hint.POLICE_TALK: late_day(facts.talked_on, TALK_EVERY),
        Hint.GENERAL_MEETING: late_day(facts.met_on, GENERAL_EVERY),
    }
    return [hint for hint, true in found.items() if true]


def read(now: datetime, bin_: Neighbourhood, in_force: Settings) -> Facts:
    """How it is now; *in_force* are the settings as `charter` knows them."""
    agreed = charter.signed()
    backups = retention.old_backups()
    local = bin_.local(now)
    told_at, prevented, tested_at = _last()
    suspended, unwelcomed, silent, not_resident = _members()
    met = diary.last_of_each()
    first = Audit.select(fn.MIN(Audit.at)).scalar()
    return Facts(
        since=first,
        signed=agreed is not None,
        drifted=len(charter.drift(charter.settings_of(agreed), in_force)) if agreed else 0,
        requests=len(membership.requests()),
        suspended=suspended,
        unwelcomed=unwelcomed,
        old_backups=backups.made_before is not None and now > backups.made_before and not backups.newer_made,
        not_resident=not_resident,
        outcomes_open=len(alerts.untold(now - OUTCOME_WITHIN)),
        sponsored_on=money.last_sponsored(),
        group_met_on=met.get(diary.Kind.GROUP),
        told_at=told_at,
        police_at=Alert.select(fn.MAX(Alert.created_at)).where(Alert.source == Source.POLICE).scalar(),
        tested_at=tested_at,
        silent=silent,
        theme_open=local.month in diary.themes() and not _this_month(prevented, local, bin_),
        talked_on=met.get(diary.Kind.POLICE),
        met_on=met.get(diary.Kind.GENERAL),
    )


def _members() -> tuple[int, int, int, int]:
    """How many are suspended, not welcomed, silent, coordinators of unconfirmed residence; the database counts them."""
    active = Member.state == Standing.ACTIVE
    asked = (
        Member.state == Standing.SUSPENDED,
        active & (Member.consent != "") & Member.welcomed_at.is_null(),
        active & (Member.unanswered_tests >= drills.IN_A_ROW),
        active & (Member.role == Role.COORDINATOR) & (Member.resident_on == ""),
    )
    counted = Member.select(*(fn.COUNT(Case(None, ((true, 1),))) for true in asked))
    return cast(tuple[int, int, int, int], counted.tuples().get())


def _last() -> tuple[datetime | None, ...]:
    """When an alert last went out: one that was no test, a preventive one, a test for everybody."""
    out = Alert.state << (AlertState.FORWARDED, AlertState.WITHDRAWN, AlertState.CLOSED)
    test = Alert.message_class == MessageClass.TEST
    asked = (~test, Alert.message_class == MessageClass.PREVENTIVE, test & (Alert.streets == ""))
    lasts = [fn.MAX(Case(None, ((true, Alert.decided_at),))) for true in asked]
    row = cast(tuple[str | None, ...], Alert.select(*lasts).where(out).tuples().get())
    return tuple(MomentField().python_value(at) for at in row)


def _this_month(at: datetime | None, local: datetime, bin_: Neighbourhood) -> bool:
    return at is not None and (bin_.local(at).year, bin_.local(at).month) == (local.year, local.month)
