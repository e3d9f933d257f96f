"""The API for a program in the house: read how it is, and ask for an alert, which then waits for a coordinator.

docs/api.md and static/openapi.json are its manual. It knows tokens only: a browser that is logged in gets nothing here,
so no page elsewhere can make it ask. No names, no numbers, no texts of alerts leave by it: what reads them may well
pass them on to a cloud.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from flask import Blueprint, Flask, Response, abort, request
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect

from appliance import health
from appliance.access import tokens
from appliance.access.tokens import TooMany
from appliance.alerts import MessageClass
from appliance.alerts.progress import Progress
from appliance.models import Alert, Token
from appliance.segments import BadText
from appliance.web import context, reading

ROOT = "/api/v1"
LONGEST = 2_000  # characters, as on the page
COUNTED = ("recipients", "accepted", "reached", "confirmed", "failed", "possibly_twice")

bp = Blueprint("api", __name__, url_prefix=ROOT)


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request for an alert."""

    message_class: Literal["urgent", "preventive", "organisation", "test"] = msgspec.field(name="class")
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]


def install(app: Flask, csrf: CSRFProtect) -> None:
    """*app* answers programs that show a token."""
    csrf.exempt(bp)  # no cookie counts here, so there is nothing to forge
    app.register_blueprint(bp)


def asked() -> bool:
    """Whether this request is for the API, an address in it that does not exist included."""
    return request.path.startswith(f"{ROOT}/")


def problem(status: int, detail: str) -> Response:
    """What went wrong, as RFC 9457 has it."""
    answer = _json(
        {"status": status, "title": Response(status=status).status[4:].capitalize(), "detail": detail}, status
    )
    answer.content_type = "application/problem+json"
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


@bp.get("/status")
def status() -> ResponseReturnValue:
    """How the box is: the same verdict as the lamp's."""
    _token()
    verdict = health.read(context.now())
    return _json(
        {
            "level": verdict.level, "sentence": verdict.sentence("nl"), "troubles": list(verdict.troubles),
            "waiting": verdict.facts.waiting, "owed": verdict.facts.owed, "checked_at": _moment(verdict.checked_at),
            "modems": [_modem(modem) for modem in verdict.facts.modems],
        }
    )  # fmt: skip


def _modem(modem: health.ModemFacts) -> dict[str, Any]:
    names = ("name", "online", "registered", "operator", "technology", "signal_percent", "storage_percent")
    times = {"sent_at": _moment(modem.sent_at), "received_at": _moment(modem.received_at)}
    return {name: getattr(modem, name) for name in names} | times


@bp.get("/alerts/current")
def current() -> ResponseReturnValue:
    """The newest alert that went out, with its counts; null when there never was one."""
    _token()
    last = reading.last_sent()
    return _json({"alert": _alert(last.alert, last.progress) if last else None})


@bp.post("/alerts")
def ask() -> ResponseReturnValue:
    """The text waits for a coordinator: 201, or 200 when the very same text waits already."""
    token = _token()
    if not token.may_create:
        abort(403, "This token may only read. Make one with: appliance tokens add NAME --may-create")
    wanted = _wanted()
    try:
        alert, new = tokens.ask(
            token, MessageClass(wanted.message_class), wanted.text, context.now(), context.the_bin()
        )
    except BadText as error:
        abort(422, str(error))
    except TooMany as error:
        abort(429, str(error))
    return _json({"alert": _alert(alert, None)}, 201 if new else 200)


def _token() -> Token:
    kind, _, words = request.headers.get("Authorization", "").partition(" ")
    token = tokens.proven(words.strip()) if kind.casefold() == "bearer" else None
    return token or abort(401, "Show a token of this box: Authorization: Bearer bin_...")


def _wanted() -> Wanted:
    if request.mimetype != "application/json":
        abort(415, "The body must be JSON: Content-Type: application/json")
    try:
        return msgspec.json.decode(request.get_data(), type=Wanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        abort(422, f"The body is not as the manual says: {error}")


def _alert(alert: Alert, counted: Progress | None) -> dict[str, Any]:
    counts = {name: counted.counts[name] for name in COUNTED} if counted else None
    return {
        "id": alert.id, "class": alert.message_class, "state": alert.state, "created_at": _moment(alert.created_at),
        "decided_at": _moment(alert.decided_at), "counts": counts,
    }  # fmt: skip


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, content_type="application/json")
