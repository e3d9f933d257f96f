"""Who is enrolled: look up, add, remove. Reading a list in (`members_csv`) gets its page at "/leden/inlezen"."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance import members
from appliance.members import BadMember, Role, Standing
from appliance.models import Member
from appliance.phone import BadNumber
from appliance.web import context, reading
from appliance.web.words import gettext as _

bp = Blueprint("members", __name__)

MAY_BECOME = (Role.MEMBER, Role.STREET_LEADER, Role.CORE, Role.COORDINATOR)


def get_or_404(id_: int) -> Member:
    """The active member, or the page that says there is none."""
    found: Member | None = Member.get_or_none((Member.id == id_) & (Member.state == Standing.ACTIVE))
    return found or abort(404)


@bp.get("/leden")
def index() -> ResponseReturnValue:
    """Everybody who is enrolled, or those who answer to the search."""
    search = request.args.get("zoek", "")
    people = reading.people(search)
    return render_template(
        "members.html", people=people, search=search, without_consent=sum(not member.consent for member in people)
    )


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
        return render_template("member_add.html", form=form, roles=MAY_BECOME, error=str(bad)), 422
    if member.consent:
        flash(_("%(name)s is ingeschreven.", name=member.name), "good")
    else:
        flash(
            _("%(name)s is ingeschreven, maar krijgt nog niets: er is nog geen toestemming.", name=member.name), "mind"
        )
    return redirect(url_for(".index"))


def _role(written: str) -> Role:
    return Role(written) if written in MAY_BECOME else Role.MEMBER


@bp.get("/leden/<int:id_>/schrappen")
def remove_form(id_: int) -> ResponseReturnValue:
    """What will happen, before it does."""
    return render_template("member_remove.html", member=get_or_404(id_))


@bp.post("/leden/<int:id_>/schrappen")
def remove(id_: int) -> ResponseReturnValue:
    """Receives nothing any more."""
    member = get_or_404(id_)
    members.leave(member, context.now(), context.who())
    flash(_("%(name)s is geschrapt en krijgt geen berichten meer.", name=member.name), "good")
    return redirect(url_for(".index"))
