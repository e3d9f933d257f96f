"""What came in from the network: kept under a unique key first, acted on after."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from appliance import store
from appliance.arrivals import Arrival as Incoming
from appliance.arrivals import Oddity, Report, Ring, Text
from appliance.models import Arrival

PART_WAIT = timedelta(minutes=10)  # then an incomplete text is acted on as it is
PART_WINDOW = timedelta(hours=24)  # parts of one text are never further apart
UNMATCHED_WAIT = timedelta(seconds=60)  # a delivery report may be read before the submit it is about was settled
LOOK_AGAIN = timedelta(seconds=5)
TRIES = 3  # an arrival that breaks intake so often is set aside for a human
BATCH = 50


class Standing(StrEnum):
    """How far an arrival is."""

    KEPT = "kept"
    ACTED = "acted"
    ASIDE = "aside"  # broke intake, or could not be read: shown on the page


def keep(arrivals: Sequence[Incoming], modem: str, now: datetime) -> None:
    """Commit point 1: *arrivals* are in the store and may be discarded from the modem. Known ones are skipped."""
    with store.writing():
        for arrival in arrivals:
            Arrival.insert(modem=modem, received_at=now, **_columns(arrival, now)).on_conflict_ignore().execute()


def _columns(arrival: Incoming, now: datetime) -> dict[str, Any]:
    match arrival:
        case Text():
            return _text_columns(arrival, now)
        case Report():
            key = _key("report", arrival.number, arrival.reference, arrival.status, arrival.sent_at, arrival.raw)
            return {
                "key": key, "kind": "report", "number": arrival.number, "message_reference": arrival.reference,
                "status": arrival.status, "sent_at": arrival.sent_at, "pdu": arrival.raw,
            }  # fmt: skip
        case Ring():
            return {"key": _key("ring", arrival.number, arrival.at), "kind": "ring", "number": arrival.number}
        case Oddity():
            return {
                "key": _key("oddity", arrival.raw, now.date()), "kind": "oddity", "pdu": arrival.raw,
                "text": arrival.why, "state": Standing.ASIDE,
            }  # fmt: skip


def _text_columns(arrival: Text, now: datetime) -> dict[str, Any]:
    part = arrival.concatenation
    # the network sends a text again when its acknowledgement was lost: same sender, time and words (and part).
    # Without a usable time stamp the day stands in for it.
    when = arrival.sent_at or now.date()
    place = (part.reference, part.total, part.sequence) if part else ()
    return {
        "key": _key("text", arrival.number, arrival.raw if arrival.binary else arrival.text, when, *place),
        "kind": "text", "number": arrival.number, "alphanumeric": arrival.alphanumeric,
        "text": storable(arrival.text), "binary": arrival.binary,
        "sent_at": arrival.sent_at, "pdu": arrival.raw,
        "concat_reference": part.reference if part else None, "concat_bits": part.bits if part else 8,
        "total": part.total if part else 1, "sequence": part.sequence if part else 1,
    }  # fmt: skip


def _key(*content: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, content)).encode("utf-8", "surrogatepass")).hexdigest()


LONE = range(0xD800, 0xE000)  # half of an emoji: a text may be cut between its two UTF-16 halves
SHELTER = 0xF0000 - LONE.start  # where a half waits for the other one: no database takes it as it is


def storable(text: str) -> str:
    """*text* with lone surrogates moved to private characters, which `whole` moves back."""
    return "".join(chr(ord(c) + SHELTER) if ord(c) in LONE else c for c in text).replace("\0", "\N{SYMBOL FOR NULL}")


def whole(parts: Sequence[str]) -> str:
    """The stored *parts* of one text as one: halves that meet become a character, others a replacement sign."""
    joined = "".join(chr(ord(c) - SHELTER) if ord(c) - SHELTER in LONE else c for part in parts for c in part)
    return joined.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def waiting(now: datetime) -> list[Arrival]:
    """Arrivals to act on, oldest first, in a bounded batch."""
    due = (Arrival.state == Standing.KEPT) & (Arrival.due_at.is_null() | (Arrival.due_at <= now))
    if not Arrival.select().where(due).exists():  # at each step: to name all columns takes longer than to ask
        return []
    return list(Arrival.select().where(due).order_by(Arrival.id).limit(BATCH))


def siblings(part: Arrival) -> list[Arrival]:
    """All parts so far of the text that *part* belongs to, itself included, by sequence.

    Phones use a reference again (256 of them): a place that is taken already, by other words, begins a new text.
    """
    same = (
        (Arrival.kind == "text")
        & (Arrival.number == part.number)
        & (Arrival.concat_reference == part.concat_reference)
        & (Arrival.concat_bits == part.concat_bits)
        & (Arrival.total == part.total)
        & (Arrival.state == Standing.KEPT)
        & (Arrival.received_at > part.received_at - PART_WINDOW)
    )
    texts: list[dict[int, Arrival]] = []
    for arrival in Arrival.select().where(same).order_by(Arrival.id):
        newest_first = (text for text in reversed(texts) if arrival.sequence not in text)
        text = next(newest_first, None)
        if text is None:
            texts.append(text := {})
        text[arrival.sequence] = arrival
    own = next(text for text in texts if text.get(part.sequence) == part)
    return [own[sequence] for sequence in sorted(own)]


MISSING = "[...]"


def joined(parts: Sequence[Arrival]) -> str:
    """The *parts* of one text, by sequence, as one; where parts never came it says so."""
    texts = {part.sequence: part.text for part in parts}
    return whole([texts.get(place, MISSING) for place in range(1, parts[0].total + 1)])


def count_try(arrival: Arrival) -> None:
    """Before acting: so that an arrival that breaks intake is set aside after TRIES, not met for ever."""
    with store.writing():
        arrival.attempts += 1
        if arrival.attempts > TRIES:
            arrival.state = Standing.ASIDE
        arrival.save()
