"""Two coordinators from day one: add the next, and hand over without losing anything."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from appliance import phone
from appliance.access import accounts
from appliance.models import Account, Member
from appliance.people import members
from appliance.people.members import BadMember, Role
from appliance.phone import BadNumber
from appliance.store import writing
from appliance.web import context
from appliance.web.words import gettext as _
from appliance.web.words import told

bp = Blueprint("handover", __name__, url_prefix="/overdracht")


@bp.get("")
def index() -> ResponseReturnValue:
    """Who the coordinators are, a form for the next one, and what to hand over besides."""
    return _page()


def _page(error: str = "", form: object = None) -> str:
    names = dict(Account.select(Account.member, Account.username).tuples().iterator())
    return render_template(
        "handover.html", coordinators=members.with_role(Role.COORDINATOR), names=names, error=error, form=form or {}
    )


@bp.post("")
def add() -> ResponseReturnValue:
    """The coordinator can log in; the password is shown once, so there is no redirect.

    Pressed twice, the last password that was shown is the one that holds.
    """
    form, now = request.form, context.now()
    try:
        number = phone.mobile(form.get("number", ""))
        if current_user.member and number == current_user.member.number:
            return _page(_("Dat is uw eigen nummer."), form), 422
        with writing():
            member = _enrolled(form.get("name", ""), number)
            if form.get("resident"):
                _lives_here(member)
            username, password = accounts.give_log_in(member, now, context.who())
    except (BadMember, BadNumber) as bad:
        return _page(told(bad), form), 422
    return render_template("handed.html", member=member, username=username, password=password)


def _enrolled(name: str, number: str) -> Member:
    """A member who is there already keeps street, language and consent."""
    known = members.by_number(number)
    consent = (known.consent if known else "") or "coördinator"
    return members.enrol(
        name, number, context.now(), context.who(), street=known.street if known else "", role=Role.COORDINATOR,
        language=known.language if known else context.the_bin().language, consent=consent,
    )  # fmt: skip


def _lives_here(member: Member) -> None:
    now = context.now()
    members.confirm_residence(member, context.the_bin().local(now).date(), now, context.who())


@bp.post("/<int:id_>/woont-hier")
def resident(id_: int) -> ResponseReturnValue:
    """That this coordinator lives in the area is kept, with the day of today."""
    member = Member.get_or_none((Member.id == id_) & (Member.role == Role.COORDINATOR))
    if member and not member.resident_on:
        _lives_here(member)
    return redirect(url_for(".index"))


@bp.post("/<int:id_>/weg")
def remove(id_: int) -> ResponseReturnValue:
    """That coordinator is an ordinary member again and cannot log in. The last one stays."""
    member = Member.get_or_none((Member.id == id_) & (Member.role == Role.COORDINATOR))
    if member is None:
        return redirect(url_for(".index"))
    if not Account.select().where(Account.member != id_).exists():
        return _page(_("Iemand moet kunnen aanmelden. Voeg eerst een andere coördinator toe.")), 422
    members.remove_coordinator(member, context.now(), context.who())
    flash(_("%(name)s is geen coördinator meer, wel nog lid.", name=member.name), "good")
    return redirect(url_for(".index"))
