"""Texts cut into segments: nothing lost, nothing cut in two, no segment too many."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from appliance import gsm7, segments
from appliance.arrivals import Encoding
from appliance.segments import EmptyText, TooLong, Unsendable, fold, name, split

patient = settings(deadline=None)
sendable = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\r"), max_size=620)
mostly_gsm7 = st.text(st.sampled_from("aé €[~\n"), max_size=620)


def units(text: str, encoding: Encoding) -> int:
    return len(gsm7.encode(text)) if encoding is Encoding.GSM7 else len(text.encode("utf-16-be")) // 2


@pytest.mark.parametrize(
    ("text", "encoding", "parts"),
    [
        ("a" * 160, "gsm7", 1),
        ("a" * 161, "gsm7", 2),
        ("a" * 306, "gsm7", 2),
        ("a" * 307, "gsm7", 3),
        ("€" * 80, "gsm7", 1),
        ("€" * 81, "gsm7", 2),
        ("a" * 152 + "€" + "b" * 152, "gsm7", 3),
        ("ë" * 70, "ucs2", 1),
        ("ë" * 71, "ucs2", 2),
        ("ë" * 134, "ucs2", 2),
        ("ë" * 135, "ucs2", 3),
        ("ë" * 66 + "😀" + "ë" * 66, "ucs2", 3),
        ("😀" * 35, "ucs2", 1),
        ("😀" * 36, "ucs2", 2),
        ("a" * 612, "gsm7", 4),
        ("ë" * 268, "ucs2", 4),
    ],
)
def test_the_counter_is_right_at_every_border(text, encoding, parts):
    cut = split(text)
    assert (cut.encoding, len(cut.parts)) == (encoding, parts)
    assert "".join(cut.parts) == text


@patient
@given(sendable | mostly_gsm7)
def test_the_parts_are_the_text_and_each_fits(text):
    assume(text.strip())
    try:
        cut = split(text)
    except TooLong as error:
        shorter = text[: -error.excess]
        assert not shorter.strip() or len(split(shorter).parts) <= segments.MAX_SEGMENTS
        return
    assert "".join(cut.parts) == text
    room = segments.ALONE if len(cut.parts) == 1 else segments.JOINED
    for part in cut.parts:
        assert 0 < units(part, cut.encoding) <= room[cut.encoding]
    assert bool(cut.culprits) == (cut.encoding is Encoding.UCS2)


@patient
@given(mostly_gsm7)
def test_no_segment_too_many(text):
    """Each part but the last has no room for the character after it."""
    assume(text.strip())
    try:
        cut = split(text)
    except TooLong:
        return
    for part, after in zip(cut.parts, cut.parts[1:], strict=False):
        assert units(part + after[0], cut.encoding) > segments.JOINED[cut.encoding]


def test_the_culprits_are_named_once_each_in_the_order_of_the_text():
    assert split("België: “oké”, ë").culprits == ("ë", "“", "”")
    assert split("Coördinator: één café").culprits == ()


def test_a_tab_is_dear_but_not_refused():
    assert split("a\tb").culprits == ("\t",)


@pytest.mark.parametrize("text", ["", " ", "\n\r ", "\N{NO-BREAK SPACE}"])
def test_a_text_without_anything_to_read_is_refused(text):
    with pytest.raises(EmptyText, match="leeg"):
        split(text)


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\ud83d", "\ude00"])
def test_what_no_telephone_can_show_is_refused_by_name(character):
    with pytest.raises(Unsendable, match=rf"U\+{ord(character):04X}.*Haal het weg"):
        split(f"Brand{character}")


@pytest.mark.parametrize(("text", "excess"), [("a" * 613, 1), ("a" * 700, 88), ("ë" * 300, 32)])
def test_a_text_too_long_is_told_how_many_characters_to_cut(text, excess):
    with pytest.raises(TooLong, match=str(excess)) as caught:
        split(text)
    assert caught.value.excess == excess
    assert len(split(text[:-excess]).parts) == segments.MAX_SEGMENTS


def test_folding_makes_one_segment_of_a_text_with_a_dear_letter():
    text = "De actie is beëindigd – bedankt… Zo’n 5° in “Zonnebos”" + "." * 80
    assert len(split(text).parts) == 2
    assert fold(text) == 'De actie is beeindigd - bedankt... Zo\'n 5 gr in "Zonnebos"' + "." * 80
    assert len(split(fold(text)).parts) == 1


def test_folding_changes_nothing_when_it_would_not_help():
    assert fold("België 😀") == "België 😀"
    assert fold("Coördinator: één café [€]") == "Coördinator: één café [€]"
    assert fold("Привет") == "Привет"


def test_every_fold_is_of_a_dear_character_into_cheap_ones():
    for dear, cheap in segments.FOLDS.items():
        assert gsm7.septets(dear) == 0
        assert gsm7.fits(cheap)


@patient
@given(sendable)
def test_folding_twice_is_folding_once_and_touches_only_the_table(text):
    folded = fold(text)
    assert fold(folded) == folded
    if folded != text:
        assert gsm7.fits(folded)
        assert all(gsm7.septets(character) or character in segments.FOLDS for character in text)


@pytest.mark.parametrize(
    ("character", "called"),
    [
        ("ë", "ë"),
        ("ж", "ж"),
        ("\N{NO-BREAK SPACE}", "spatie zonder afbreking"),
        ("“", "“ (gekruld aanhalingsteken)"),
        ("😀", "😀 (emoji of symbool)"),
        ("\N{LEFT-TO-RIGHT MARK}", "onzichtbaar teken (U+200E)"),
        ("\N{COMBINING DIAERESIS}", "onzichtbaar teken (U+0308)"),
        ("\t", "tab"),
    ],
)
def test_a_culprit_has_a_name_that_can_be_read_aloud(character, called):
    assert name(character) == called


@given(st.characters())
def test_every_character_has_a_name_that_can_be_printed(character):
    assert name(character).encode()
