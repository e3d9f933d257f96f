"""From the first log-in to ready: what is still to be done, read from what is there, so that it can wait."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from appliance import notices
from appliance.access import second_proof
from appliance.models import Account, Delivery, Member, PoliceContact, Segment
from appliance.people import members
from appliance.people.members import Role
from appliance.queue.outbox import Kind
from appliance.queue.states import State
from appliance.store import writing
from appliance.upkeep import backup
from appliance.web import context
from appliance.web.words import gettext as _

bp = Blueprint("ready", __name__, url_prefix="/klaarmaken")

ONE_TEST = timedelta(minutes=2)  # pressed again sooner: the same test


@dataclass(frozen=True)
class Step:
    """One thing to do, and whether it is done."""

    done: bool
    title: str
    why: str
    does: str
    page: str
    or_else: tuple[str, str] | None = None  # another way to do it: words and page


@bp.get("")
def index() -> ResponseReturnValue:
    """The steps, and how the test SMS fares."""
    found, test = steps(), last_test()
    state = _state(test)
    left = sum(not step.done for step in found) + (state not in (State.SUBMITTED, State.DELIVERED))
    return render_template("ready.html", steps=found, test=test, state=state, left=left)


def steps() -> list[Step]:
    """What a box needs before it may be relied on, in the order of doing."""
    able = Member.role == Role.COORDINATOR
    coordinators = Account.select().join(Member).where(able).count()
    return [
        Step(
            bool(second_proof.codes_left(current_user)), _("Herstelblad afdrukken"),
            _("Bent u uw wachtwoord kwijt, dan komt u met een code van dit blad weer binnen."),
            _("Herstelblad maken"), url_for("access.sheet_form"),
        ),
        Step(
            coordinators > 1, _("Tweede coördinator"),
            _("Is een van u ziek of weg, dan werkt het netwerk voort."), _("Coördinator toevoegen"),
            url_for("handover.index"),
        ),
        Step(
            members.how_many() > coordinators, _("Leden"), _("Dit kan ook later, lid na lid of met een lijst."),
            _("Lid toevoegen"), url_for("members.add_form"), (_("Lijst of contacten inlezen"), url_for("lists.index")),
        ),
        Step(
            PoliceContact.select().where(PoliceContact.revoked_at.is_null()).exists(), _("Politie"),
            _("Wie van de politie mag de kast sms'en? Geef hem zijn codekaart van hand tot hand."),
            _("Politiecontact toevoegen"), url_for("police.index"),
        ),
        Step(
            backup.known() is not None, _("Sleutel van de reservekopie"),
            _("Zonder kopie buiten de kast is alles weg als ze stukgaat."), _("Sleutel maken"), url_for("backup.index"),
        ),
    ]  # fmt: skip


@bp.app_context_processor
def _onward() -> dict[str, object]:
    return {"unfinished": unfinished}


def unfinished() -> bool:
    """Whether somebody who makes the box ready must find his way back to the steps."""
    return any(not step.done for step in steps())


def last_test() -> Delivery | None:
    """The last test SMS to whoever is logged in."""
    if current_user.member is None:
        return None
    mine = (Delivery.number == current_user.member.number) & (Delivery.kind == Kind.NOTICE) & Delivery.alert.is_null()
    found: Delivery | None = Delivery.select().where(mine).order_by(Delivery.id.desc()).first()
    return found


def _state(test: Delivery | None) -> str:
    segment = Segment.get_or_none(Segment.delivery == test.id) if test else None
    return str(segment.state) if segment else ""


@bp.post("/proef")
def try_out() -> ResponseReturnValue:
    """A test SMS is owed to whoever is logged in; pressed twice within two minutes, it is one."""
    test, now = last_test(), context.now()
    member = current_user.member
    if member and (test is None or now - test.created_at > ONE_TEST):
        with writing():
            notices.owe(member.number, words(), Kind.NOTICE, now, member=member)
    return redirect(url_for(".index"))


def words() -> str:
    """The test SMS: one segment in every language."""
    return _("Proef van de BIN-kast: deze sms is aangekomen. U hoeft niets te doen.")
