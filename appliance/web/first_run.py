"""An empty box: proof that somebody stands beside it, then the first coordinator. After that these pages are gone."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from appliance import chosen, store
from appliance.access import accounts, presence
from appliance.access.accounts import BadPassword
from appliance.chosen import BadChoice
from appliance.models import Account
from appliance.people import members
from appliance.people.members import BadMember, Role
from appliance.phone import BadNumber
from appliance.store import writing
from appliance.upkeep import restoring
from appliance.upkeep.backup import BadBackup, BadKey, Newer
from appliance.web import api, auth, context, settings, show
from appliance.web.words import gettext as _
from appliance.web.words import told

bp = Blueprint("first_run", __name__, url_prefix="/begin")

OPEN = {"static", "languages.choose", "metrics.show"}
PRESENT = "present"
PRESENT_FOR = timedelta(minutes=30)  # to type a name and a number
LARGEST_COPY = 64_000_000  # octets: a BIN of 500 members makes some 25 million a year; nginx.conf says the same


def install(app: Flask) -> None:
    """As long as nobody can log in to *app*, nothing else of it answers. Before `auth.install`."""
    app.before_request(only_this)
    app.register_blueprint(bp)


def judge_copy(app: Flask) -> None:
    """*app* takes a backup, larger than any other request, from whoever stands at an empty box and from nobody else.

    Before anything reads a body, its CSRF first of all: nginx hands this one on as it comes, and who sends it
    slowly holds a thread.
    """

    @app.before_request
    def _allow() -> ResponseReturnValue | None:
        if request.endpoint != "first_run.restore":
            return None
        if refused := only_this():
            return refused
        if not here():
            return redirect(url_for("first_run.begin"))
        request.max_content_length = LARGEST_COPY
        return None


def only_this() -> ResponseReturnValue | None:
    """An empty box leads here; a box with a coordinator has no such pages, but who was just here may press twice."""
    ours = (request.endpoint or "").startswith("first_run.")
    if presence.wanted():
        return None if ours or request.endpoint in OPEN or api.asked() else redirect(url_for("first_run.begin"))
    if ours:
        return redirect(url_for("status.start")) if session.get(PRESENT) else abort(404)
    return None


def here() -> bool:
    """Whether this browser has proved, within PRESENT_FOR, that its person stands at the box."""
    at = session.get(PRESENT, "")
    return at != "" and context.now() - datetime.fromisoformat(at) <= PRESENT_FOR


@bp.get("")
def begin() -> ResponseReturnValue:
    """Language, and: press the button."""
    return redirect(url_for(".network")) if here() else render_template("first_begin.html")


@bp.post("")
def claim() -> ResponseReturnValue:
    """The press, or the code, is this browser's."""
    code, now, keys = request.form.get("code", "").strip(), context.now(), [f"presence {request.remote_addr}"]
    wait = auth.attempt(keys, None, None, now) if code else timedelta(0)
    if not wait and presence.claim(now, code):
        session[PRESENT] = now.isoformat()
        return redirect(url_for(".network"))
    if not code:
        return _not_yet(_("De kast heeft de knop nog niet gezien. Druk kort, korter dan een tel, en tik daarna hier."))
    wait = wait or auth.waiting_time(keys, None, None, now)
    return _not_yet(auth.failure_text(wait, _("Die code klopt niet, of ze is ouder dan tien minuten.")))


def _not_yet(error: str) -> ResponseReturnValue:
    return render_template("first_begin.html", error=error), 422


@bp.get("/naam")
def network() -> ResponseReturnValue:
    """What the network is called and which language it speaks, as far as the configuration file leaves it open."""
    if not here():
        return redirect(url_for(".begin"))
    left = _asked()
    known = {key: getattr(context.the_bin(), key) for key in ("police_phone", "people")}
    names = {"language": show.language()} | known | chosen.made()
    return _network(names) if left else redirect(url_for(".person"))


def _network(form: object, error: str = "") -> str:
    return render_template("first_network.html", form=form, error=error, open=_asked())


def _asked() -> list[str]:
    """What a new box asks, as far as the configuration file leaves it open; the rest has time."""
    return [key for key in settings.left_open() if key in chosen.AT_FIRST]


@bp.post("/naam")
def name_network() -> ResponseReturnValue:
    """It is kept at once: whoever stops here finds it filled in."""
    if not here():
        return redirect(url_for(".begin"))
    try:
        context.choose(request.form, "eerste start")
    except BadChoice as bad:
        return _network(request.form, told(bad)), 422
    return redirect(url_for(".person"))


@bp.get("/wie")
def person() -> ResponseReturnValue:
    """Who the first coordinator is, and a password that is offered."""
    return _person({"password": accounts.draw_password()}) if here() else redirect(url_for(".begin"))


def _person(form: object, error: str = "") -> str:
    return render_template("first_person.html", form=form, error=error)


@bp.post("/wie")
def enrol() -> ResponseReturnValue:
    """The first coordinator exists, can log in and is logged in: all or nothing."""
    form = request.form
    if not here():
        return redirect(url_for(".begin"))
    try:
        account = _first(form)
    except BadPassword as bad:
        return _person(form, told(bad)), 422
    except (BadMember, BadNumber) as bad:
        return _person(form, told(bad)), 422
    if account is None:
        return redirect(url_for("status.start"))
    auth.log_in(account)
    session[PRESENT] = context.now().isoformat()
    return redirect(url_for("ready.index"))


@bp.get("/kopie")
def copy() -> ResponseReturnValue:
    """Instead of a new start: a backup of the box that was."""
    return render_template("first_restore.html") if here() else redirect(url_for(".begin"))


@bp.post("/kopie")
def restore() -> ResponseReturnValue:
    """The box is what the backup holds, and whoever could log in there can log in here; else nothing changed."""
    if not here():
        return redirect(url_for(".begin"))
    given = request.files.get("copy")
    if not given:
        return _not_restored(_("Kies eerst het bestand met de kopie."))
    try:
        with tempfile.TemporaryDirectory(dir=store.own()) as folder:
            file = Path(folder) / "kopie"
            given.save(file)
            restoring.into_this_box(file, _key(), context.now())
    except BadKey:
        return _not_restored(_("Dat is geen geheime sleutel, of er staat een tikfout in."))
    except Newer:
        return _not_restored(_("De kopie is van een nieuwere versie van BIN-kast. Werk de kast eerst bij."))
    except BadBackup:
        return _not_restored(_("De kopie gaat niet open. Is het de juiste, is ze volledig, en hoort de sleutel erbij?"))
    flash(_("De kopie is teruggezet. Meld u aan zoals op de vorige kast."), "good")
    return redirect(url_for("log_in.form"))


def _key() -> str:
    given = request.files.get("key_file")
    return request.form.get("key", "") or (given.read().decode("utf-8", "replace") if given else "")


def _not_restored(error: str) -> ResponseReturnValue:
    nothing_changed = _("Er is niets veranderd.")
    return render_template("first_restore.html", error=f"{error} {nothing_changed}"), 422


def _first(form: MultiDict[str, str]) -> Account | None:
    """The account; None when another browser was quicker. Raises BadMember, BadNumber, BadPassword."""
    now, bin_ = context.now(), context.the_bin()
    with writing():
        if not presence.wanted():
            return None
        member = members.enrol(
            form.get("name", ""), form.get("number", ""), now, "eerste start", language=bin_.language,
            role=Role.COORDINATOR, consent="coördinator",
        )  # fmt: skip
        if form.get("resident"):
            members.confirm_residence(member, bin_.local(now).date(), now, "eerste start")
        username = accounts.free_name(member.name)
        accounts.create(member, username, now, "eerste start", form.get("password", ""))
    return accounts.by_name(username)
