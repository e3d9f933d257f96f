"""A coordinator writes an alert: choose the class, type the text, check, send once."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from appliance import alerts, audit, lint
from appliance.alerts import BadTarget, MessageClass, NobodyToTell, Source, countdown, drafts, target
from appliance.lint import Remark
from appliance.models import Alert, Audit, Draft
from appliance.people import members
from appliance.segments import BadText, Split, fold, name, split
from appliance.store import writing
from appliance.web import context, outlook, reading, show
from appliance.web.alerts import next_time
from appliance.web.words import gettext as _
from appliance.web.words import told

bp = Blueprint("compose", __name__)

MAY_WRITE = (MessageClass.URGENT, MessageClass.PREVENTIVE, MessageClass.TEST, MessageClass.ORGANISATION)
LONGEST = 2_000  # characters
DRAFT = "draft"  # in the session: the token of what this browser is writing
DEAR = frozenset({"parts", "letters"})  # remarks that the count makes
ASKS_A_TICK = "inquiry"  # the remark that asks for a tick: nothing of an investigation is in it (R87)
IN_A_HURRY = frozenset({"place", "call_101"})  # remarks that only an urgent text deserves
TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Count:
    """What the text costs, as the page says it: from the server, which decides."""

    split: Split | None
    error: str
    recipients: int
    segments: int
    foldable: bool
    remarks: tuple[Remark, ...] = ()

    @property
    def culprits(self) -> list[str]:
        """The characters that make it dear, by name."""
        return [name(character) for character in self.split.culprits] if self.split else []


@bp.get("/nieuw")
def write() -> ResponseReturnValue:
    """The form, empty or with what this browser was writing, and the way to what was left elsewhere."""
    return _form(_current() or _draft())


def _current() -> Draft | None:
    """What this browser is writing."""
    return drafts.with_token(session.get(DRAFT, ""), current_user)


def _form(draft: Draft, **more: object) -> str:
    """The form with *draft* in it."""
    others = [other for other in drafts.of(current_user) if other.token != draft.token]
    values: dict[str, object] = {"classes": MAY_WRITE, "count": None, "about": _about(draft), "others": others} | more
    values["corrects"] = _corrects(draft)
    values |= {"streets": members.streets(), "chosen": _streets(draft)}
    return render_template("compose.html", draft=draft, **values)


def _draft(
    message_class: str = "", text: str = "", about: Alert | None = None, *, told_101: bool = False,
    streets: Sequence[str] = (),
) -> Draft:  # fmt: skip
    """Something new to write, of whoever is logged in."""
    return Draft(
        account=current_user.id, token=secrets.token_hex(16), message_class=message_class, text=text,
        told_101=told_101, about=about, streets="\n".join(streets),
    )  # fmt: skip


def _take_up(draft: Draft) -> None:
    """*draft* is what this browser is writing."""
    draft = drafts.like(draft) or draft  # pressed twice
    drafts.keep(draft, context.now())
    session[DRAFT] = draft.token


def _streets(draft: Draft) -> list[str]:
    """The streets that *draft* is for; none means everybody."""
    return str(draft.streets).splitlines()


def keep(alert: Alert) -> None:
    """What was stopped can be written on by whoever stopped it, and sent as a new alert."""
    streets = alerts.streets_of(alert)
    _take_up(_draft(alert.message_class, alert.original, alert.about, told_101=True, streets=streets))


def begin(message_class: MessageClass, text: str) -> None:
    """What this browser writes is *text*; nothing has left yet."""
    _take_up(_draft(message_class, text, told_101=True))


def answer_to(alert: Alert, text: str) -> None:
    """What this browser writes is *text*, for exactly those who got *alert*."""
    _take_up(_draft(MessageClass.FEEDBACK, text, alert, told_101=True))


def _about(draft: Draft) -> Alert | None:
    """The alert whose outcome *draft* tells; none when that did not leave."""
    return draft.about if draft.about and draft.about.state in reading.SENT else None


def _corrects(draft: Draft) -> bool:
    """Whether *draft* still begins as a correction does: the page is headed so."""
    about, bin_ = _about(draft), context.the_bin()
    return about is not None and draft.text.startswith(alerts.correction(about, bin_.language, bin_).strip())


@bp.post("/nieuw")
def check_text() -> ResponseReturnValue:
    """Count again, make it cheaper, begin anew, or go on: whichever button it was."""
    draft = _from_form()
    action = request.form.get("action", "next")
    if action == "fold":
        draft.text = fold(draft.text)
    _keep_unsent(draft)
    if action == "new":
        return _anew(draft)
    session[DRAFT] = draft.token
    if action in ("count", "fold"):
        return _form(draft, count=_count(draft))
    error = _refusal(draft)
    return (_form(draft, error=error, count=_count(draft)), 422) if error else redirect(url_for(".check"))


def _anew(draft: Draft) -> ResponseReturnValue:
    """An empty form; what was typed so far is left for later."""
    if not draft.text:
        drafts.drop(draft.token, current_user)
    session.pop(DRAFT, None)
    return redirect(url_for(".write"))


@bp.post("/nieuw/tellen")
def count() -> ResponseReturnValue:
    """The line under the text, for the script that asks while somebody types; what he typed so far is kept."""
    draft = _from_form()
    _keep_unsent(draft)
    return render_template("_count.html", count=_count(draft), draft=draft)


def _keep_unsent(draft: Draft) -> None:
    """A script that is late, or a second tab, does not bring back what was sent."""
    if not sent_with(draft.token):
        drafts.keep(draft, context.now())


@bp.post("/nieuw/verder/<int:id_>")
def take_up(id_: int) -> ResponseReturnValue:
    """Goes on, in this browser, with a text that was left here or on another device."""
    session[DRAFT] = _mine_or_404(id_).token
    return redirect(url_for(".write"))


@bp.post("/nieuw/weg/<int:id_>")
def throw_away(id_: int) -> ResponseReturnValue:
    """A text that was never sent is gone."""
    drafts.drop(_mine_or_404(id_).token, current_user)
    flash(_("Weggegooid."), "calm")
    return redirect(url_for("alerts.index"))


def _mine_or_404(id_: int) -> Draft:
    found = Draft.get_or_none((Draft.id == id_) & (Draft.account == current_user.id))
    return found or abort(404)


def _from_form() -> Draft:
    """What was typed. Browsers end lines with CR LF; a telephone wants LF, and CR would cost a character each."""
    form = request.form
    text = form.get("text", "").replace("\r\n", "\n").strip()
    about = Alert.get_or_none(Alert.id == form.get("about", type=int))
    streets = [street for street in form.getlist("streets") if street][: target.MOST + 1]
    draft = _draft(form.get("message_class", ""), text, about, told_101=bool(form.get("told_101")), streets=streets)
    if TOKEN.fullmatch(form.get("token", "")):
        draft.token = form["token"]
    return draft


def _refusal(draft: Draft) -> str:
    """Why this cannot go on to the check page; empty when it can."""
    if not _may_be_written(draft):
        return _("Kies eerst welk soort bericht het is.")
    if draft.message_class == MessageClass.URGENT and not draft.told_101:
        return _("Bel eerst 101. Vink aan dat de politie verwittigd is; daarna kunt u verder.")
    try:
        target.chosen(MessageClass(draft.message_class), _streets(draft))
        split(draft.text)
        outlook.of(_unsaved(draft), context.now(), context.the_bin())
    except (BadText, BadTarget) as bad:
        return told(bad)
    if len(draft.text) > LONGEST:
        return _("De tekst is te lang.")
    return _("Vink aan dat er niets in staat over het onderzoek.") if _needs_tick(draft) else ""


def _needs_tick(draft: Draft) -> bool:
    """Whether its words make one ask, and nobody has said. What is urgent never waits for a tick."""
    if draft.message_class == MessageClass.URGENT or request.form.get("nothing_secret"):
        return False
    return ASKS_A_TICK in {remark.rule for remark in remarks(draft)}


def _may_be_written(draft: Draft) -> bool:
    """How something ended is told to those who heard that it began; everything else is told to everybody."""
    return draft.message_class in ((MessageClass.FEEDBACK,) if _about(draft) else MAY_WRITE)


def _unsaved(draft: Draft) -> Alert:
    about = _about(draft)
    return outlook.draft(draft.message_class, draft.text, context.who(), context.now(), about, draft.streets)


def _count(draft: Draft) -> Count:
    """The cost of the whole text as members get it, label and question included."""
    if not _may_be_written(draft):
        draft = Draft(**(draft.__data__ | {"message_class": MessageClass.ORGANISATION}))
    text = draft.text
    try:
        seen = outlook.of(_unsaved(draft), context.now(), context.the_bin())
        return Count(split(text), "", seen.recipients, seen.per_member, fold(text) != text, remarks(draft))
    except BadText as bad:
        return Count(None, told(bad), 0, 0, fold(text) != text)


def remarks(draft: Draft) -> tuple[Remark, ...]:
    """What may be better in the text of *draft*: never a block. The count itself says what makes it dear."""
    skipped = DEAR if draft.message_class == MessageClass.URGENT else DEAR | IN_A_HURRY
    found = lint.warnings(draft.text, typed_by_hand=True, language=show.language())
    return tuple(remark for remark in found if remark.rule not in skipped)


@bp.get("/nieuw/nakijken")
def check() -> ResponseReturnValue:
    """What the members will get, before anything exists."""
    draft = _current()
    if draft is None:
        return redirect(url_for(".write"))
    alert = _unsaved(draft)
    seen = outlook.of(alert, context.now(), context.the_bin())
    return render_template(
        "check.html", alert=alert, outlook=seen, token=draft.token, send_to=url_for(".send"),
        back_to=url_for(".write"), seconds=countdown.seconds(MessageClass(draft.message_class)),
        remarks=remarks(draft), again=reading.sent_lately(alert, context.now()),
    )  # fmt: skip


@bp.post("/nieuw/versturen")
def send() -> ResponseReturnValue:
    """One alert per form, however often the button is pressed: the token is in the commit that makes the alert."""
    token, draft = request.form.get("token", ""), _current()
    sent = sent_with(token)
    if sent:
        return redirect(url_for("alerts.show_one", id_=sent))
    if not draft or draft.token != token:
        flash(_("Dit bericht is intussen gewijzigd. Kijk het nog eens na."), "mind")
        return redirect(url_for(".check"))
    try:
        id_ = create_for(draft)
    except NobodyToTell:
        flash(_("Er is niemand om dit naar te sturen. Voeg eerst leden met toestemming toe."), "bad")
        return redirect(url_for(".check"))
    return redirect(url_for("alerts.show_one", id_=id_))


@bp.post("/nieuw/later")
def later() -> ResponseReturnValue:
    """It leaves by itself at the hour that was chosen, once; until then anybody can stop it. Not for what is urgent."""
    draft = _current()
    until = next_time(request.form.get("until", ""), context.the_bin().local(context.now()))
    if not draft or draft.token != request.form.get("token") or draft.message_class == MessageClass.URGENT:
        flash(_("Dit bericht is intussen gewijzigd. Kijk het nog eens na."), "mind")
        return redirect(url_for(".check"))
    if until is None:
        flash(_("Vul in om hoe laat het bericht moet vertrekken, bijvoorbeeld 18:30."), "bad")
        return redirect(url_for(".check"))
    id_ = create_for(draft, until)
    return redirect(url_for("alerts.show_one", id_=id_))


def sent_with(token: str) -> int | None:
    """The alert that was made with this form's token, or None."""
    row = Audit.get_or_none((Audit.verb == "composed") & (Audit.detail == token)) if TOKEN.fullmatch(token) else None
    return int(row.subject.removeprefix("alert ")) if row else None


def create_for(draft: Draft, until: datetime | None = None) -> int:
    """The alert of *draft* exists, once; leaves at *until*, else after its countdown. Its id. Raises NobodyToTell."""
    now, bin_, by, token = context.now(), context.the_bin(), context.who(), draft.token
    with writing():
        sent = sent_with(token)  # again, now that nobody else writes
        if sent:
            return sent
        known, streets = MessageClass(draft.message_class), _streets(draft)
        alert = alerts.create(
            known, Source.COORDINATOR, draft.text, by, now, bin_, about=_about(draft), streets=streets
        )
        audit.record(by, "composed", f"alert {alert.id}", now, token)
        drafts.drop(token, current_user)
        if until:
            alerts.delay(alert, until, by, "page", now, bin_)
        else:
            countdown.begin(alert, by, "page", now, bin_)
    return int(alert.id)
