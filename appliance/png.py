"""A picture from a stranger, made harmless: read to the last pixel, and written anew with its pixels alone. Pure.

Only PNG, and of it what every program writes: no animation, no interlace, no text, no colour profile.
Its size is known before a pixel is unpacked, and unpacking stops there.
"""

import struct
import zlib
from collections.abc import Iterator

from appliance.plain import Unfit, say

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST = 200_000  # octets of the file
WIDEST = 1_000  # pixels, each way
GREY, COLOURS, PALETTE, GREY_ALPHA, COLOURS_ALPHA = 0, 2, 3, 4, 6  # colour types
CHANNELS = {GREY: 1, COLOURS: 3, PALETTE: 1, GREY_ALPHA: 2, COLOURS_ALPHA: 4}
DEPTHS = {GREY: (1, 2, 4, 8, 16), COLOURS: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), COLOURS_ALPHA: (8, 16)}
COLOUR = 3  # octets of one in a palette
NEEDED = (b"IHDR", b"PLTE", b"IDAT")  # a chunk that must be understood, and is none of these, is not taken
FRAME = 12  # octets around the content of a chunk: length, name, checksum
FILTERS = 4  # the highest there is
HEADER = struct.Struct(">IIBBBBB")


class BadPicture(Unfit):
    """It is no picture that can be taken, and why."""


def harmless(data: bytes) -> bytes:
    """The picture in *data*, as a PNG of our own writing. Raises BadPicture."""
    if len(data) > LARGEST:
        raise BadPicture(say("De afbeelding is groter dan %(most)d kB. Maak ze kleiner."), most=LARGEST // 1000)
    if not data.startswith(SIGNATURE):
        raise BadPicture(say("Dit is geen png-afbeelding. Bewaar uw logo als png en kies dat bestand."))
    chunks = list(_chunks(data))
    header = chunks[0][1] if chunks and chunks[0][0] == b"IHDR" else b""
    if len(header) != HEADER.size:
        raise _broken()
    pixels = _pixels(header, b"".join(content for name, content in chunks if name == b"IDAT"))
    parts = [(b"IHDR", header), *_colours(header, dict(chunks)), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(_chunk(name, content) for name, content in parts)


def _broken() -> BadPicture:
    return BadPicture(
        say("De afbeelding is beschadigd of van een soort die de kast niet leest. Bewaar ze opnieuw als png.")
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each chunk up to the end, which must be the end. Raises BadPicture."""
    at = len(SIGNATURE)
    while at + FRAME <= len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        content, checksum = data[at + 8 : at + 8 + length], data[at + 8 + length : at + FRAME + length]
        at += FRAME + length
        if at > len(data) or zlib.crc32(name + content) != int.from_bytes(checksum):
            break
        if name == b"IEND" and not length and at == len(data):
            return
        if name == b"IEND" or (name[:1].isupper() and name not in NEEDED):
            break
        yield name, content
    raise _broken()


def _colours(header: bytes, chunks: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """The palette where the pixels need one, and what is see-through, each of the size that it must have."""
    depth, kind = header[8], header[9]
    palette, clear = chunks.get(b"PLTE", b""), chunks.get(b"tRNS", b"")
    if kind == PALETTE and (len(palette) % COLOUR or not COLOUR <= len(palette) <= COLOUR << depth):
        raise _broken()
    sizes = {GREY: {2}, COLOURS: {6}, PALETTE: set(range(1, len(palette) // COLOUR + 1))}.get(kind, set())
    if clear and sizes and len(clear) not in sizes:
        raise _broken()
    found = [(b"PLTE", palette if kind == PALETTE else b""), (b"tRNS", clear if sizes else b"")]
    return [(name, content) for name, content in found if content]


def _pixels(header: bytes, packed: bytes) -> bytes:
    """Every row, exactly as many octets as the header says. Raises BadPicture."""
    wide, high, depth, kind, packing, filtering, interlaced = HEADER.unpack(header)
    if kind not in CHANNELS or depth not in DEPTHS[kind] or packing or filtering:
        raise _broken()
    if not (0 < wide <= WIDEST and 0 < high <= WIDEST):
        raise BadPicture(
            say("De afbeelding is breder of hoger dan %(most)d beeldpunten. Maak ze kleiner."), most=WIDEST
        )
    if interlaced:
        raise BadPicture(say("De afbeelding is bewaard met interlace. Bewaar ze zonder."))
    row = 1 + (wide * CHANNELS[kind] * depth + 7) // 8
    unpacked = _unpacked(packed, row * high)
    if any(filter_ > FILTERS for filter_ in unpacked[::row]):
        raise _broken()
    return unpacked


def _unpacked(packed: bytes, expected: int) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        pixels = unpacking.decompress(packed, expected + 1)
    except zlib.error as error:
        raise _broken() from error
    if len(pixels) != expected or not unpacking.eof or unpacking.unused_data or unpacking.unconsumed_tail:
        raise _broken()
    return pixels


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content), name) + content + struct.pack(">I", zlib.crc32(name + content))
