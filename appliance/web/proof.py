"""Before something sensitive: prove once more who you are, by password or passkey, and before the button, not after."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from appliance.web import auth, context, sessions
from appliance.web.guard import own_page
from appliance.web.words import gettext as _

bp = Blueprint("proof", __name__)

SENDING = timedelta(hours=12)  # facts/ux 3.5
SENSITIVE = timedelta(minutes=5)

# How old the last proof may be. What is not here needs none but being logged in; stopping never does.
WITHIN = {
    "alerts.check": SENDING, "alerts.judge": SENDING, "alerts.forward": SENDING,
    "compose.check": SENDING, "compose.send": SENDING, "compose.later": SENDING, "countdown.now": SENDING,
    "running.repeat": SENDING, "running.go_on": SENDING, "prints.calls": SENSITIVE,
    "members.add_form": SENDING, "members.add": SENDING, "members.remove_form": SENDING, "members.remove": SENDING,
    "access.password_form": SENSITIVE, "access.password": SENSITIVE,
    "access.app_form": SENSITIVE, "access.app": SENSITIVE, "access.app_off": SENSITIVE,
    "access.sheet_form": SENSITIVE, "access.sheet": SENSITIVE,
    "passkeys.new_form": SENSITIVE, "passkeys.offer": SENSITIVE, "passkeys.keep": SENSITIVE,
    "passkeys.forget": SENSITIVE, "prints.phone_list": SENSITIVE,
    "members.show": SENDING, "members.change": SENDING, "members.renumber": SENDING, "members.second": SENDING,
    "members.let_in": SENSITIVE,
    "members.sheet": SENSITIVE, "members.erase_form": SENSITIVE, "members.erase": SENSITIVE,
    "asked.index": SENDING, "asked.accept": SENDING, "asked.refuse": SENDING, "asked.welcome": SENDING,
    "lists.index": SENDING, "lists.bring": SENDING, "lists.report": SENDING, "lists.apply": SENDING,
    "lists.wrong_rows": SENDING, "lists.undo": SENDING, "lists.export_form": SENSITIVE, "lists.export": SENSITIVE,
    "police.index": SENSITIVE, "police.add_form": SENSITIVE, "police.add": SENSITIVE, "police.renew_form": SENSITIVE,
    "police.renew": SENSITIVE, "police.revoke_form": SENSITIVE, "police.revoke": SENSITIVE,
    "settings.network_form": SENDING, "settings.network": SENDING,
    "logo.choose": SENDING, "logo.form": SENDING,
    "log.export": SENSITIVE, "backup.make": SENSITIVE, "backup.new_key": SENSITIVE, "backup.own_key": SENSITIVE,
    "status.install": SENSITIVE,
    "handover.index": SENSITIVE, "handover.add": SENSITIVE, "handover.remove": SENSITIVE,
    "handover.resident": SENSITIVE,
}  # fmt: skip


def install(app: Flask) -> None:
    """No endpoint of WITHIN answers to whoever has not proved himself recently enough. After `auth.install`."""
    app.before_request(require)
    app.register_blueprint(bp)


def require() -> ResponseReturnValue | None:
    """The page that asks for a proof, when this request needs one; it leads back to where the person was."""
    within, device = WITHIN.get(request.endpoint or ""), sessions.device()
    if within is None or device is None or context.now() - device.proven_at <= within:
        return None
    return redirect(url_for("proof.form", next=_back()))


def _back() -> str:
    """The page that was asked for, or, for a form, the page on which it stands."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    parts = urlsplit(request.referrer or "")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"


@bp.get("/bevestigen")
def form() -> ResponseReturnValue:
    """One question, whether it is still the same person."""
    return render_template("proof.html", next=own_page(request.args.get("next", "")))


@bp.post("/bevestigen")
def confirm() -> ResponseReturnValue:
    """Proven, and back; or the same question with the one sentence for every failure."""
    wanted, now = own_page(request.form.get("next", "")), context.now()
    keys = auth.keys_of(current_user.username, current_user, auth.known_device())
    wait = auth.attempt(keys, current_user, auth.known_device(), now)
    if not wait and auth.is_password(current_user, request.form.get("password", "")):
        auth.forgive(keys, current_user)
        sessions.prove()
        return redirect(wanted)
    wait = wait or auth.waiting_time(keys, current_user, auth.known_device(), now)
    error = auth.failure_text(wait, _("Dit wachtwoord klopt niet."))
    return render_template("proof.html", next=wanted, error=error), 422
