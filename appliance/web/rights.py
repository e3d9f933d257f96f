"""Who may do what at the page: `roles.TABLE`, asked before a view is reached."""

from collections.abc import Callable

from flask import Flask, request
from flask_login import current_user
from werkzeug.exceptions import Forbidden

from appliance import roles
from appliance.roles import Act, Part

# What each endpoint asks for, or else the room (blueprint) that it is in. None: to be logged in, or nothing, is enough.
NEEDS: dict[str, Act | None] = {
    "static": None, "log_in": None, "languages": None, "passkeys": None, "recovery": None, "first_run": None,
    "proof": None, "access": None, "more": None, "street": None,
    "api": None, "metrics": None,  # for programs, which know no log-in
    "status": None, "status.acknowledge": Act.DECIDE, "status.ask": Act.DECIDE, "status.install": Act.SETTINGS,
    "alerts": Act.DECIDE, "alerts.index": None, "alerts.show_one": None, "alerts.fragment": None,
    "alerts.people": Act.SEE_NAMES,
    "alerts.withdraw": Act.WITHDRAW,
    "countdown": None, "countdown.now": Act.DECIDE,  # STOP is for everybody
    "running": Act.DECIDE, "running.correct": Act.FEEDBACK, "running.outcome": Act.FEEDBACK,
    "running.silent": Act.SEE_NUMBERS, "running.tick": Act.SEE_NUMBERS, "running.pictured": Act.FIGURES,
    "compose": Act.DECIDE, "tips": Act.PREVENTIVE, "propose": Act.PREVENTIVE,
    "drills": Act.DECIDE, "issues": Act.DECIDE,
    "members": Act.SEE_NUMBERS, "asked": Act.SEE_NUMBERS, "lists": Act.SEE_NUMBERS, "inbox": Act.SEE_NUMBERS,
    "police": Act.SEE_NUMBERS, "handover": Act.SEE_NUMBERS, "log": Act.SEE_NAMES,
    "prints": None, "prints.phone_list": Act.SEE_NUMBERS, "prints.calls": Act.SEE_NUMBERS,  # each sheet asks for itself
    "ready": Act.DECIDE, "backup": Act.SETTINGS, "settings": Act.SETTINGS, "settings.network_form": Act.DECIDE,
    "logo": Act.DECIDE, "logo.image": None,
    "life": Act.SETTINGS,
    "costs": Act.FIGURES,
}  # fmt: skip
ASKING = ("tips.", "propose.")  # rooms in which nothing leaves without a coordinator: to propose is enough


class NotYours(Forbidden):
    """The part that this person plays does not do that."""


def install(app: Flask) -> None:
    """Every endpoint of *app* answers only to whoever may do what NEEDS says. After `auth.install`."""
    app.before_request(refuse)

    @app.context_processor
    def _rights() -> dict[str, object]:
        return {"may": may, "may_open": may_open}


def need(endpoint: str) -> Act | None:
    """What *endpoint* asks for. One that was forgotten in NEEDS is a coordinator's."""
    return NEEDS.get(endpoint, NEEDS.get(endpoint.partition(".")[0], Act.DECIDE))


def refuse() -> None:
    """NotYours for whoever plays no part that may do what was asked; a form asks for more than to read."""
    if request.endpoint is None or not current_user.is_authenticated:
        return
    act = need(request.endpoint)
    allowed = roles.may_change if request.method == "POST" else roles.may_look
    if act is not None and not _rule(request.endpoint, allowed)(part(), act):
        raise NotYours


def _rule(endpoint: str, usual: Callable[[Part, Act], bool]) -> Callable[[Part, Act], bool]:
    return roles.may_ask if endpoint.startswith(ASKING) else usual


def demand(act: Act) -> None:
    """NotYours for whoever may not do *act* at all, when only the view can know what it shows."""
    if not may(act):
        raise NotYours


def part() -> Part:
    """What the person at the page is in the network. An account without a member is that of who set the box up."""
    member = current_user.member
    return roles.of_member(member.role) if member else Part.COORDINATOR


def may(act: str) -> bool:
    """Whether the person at the page may do *act*."""
    return roles.may(part(), Act(act))


def may_open(endpoint: str) -> bool:
    """Whether a link to the page of *endpoint* leads this person anywhere."""
    act = need(endpoint)
    return act is None or _rule(endpoint, roles.may_look)(part(), act)
