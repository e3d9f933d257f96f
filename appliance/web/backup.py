"""Backups from the page (S19): how old the last one is, a new one to take away, and for which key.

Restoring is not here: it replaces the database under three running services, so it belongs to the command line, with
the services stopped (`appliance restore`), or to the first run of an empty box (`first_run`).
"""

import tempfile
from pathlib import Path

import segno
from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from appliance import audit, bookmarks, health, store
from appliance.upkeep import backup, key_words, retention
from appliance.upkeep.backup import BadBackup
from appliance.web import context
from appliance.web.show import language
from appliance.web.words import gettext as _

bp = Blueprint("backup", __name__, url_prefix="/reservekopie")


@bp.get("")
def index() -> ResponseReturnValue:
    """How it stands with the copies outside the box."""
    return _page()


def _page(error: str = "") -> str:
    return render_template(
        "backup.html",
        last=health.last_backup(),
        nightly=bookmarks.last(bookmarks.NIGHTLY),
        key=backup.known(),
        old=retention.old_backups(),
        error=error,
    )


@bp.post("")
def make() -> ResponseReturnValue:
    """One file with all that is on the box, readable only with the secret key. Nothing of it stays here."""
    key, now, bin_ = backup.known(), context.now(), context.the_bin()
    if key is None:
        return _page(_("Kies eerst een sleutel.")), 422
    with tempfile.TemporaryDirectory(dir=store.own()) as folder:
        file = Path(folder) / "kopie"
        try:
            header = backup.write(file, key.recipient, bin_.name, now)
        except BadBackup:
            return _page(_("Er is geen plaats om de kopie te maken. Kijk bij Toestel.")), 507
        with store.writing():
            audit.record(context.who(), "backed up", "", now, header.log_head[:8])
        opened = file.open("rb")  # its name goes with the folder, its content with the answer
    name = f"bin-kast-{bin_.local(now):%Y-%m-%d-%H%M}.age"
    return send_file(opened, "application/octet-stream", as_attachment=True, download_name=name, max_age=0)


@bp.post("/sleutel")
def new_key() -> ResponseReturnValue:
    """A new key pair; the secret half is shown once, for paper, so there is no redirect."""
    recipient, secret = backup.draw_key()
    backup.know(recipient, context.now(), context.who())
    picture = segno.make(secret).svg_data_uri(scale=4, border=3, dark="#000", light="#fff")
    words = key_words.words_of(secret, language())
    return render_template("backup_key.html", recipient=recipient, secret=secret, picture=picture, words=words)


@bp.post("/gekende-sleutel")
def own_key() -> ResponseReturnValue:
    """The key that somebody has already, by its public half."""
    try:
        backup.know(request.form.get("recipient", ""), context.now(), context.who())
    except BadBackup:
        return _page(_("Dit is geen openbare sleutel. Hij begint met age1.")), 422
    flash(_("De kast maakt nu kopieën voor die sleutel."), "good")
    return redirect(url_for(".index"))
