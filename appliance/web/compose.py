"""A coordinator writes an alert: choose the class, type the text, check, send once."""

import re
import secrets
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from appliance import alerts, audit
from appliance.alerts import MessageClass, NobodyToTell, Source
from appliance.models import Alert, Audit
from appliance.segments import BadText, Split, fold, name, split
from appliance.store import writing
from appliance.web import context, outlook
from appliance.web.words import gettext as _

bp = Blueprint("compose", __name__)

MAY_WRITE = (MessageClass.URGENT, MessageClass.PREVENTIVE, MessageClass.TEST, MessageClass.ORGANISATION)
LONGEST = 2_000  # characters: the draft travels in the session cookie, which holds 4 KB
DRAFT = "draft"
TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Count:
    """What the text costs, as the page says it: from the server, which decides."""

    split: Split | None
    error: str
    recipients: int
    segments: int
    foldable: bool

    @property
    def culprits(self) -> list[str]:
        """The characters that make it dear, by name."""
        return [name(character) for character in self.split.culprits] if self.split else []


@bp.get("/nieuw")
def write() -> ResponseReturnValue:
    """The form, empty or with the draft of this browser."""
    draft = session.get(DRAFT) or {"token": secrets.token_hex(16), "message_class": "", "text": "", "told_101": False}
    return render_template("compose.html", draft=draft, classes=MAY_WRITE, count=None)


@bp.post("/nieuw")
def check_text() -> ResponseReturnValue:
    """Count again, make it cheaper, or go on: whichever button it was."""
    draft = _from_form()
    action = request.form.get("action", "next")
    if action == "fold":
        draft["text"] = fold(str(draft["text"]))
    if action in ("count", "fold"):
        return render_template("compose.html", draft=draft, classes=MAY_WRITE, count=_count(draft))
    error = _refusal(draft)
    if error:
        return render_template("compose.html", draft=draft, classes=MAY_WRITE, count=None, error=error), 422
    session[DRAFT] = draft
    return redirect(url_for(".check"))


@bp.post("/nieuw/tellen")
def count() -> ResponseReturnValue:
    """The line under the text, for the script that asks while somebody types. Changes nothing."""
    return render_template("_count.html", count=_count(_from_form()))


def _from_form() -> dict[str, object]:
    """What was typed. Browsers end lines with CR LF; a telephone wants LF, and CR would cost a character each."""
    token = request.form.get("token", "")
    return {
        "token": token if TOKEN.fullmatch(token) else secrets.token_hex(16),
        "message_class": request.form.get("message_class", ""),
        "text": request.form.get("text", "").replace("\r\n", "\n").strip(),
        "told_101": bool(request.form.get("told_101")),
    }


def _refusal(draft: dict[str, object]) -> str:
    """Why this cannot go on to the check page; empty when it can."""
    if draft["message_class"] not in MAY_WRITE:
        return _("Kies eerst welk soort bericht het is.")
    if draft["message_class"] == MessageClass.URGENT and not draft["told_101"]:
        return _("Bel eerst 101. Vink aan dat de politie verwittigd is; daarna kunt u verder.")
    try:
        split(str(draft["text"]))
        outlook.of(_unsaved(draft), context.now(), context.the_bin())
    except BadText as bad:
        return str(bad)
    return _("De tekst is te lang.") if len(str(draft["text"])) > LONGEST else ""


def _unsaved(draft: dict[str, object]) -> Alert:
    return outlook.draft(str(draft["message_class"]), str(draft["text"]), context.who(), context.now())


def _count(draft: dict[str, object]) -> Count:
    """The cost of the whole text as members get it, label and question included."""
    if draft["message_class"] not in MAY_WRITE:
        draft = draft | {"message_class": MessageClass.ORGANISATION}
    text = str(draft["text"])
    try:
        seen = outlook.of(_unsaved(draft), context.now(), context.the_bin())
        return Count(split(text), "", seen.recipients, seen.per_member, fold(text) != text)
    except BadText as bad:
        return Count(None, str(bad), 0, 0, fold(text) != text)


@bp.get("/nieuw/nakijken")
def check() -> ResponseReturnValue:
    """What the members will get, before anything exists."""
    draft = session.get(DRAFT)
    if not draft:
        return redirect(url_for(".write"))
    seen = outlook.of(_unsaved(draft), context.now(), context.the_bin())
    return render_template(
        "check.html", alert=_unsaved(draft), outlook=seen, token=draft["token"], send_to=url_for(".send"),
        back_to=url_for(".write"),
    )  # fmt: skip


@bp.post("/nieuw/versturen")
def send() -> ResponseReturnValue:
    """One alert per form, however often the button is pressed: the token is in the commit that makes the alert."""
    token, draft = request.form.get("token", ""), session.get(DRAFT)
    sent = sent_with(token)
    if sent:
        session.pop(DRAFT, None)
        return redirect(url_for("alerts.show_one", id_=sent))
    if not draft or draft["token"] != token:
        flash(_("Dit bericht is intussen gewijzigd. Kijk het nog eens na."), "mind")
        return redirect(url_for(".check"))
    try:
        id_ = create_and_forward(draft)
    except NobodyToTell:
        flash(_("Er is niemand om dit naar te sturen. Voeg eerst leden met toestemming toe."), "bad")
        return redirect(url_for(".check"))
    session.pop(DRAFT, None)
    return redirect(url_for("alerts.show_one", id_=id_))


def sent_with(token: str) -> int | None:
    """The alert that was made with this form's token, or None."""
    row = Audit.get_or_none((Audit.verb == "composed") & (Audit.detail == token)) if TOKEN.fullmatch(token) else None
    return int(row.subject.removeprefix("alert ")) if row else None


def create_and_forward(draft: dict[str, object]) -> int:
    """The alert of *draft* exists, once, and is promised to its recipients; its id. Raises NobodyToTell."""
    now, bin_, by, token = context.now(), context.the_bin(), context.who(), str(draft["token"])
    with writing():
        sent = sent_with(token)  # again, now that nobody else writes
        if sent:
            return sent
        message_class = MessageClass(str(draft["message_class"]))
        alert = alerts.create(message_class, Source.COORDINATOR, str(draft["text"]), by, now, bin_)
        audit.record(by, "composed", f"alert {alert.id}", now, token)
        alerts.forward(alert, by, "page", now, bin_)
    return int(alert.id)
