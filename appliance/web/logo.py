"""The BIN's own logo: shown, chosen and taken away (R14). Only a PNG is taken, and it is written anew."""

from flask import Blueprint, Flask, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from appliance import logo, png
from appliance.png import BadPicture
from appliance.store import faults
from appliance.web import context
from appliance.web.words import gettext as _
from appliance.web.words import told

bp = Blueprint("logo", __name__)


def install(app: Flask) -> None:
    """Templates can ask for the logo: its address on the page, or all of it for a sheet."""
    app.context_processor(lambda: {"logo_on_page": _on_page, "logo_on_paper": logo.address})


def _on_page() -> str:
    """Where the logo is, another address after each change; empty without one, or where nobody is logged in."""
    try:
        at = logo.chosen_at() if current_user.is_authenticated else None
    except faults.failures():
        return ""
    return url_for("logo.image", v=int(at.timestamp())) if at else ""


@bp.get("/logo.png")
def image() -> ResponseReturnValue:
    """The picture itself."""
    return Response(logo.picture() or abort(404), content_type="image/png")


@bp.get("/instellingen/logo")
def form() -> ResponseReturnValue:
    """The logo as it is, and a form for another."""
    return _form()


def _form(error: str = "") -> str:
    return render_template("logo.html", error=error, most=png.LARGEST // 1000, widest=png.WIDEST)


@bp.post("/instellingen/logo")
def choose() -> ResponseReturnValue:
    """Another logo, or none."""
    if "remove" in request.form:
        logo.remove(context.now(), context.who())
        return redirect(url_for(".form"))
    file = request.files.get("file")
    data = file.read(png.LARGEST + 1) if file else b""
    if not data:
        return _form(_("Kies eerst een bestand.")), 422
    try:
        logo.choose(data, context.now(), context.who())
    except BadPicture as bad:
        return _form(told(bad)), 422
    flash(_("Bewaard."), "good")
    return redirect(url_for(".form"))
