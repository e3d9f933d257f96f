"""A picture from a stranger: only pixels come through, and what is not plainly a small PNG does not."""

import io
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from appliance import png
from appliance.png import SIGNATURE, BadPicture, harmless


def picture(mode="RGBA", size=(20, 10), **more):
    held = io.BytesIO()
    Image.effect_mandelbrot(size, (-2, -1, 1, 1), 20).convert(mode).save(held, "PNG", **more)
    return held.getvalue()


def chunk(name, content, checksum=None):
    given = zlib.crc32(name + content) if checksum is None else checksum
    return struct.pack(">I4s", len(content), name) + content + struct.pack(">I", given)


def header(wide=2, high=2, depth=8, kind=0, packing=0, filtering=0, interlaced=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, depth, kind, packing, filtering, interlaced))


END = chunk(b"IEND", b"")


def made(*chunks, end=END):
    return SIGNATURE + b"".join(chunks) + end


GREY = chunk(b"IDAT", zlib.compress(b"\0\1\2\0\3\4"))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_picture_keeps_every_pixel(mode):
    before = picture(mode)
    after = harmless(before)
    assert (
        Image.open(io.BytesIO(after)).convert("RGBA").tobytes()
        == Image.open(io.BytesIO(before)).convert("RGBA").tobytes()
    )


def test_what_is_see_through_stays_so():
    before = picture("P", transparency=0)
    assert b"tRNS" in harmless(before)


def test_nothing_but_pixels_comes_through():
    told = chunk(b"tEXt", b"Comment\0<script>alert(1)</script>"), chunk(b"iCCP", b"x\0\0" + zlib.compress(b"y" * 999))
    after = harmless(made(header(), *told, GREY))
    names = [after[at + 4 : at + 8] for at in _starts(after)]
    assert names == [b"IHDR", b"IDAT", b"IEND"] and b"script" not in after
    assert Image.open(io.BytesIO(after)).tobytes() == b"\1\2\3\4"


def _starts(data):
    at = len(SIGNATURE)
    while at < len(data):
        yield at
        at += 12 + struct.unpack(">I", data[at : at + 4])[0]


WRONG = {
    "an svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "a jpeg": b"\xff\xd8\xff\xe0" + b"x" * 99,
    "a page behind the end": made(header(), GREY) + b"<html>",
    "no end": made(header(), GREY, end=b""),
    "an end with something in it": made(header(), GREY, end=chunk(b"IEND", b"x")),
    "nothing in it": made(),
    "no header": made(GREY),
    "a short header": made(chunk(b"IHDR", b"12345"), GREY),
    "a wrong checksum": made(header(), chunk(b"IDAT", zlib.compress(b"\0\1\2\0\3\4"), checksum=1)),
    "a length beyond the file": SIGNATURE + struct.pack(">I4s", 2**31, b"IHDR") + b"x" * 20,
    "a chunk that nobody knows": made(header(), chunk(b"EVIL", b""), GREY),
    "a width of nothing": made(header(wide=0), GREY),
    "more pixels than can be": made(header(wide=60_000, high=60_000), GREY),
    "interlaced": made(header(interlaced=1), GREY),
    "another packing": made(header(packing=1), GREY),
    "a depth that is none": made(header(depth=3), GREY),
    "a kind that is none": made(header(kind=5), GREY),
    "a palette that is not there": made(header(kind=3), GREY),
    "half a colour": made(header(kind=3), chunk(b"PLTE", b"1234"), GREY),
    "a row too few": made(header(high=3), GREY),
    "a row too many": made(header(high=1), GREY),
    "a filter that is none": made(header(), chunk(b"IDAT", zlib.compress(b"\7\1\2\0\3\4"))),
    "no pixels that unpack": made(header(), chunk(b"IDAT", b"hello")),
    "something behind the pixels": made(header(), chunk(b"IDAT", zlib.compress(b"\0\1\2\0\3\4") + b"x")),
    "a bomb": made(header(), chunk(b"IDAT", zlib.compress(b"\0" * 50_000_000, 9))),
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_what_is_no_plain_small_png_is_not_taken(data):
    with pytest.raises(BadPicture):
        harmless(data)


def test_a_file_that_is_too_large_is_not_even_looked_at():
    with pytest.raises(BadPicture, match="200 kB"):
        harmless(SIGNATURE + b"\0" * png.LARGEST)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_noise_is_refused_and_breaks_nothing(noise):
    for data in (noise, SIGNATURE + noise, made(header(), chunk(b"IDAT", noise))):
        with pytest.raises(BadPicture):
            harmless(data)


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=200), st.integers(min_value=0, max_value=255))
def test_one_octet_changed_is_refused_or_comes_through_whole(place, octet):
    data = bytearray(made(header(), GREY))
    data[place % len(data)] = octet
    with suppress(BadPicture):
        Image.open(io.BytesIO(harmless(bytes(data)))).load()
