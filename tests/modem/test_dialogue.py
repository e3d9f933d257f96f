"""The dialogue, whatever stands between its lines and wherever an answer is cut: each packet is one read."""

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from appliance.modem.dialogue import Deadlines, Dialogue
from appliance.modem.unasked import Unasked

QUICK = Deadlines(prompt=5, submit=5, rest=5, answer=5)
PDU = "0011000B912374000000F10000A706C7B2BC4C6601"
PROMPT = [b"AT+CMGS=20\r", b"\r\n", b"> "]
OUTCOME = [b"\r\n+CMGS: 12\r\n", b"\r\nOK\r\n"]
ANSWER = [b"AT+CSQ\r", b"\r\n+CSQ: 19,99\r\n", b"\r\nOK\r\n"]
UNASKED = [
    b"\r\n+CMTI: \"SM\",1\r\n", b"\r\nRING\r\n", b"\r\n^RSSI:19\r\n", b"\r\nOVER-VOLTAGE WARNNING\r\n",
    b"\r\n+CDS: 25\r\n07912374151616F606400B912374000000F1627041905070806270419050228000\r\n",
    b'\r\n+CUSD: 0,"12,50 EUR",15\r\n', b"\r\nNO CARRIER\r\n",
]  # fmt: skip


@contextmanager
def modem(*answers: Sequence[bytes]) -> Iterator[tuple[Dialogue, Unasked]]:
    """Gives one of *answers* to each thing that is written whole; each of its pieces is read by itself."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def serve() -> None:
        for answer in answers:
            while (said := theirs.recv(4096)) and not said.endswith((b"\r", b"\x1a")):
                pass
            for piece in answer:
                theirs.send(piece)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    ours.setblocking(False)
    heard = Unasked()
    yield Dialogue(ours.fileno(), heard), heard
    thread.join(5)
    ours.close()
    theirs.close()


def submitted(prompt: Sequence[bytes], outcome: Sequence[bytes]) -> int | None:
    with modem(prompt, outcome) as (talk, _):
        talk.prompt("AT+CMGS=20", QUICK.prompt)
        return talk.hand_over(PDU, QUICK.submit, QUICK.rest)


def cut(whole: bytes, at: int) -> list[bytes]:
    return [piece for piece in (whole[:at], whole[at:]) if piece]


def test_an_answer_may_be_cut_at_any_octet() -> None:
    for at in range(len(b"".join(OUTCOME))):
        assert submitted(PROMPT, cut(b"".join(OUTCOME), at)) == 12
    for at in range(len(b"".join(PROMPT))):
        assert submitted(cut(b"".join(PROMPT), at), OUTCOME) == 12
    for at in range(len(b"".join(ANSWER))):
        with modem(cut(b"".join(ANSWER), at)) as (talk, _):
            assert talk.ask("AT+CSQ", QUICK.answer) == ["+CSQ: 19,99"]


@pytest.mark.parametrize("line", UNASKED, ids=lambda line: line.decode().split()[0])
def test_an_unasked_line_may_stand_anywhere_and_be_cut_at_any_octet(line: bytes) -> None:
    for place in range(len(OUTCOME) + 1):
        whole = b"".join([*OUTCOME[:place], line, *OUTCOME[place:]])
        assert submitted(PROMPT, [whole]) == 12
    for place in range(len(PROMPT)):
        assert submitted([*PROMPT[:place], line, *PROMPT[place:]], OUTCOME) == 12
    for at in range(len(line)):
        assert submitted(PROMPT, [*cut(line, at), *OUTCOME]) == 12


@pytest.mark.parametrize("line", [UNASKED[0], UNASKED[1], UNASKED[4]], ids=["text", "call", "report"])
def test_what_matters_is_heard_wherever_it_stands(line: bytes) -> None:
    for place in range(len(ANSWER) + 1):
        with modem([b"".join([*ANSWER[:place], line, *ANSWER[place:]])]) as (talk, heard):
            said = talk.ask("AT+CSQ", QUICK.answer)
            talk.listen()
            assert said == ["+CSQ: 19,99"]
            assert heard.waiting


def test_a_socket_keeps_packets_apart() -> None:
    """Otherwise the tests above would prove nothing."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.send(b"a")
    theirs.send(b"b")
    assert (os.read(ours.fileno(), 9), os.read(ours.fileno(), 9)) == (b"a", b"b")
    ours.close()
    theirs.close()
