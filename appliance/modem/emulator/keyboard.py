"""What a client has typed at the port and the modem has not taken yet. No I/O."""

import re

_LONGEST_LINE = 2_000


class Keyboard:
    """Octets come in by `type`, pieces go out by `piece`, whole lines by `line`."""

    def __init__(self) -> None:
        self._waiting, self._line = bytearray(), bytearray()

    def __bool__(self) -> bool:
        """Whether anything waits that was not taken."""
        return bool(self._waiting)

    def type(self, octets: bytes) -> None:
        """*octets* wait."""
        self._waiting += octets

    def clear(self) -> None:
        """Nothing was typed."""
        self._waiting.clear()
        self._line.clear()

    def piece(self, ends: bytes) -> bytes:
        """What waits, up to and with the first of *ends*, or all of it; it has been added to the line."""
        found = re.search(b"[" + ends + b"]", self._waiting)
        piece = bytes(self._waiting[: found.end() if found else len(self._waiting)])
        del self._waiting[: len(piece)]
        self._line += piece
        del self._line[:-_LONGEST_LINE]
        return piece

    def line(self) -> bytes:
        """All pieces since the last line; the next one begins."""
        line = bytes(self._line)
        self._line.clear()
        return line
