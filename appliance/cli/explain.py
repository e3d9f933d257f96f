"""What the box would make of a text or a PDU, and why. Changes nothing, and needs no database."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click
import msgspec

from appliance import alerts, conversation, intake, phone, store, wording
from appliance.cli.parts import Parts, Refused, json_option, show
from appliance.conversation import Judgement, Reply, Who
from appliance.modem import pdu
from appliance.people import reachable
from appliance.people.members import LANGUAGES
from appliance.store import UnusableStore

LONGEST_LINE = 100_000  # octets of one line on standard input; what is beyond is a line of its own


@dataclass(frozen=True)
class Sender:
    """What the box knows of a number when a text comes from it."""

    who: Who = Who.MEMBER
    language: str | None = None
    window_open: bool = True
    our_texts: tuple[str, ...] = ()


@click.group("explain")
def explain_group() -> None:
    """What the box would make of a text or a PDU."""


@explain_group.command("text")
@click.argument("text")
@click.option("--from", "number", help="The sender; without it, a member who was just sent an alert.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the answer; else the member's, else the BIN's.")
@json_option
@click.pass_obj
def explain_text(parts: Parts, text: str, number: str | None, language: str | None, as_json: bool) -> None:
    """TEXT as if it came in now. With - for TEXT, each line of standard input, answered by a line of JSON."""
    sender_of = _senders(parts, number)

    def explained(line: str) -> dict[str, Any]:
        sender = sender_of(line)
        spoken = language or sender.language or parts.config.bin.language
        judged = conversation.judge(line, sender.who, sender.our_texts, sender.window_open, spoken)
        return _facts(judged, sender, spoken, parts)

    if text == "-":
        _line_by_line(explained)
    else:
        clean = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        show(explained(clean), as_json, _words)


def _facts(judged: Judgement, sender: Sender, language: str, parts: Parts) -> dict[str, Any]:
    here = parts.config.bin
    people = reachable.on_sms(language) if judged.reply is Reply.INFO and _store_is_there(parts) else ""
    reply = wording.answer(judged.reply, language, here.name, here.police_phone, people) if judged.reply else None
    return {
        "intent": judged.intent, "receipt": judged.receipt, "reply": reply, "why": judged.why, "who": sender.who,
        "language": language, "window_open": sender.window_open, "text_is_kept": not judged.wipe,
        "stop": judged.stop, "new_language": judged.language, "wrong_number": judged.wrong_number,
        "police": msgspec.to_builtins(judged.police), "decision": msgspec.to_builtins(judged.decision),
    }  # fmt: skip


def _words(facts: dict[str, Any]) -> str:
    receipt = "yes" if facts["receipt"] else "no"
    head = f"intent:  {facts['intent']} ({facts['why']})\nfrom:    {facts['who']}"
    return f"{head}\nreceipt: {receipt}\nreply:   {facts['reply'] or '-'}"


def _senders(parts: Parts, number: str | None) -> Callable[[str], Sender]:
    """Who it is that writes a line from *number*: of who is police and member, the line decides."""
    if number is None:
        return lambda _line: Sender()
    known = phone.network(number)
    if not phone.answerable(known):
        return lambda _line: Sender(Who.OPERATOR, window_open=False)
    if not _store_is_there(parts):
        return lambda _line: Sender()
    return lambda line: _sender(known, line, parts.now())


def _sender(number: str, line: str, now: datetime) -> Sender:
    """What is known of *number*; one that the store does not know is taken for a member's."""
    who, _contact, member = intake.whose(number, alphanumeric=False, text=line, now=now)
    if who is Who.UNKNOWN:
        return Sender()
    window_open = member is not None and alerts.newest_alert_to(number, now) is not None
    return Sender(who, member.language if member else None, window_open, tuple(intake.our_texts(number)))


def _store_is_there(parts: Parts) -> bool:
    url = parts.config.store.url
    if not store.is_shared(url) and not store.path_of(url).exists():  # opening would make an empty one
        return False
    try:
        parts.open()
    except UnusableStore:
        return False
    return True


@explain_group.command("pdu")
@click.argument("pdu_hex", metavar="HEX")
@json_option
def explain_pdu(pdu_hex: str, as_json: bool) -> None:
    """HEX as a modem prints it. With - for HEX, each line of standard input, answered by a line of JSON."""
    if pdu_hex == "-":
        _line_by_line(_described)
        return
    try:
        show(_described(pdu_hex), as_json, _pdu_words)
    except pdu.Malformed as error:
        raise Refused(f"not a PDU that can be read: {error}") from error


def _pdu_words(facts: dict[str, Any]) -> str:
    return "\n".join(f"{name:<16} {value}" for name, value in facts.items())


def _described(pdu_hex: str) -> dict[str, Any]:
    return dict(pdu.describe(pdu_hex.strip()))


def _line_by_line(explained: Callable[[str], dict[str, Any]]) -> None:
    """One line of JSON for each line that comes, at once, whatever it is."""
    for line in _lines():
        try:
            answer = explained(line)
        except pdu.Malformed as error:
            answer = {"error": str(error)}
        click.echo(msgspec.json.encode(answer))


def _lines() -> Iterator[str]:
    while octets := sys.stdin.buffer.readline(LONGEST_LINE):
        yield octets.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "replace")


COMMANDS: tuple[click.Command, ...] = (explain_group,)
