"""Who is enrolled: look up, add, change, remove, show what is held, erase. Lists have their page in `lists`."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance import store
from appliance.access import accounts
from appliance.life import printing
from appliance.models import Member
from appliance.people import members, membership, reachable, refusals
from appliance.people.members import BadMember, Role, Standing
from appliance.people.reachable import BadHours
from appliance.phone import BadNumber
from appliance.upkeep import erasure
from appliance.web import context, reading
from appliance.web.words import gettext as _
from appliance.web.words import told

bp = Blueprint("members", __name__)

MAY_BECOME = (Role.MEMBER, Role.STREET_LEADER, Role.CORE, Role.COORDINATOR)


def get_or_404(id_: int) -> Member:
    """The active member, or the page that says there is none."""
    found: Member | None = Member.get_or_none((Member.id == id_) & (Member.state == Standing.ACTIVE))
    return found or abort(404)


def known_or_404(id_: int) -> Member:
    """The member, whether he receives, is suspended or left."""
    found: Member | None = Member.get_or_none(Member.id == id_)
    return found or abort(404)


@bp.get("/leden")
def index() -> ResponseReturnValue:
    """Everybody who is enrolled, or those who answer to the search; and what waits for a decision."""
    search = request.args.get("zoek", "")
    people = reading.people(search)
    return render_template(
        "members.html", people=people, search=search, without_consent=sum(not member.consent for member in people),
        requests=len(membership.requests()), suspended=suspended(), former=members.former(),
    )  # fmt: skip


def suspended() -> list[Member]:
    """Whose number somebody said is wrong: they receive nothing."""
    return list(Member.select().where(Member.state == Standing.SUSPENDED).order_by(Member.street, Member.name))


@bp.get("/leden/nieuw")
def add_form() -> ResponseReturnValue:
    """An empty form."""
    return render_template("member_add.html", form={}, roles=MAY_BECOME)


@bp.post("/leden/nieuw")
def add() -> ResponseReturnValue:
    """Enrolled, or the same form with what is wrong."""
    form = request.form
    try:
        member = members.enrol(
            form.get("name", ""), form.get("number", ""), context.now(), context.who(), street=form.get("street", ""),
            language=form.get("language", "nl"), role=_role(form.get("role", "")), consent=form.get("consent", ""),
        )  # fmt: skip
    except (BadMember, BadNumber) as bad:
        return render_template("member_add.html", form=form, roles=MAY_BECOME, error=told(bad)), 422
    if member.consent:
        flash(_("%(name)s is ingeschreven.", name=member.name), "good")
    else:
        flash(
            _("%(name)s is ingeschreven, maar krijgt nog niets: er is nog geen toestemming.", name=member.name), "mind"
        )
    return redirect(url_for(".index"))


def _role(written: str) -> Role:
    return Role(written) if written in MAY_BECOME else Role.MEMBER


@bp.get("/leden/<int:id_>")
def show(id_: int) -> ResponseReturnValue:
    """One member: what is known, and what can be done for him."""
    return _page(known_or_404(id_))


def _page(member: Member, error: str = "") -> str:
    return render_template(
        "member.html", member=member, seconds=members.second_numbers(member), roles=MAY_BECOME[:-1], error=error
    )


@bp.post("/leden/<int:id_>")
def change(id_: int) -> ResponseReturnValue:
    """Name, street, language, role and consent are what the form says; a coordinator stays one."""
    member, form = get_or_404(id_), request.form
    role = Role(member.role) if member.role == Role.COORDINATOR else _role(form.get("role", ""))
    try:
        members.enrol(
            form.get("name", ""), member.number, context.now(), context.who(), street=form.get("street", ""),
            language=form.get("language", ""), role=role, consent=form.get("consent", ""), form=form.get("form", ""),
        )  # fmt: skip
    except BadMember as bad:
        return _page(member, told(bad)), 422
    flash(_("Bewaard."), "good")
    return redirect(url_for(".show", id_=id_))


@bp.post("/leden/<int:id_>/nummer")
def renumber(id_: int) -> ResponseReturnValue:
    """Another number; who was suspended receives again."""
    member = known_or_404(id_)
    if member.state == Standing.LEFT:
        abort(404)
    try:
        members.renumber(member, request.form.get("number", ""), context.now(), context.who())
    except (BadMember, BadNumber) as bad:
        return _page(member, told(bad)), 422
    flash(_("Het nummer is veranderd. %(name)s krijgt weer berichten.", name=member.name), "good")
    return redirect(url_for(".show", id_=id_))


@bp.post("/leden/<int:id_>/tweede")
def second(id_: int) -> ResponseReturnValue:
    """A second number gets what this member gets, with a consent of its own."""
    member, form = get_or_404(id_), request.form
    given = (form.get("name", ""), form.get("number", ""), form.get("consent", ""))
    try:
        added = members.add_second_number(member, *given, context.now(), context.who())
    except (BadMember, BadNumber) as bad:
        return _page(member, told(bad)), 422
    flash(_("%(name)s krijgt wat %(member)s krijgt.", name=added.name, member=member.name), "good")
    return redirect(url_for(".show", id_=id_))


@bp.post("/leden/<int:id_>/uren")
def hours(id_: int) -> ResponseReturnValue:
    """When members may ring this coordinator; empty hides the number again."""
    member = get_or_404(id_)
    if member.role != Role.COORDINATOR:
        abort(404)
    try:
        reachable.show_hours(member, request.form.get("hours", ""), context.now(), context.who())
    except BadHours as bad:
        return _page(member, told(bad)), 422
    flash(_("Bewaard."), "good")
    return redirect(url_for(".show", id_=id_))


@bp.post("/leden/<int:id_>/toegang")
def let_in(id_: int) -> ResponseReturnValue:
    """Somebody of the core group can log in; the password is shown once, and again for a new one."""
    member = known_or_404(id_)
    if member.role != Role.CORE or member.state != Standing.ACTIVE:
        abort(404)
    username, password = accounts.give_log_in(member, context.now(), context.who())
    return render_template("handed.html", member=member, username=username, password=password)


@bp.get("/leden/<int:id_>/blad")
def sheet(id_: int) -> ResponseReturnValue:
    """Everything that is held about him, in his language, to be handed to him (GDPR art. 15)."""
    member = known_or_404(id_)
    words = printing.member_sheet(member, context.now(), context.the_bin())
    return render_template("print/papier.html", papers=[words], title=member.name, back=url_for(".show", id_=id_))


@bp.get("/leden/<int:id_>/wissen")
def erase_form(id_: int) -> ResponseReturnValue:
    """What erasing is, before it happens."""
    return render_template("member_erase.html", member=known_or_404(id_))


@bp.post("/leden/<int:id_>/wissen")
def erase(id_: int) -> ResponseReturnValue:
    """Nothing is left of him, and no list brings him back (GDPR art. 17). A coordinator hands over first."""
    member, now = known_or_404(id_), context.now()
    if member.role == Role.COORDINATOR and member.state == Standing.ACTIVE:
        flash(_("Dit is een coördinator. Doe eerst de overdracht."), "mind")
        return redirect(url_for("handover.index"))
    with store.writing():
        membership.stop(member, now, context.who())
        refusals.remember(member.number, now)
        erasure.erase(member, now, context.who(), context.the_bin())
    store.scrub()
    flash(_("Gewist. Maak nu een nieuwe reservekopie en vernietig de oude: daar staat dit lid nog in."), "mind")
    return redirect(url_for(".index"))


@bp.get("/leden/<int:id_>/schrappen")
def remove_form(id_: int) -> ResponseReturnValue:
    """What will happen, before it does."""
    return render_template("member_remove.html", member=get_or_404(id_))


@bp.post("/leden/<int:id_>/schrappen")
def remove(id_: int) -> ResponseReturnValue:
    """Receives nothing any more."""
    member = get_or_404(id_)
    membership.stop(member, context.now(), context.who())
    flash(_("%(name)s is geschrapt en krijgt geen berichten meer.", name=member.name), "good")
    return redirect(url_for(".index"))
