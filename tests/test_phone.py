"""Telephone numbers as people write them and as networks give them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance import phone
from appliance.phone import BadNumber, Refusal

patient = settings(deadline=None)
belgian = st.from_regex(r"4[5-9][0-9]{7}", fullmatch=True)


@pytest.mark.parametrize(
    "written",
    [
        "0478123456",
        "0478/12.34.56",
        "0478 12 34 56",
        "0478-12-34-56",
        "0478\N{NO-BREAK SPACE}12\N{NARROW NO-BREAK SPACE}34 56",
        "+32 (0)478 12 34 56",
        "+32478123456",
        "+320478123456",
        "0032478123456",
        "0032 (0)478 12 34 56",
        "32478123456",
        "478123456",  # a spreadsheet ate the 0
        "  0478 123 456\t",
    ],
)
def test_every_usual_way_to_write_adas_number_is_the_same_number(written):
    assert phone.mobile(written) == "+32478123456"
    assert phone.canonical(written) == "+32478123456"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+31 6 12345678", "+31612345678"),
        ("0031612345678", "+31612345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("+49 1512 3456789", "+4915123456789"),
        ("+352 621 123 456", "+352621123456"),
    ],
)
def test_a_neighbour_from_over_the_border_is_taken_with_the_country_code(written, number):
    assert phone.mobile(written) == number


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", Refusal.EMPTY),
        (" \t", Refusal.EMPTY),
        ("geen", Refusal.NOT_A_NUMBER),
        ("0478ABCDEF", Refusal.NOT_A_NUMBER),
        ("٠٤٧٨١٢٣٤٥٦", Refusal.NOT_A_NUMBER),
        ("0478123456;ext=5", Refusal.NOT_A_NUMBER),
        ("0478123456 / 0479123456", Refusal.NOT_A_NUMBER),
        ("4,78E+08", Refusal.NOT_A_NUMBER),
        ("06 12 34 56 78", Refusal.NOT_A_NUMBER),
        ("9" * 400, Refusal.NOT_A_NUMBER),
        ("047812345", Refusal.TOO_SHORT),
        ("+32 478 12 34 5", Refusal.TOO_SHORT),
        ("0478", Refusal.TOO_SHORT),
        ("02 123 45 67", Refusal.LANDLINE),
        ("+32 16 12 34 56", Refusal.LANDLINE),
        ("016/12.34.56", Refusal.LANDLINE),
        ("101", Refusal.EMERGENCY),
        ("112", Refusal.EMERGENCY),
        ("+32 101", Refusal.EMERGENCY),
        ("0032112", Refusal.EMERGENCY),
        ("32100", Refusal.EMERGENCY),
        ("1722", Refusal.SHORT_NUMBER),
        ("8850", Refusal.SHORT_NUMBER),
        ("+32 8850", Refusal.SHORT_NUMBER),
        ("116 000", Refusal.SHORT_NUMBER),
        ("070 123 456", Refusal.PREMIUM),
        ("0903 12 345", Refusal.PREMIUM),
        ("+32 90 01 23 45", Refusal.PREMIUM),
        ("0800 30 300", Refusal.NOT_MOBILE),
    ],
)
def test_what_cannot_be_texted_is_refused_with_its_reason(written, reason):
    with pytest.raises(BadNumber) as caught:
        phone.mobile(written)
    assert (caught.value.reason, caught.value.raw) == (reason, written)
    assert str(caught.value).endswith(".")


def test_a_sentence_stays_short_whatever_was_typed():
    assert len(str(BadNumber(Refusal.NOT_A_NUMBER, "9" * 5000))) < 200


def test_a_landline_has_a_canonical_form_though_it_cannot_be_texted():
    assert phone.canonical("016 20 00 00") == "+3216200000"


@patient
@given(belgian)
@pytest.mark.slow
def test_every_belgian_mobile_is_one_number_in_all_its_forms(national):
    number = "+32" + national
    for form in ("0" + national, "0032" + national, "32" + national, national, "+32 (0)" + national, number):
        assert phone.mobile(form) == number
    assert phone.network("0" + national) == phone.network("0032" + national) == number
    assert phone.answerable(number)


@patient
@given(st.text(max_size=30) | st.text(st.sampled_from("0123456789+ ()/.-"), max_size=20))
def test_whatever_is_typed_is_a_mobile_number_or_refused(written):
    try:
        number = phone.mobile(written)
    except BadNumber:
        return
    assert number.startswith("+") and number[1:].isdigit()
    assert phone.mobile(number) == number


@patient
@given(st.text(max_size=30) | st.text(st.sampled_from("0123456789+*#"), max_size=20))
def test_whatever_the_network_gives_has_one_normal_form(number):
    normal = phone.network(number)
    assert phone.network(normal) == normal
    assert phone.answerable(number) == phone.answerable(normal)
    assert phone.masked(number) == phone.masked(normal)


@pytest.mark.parametrize("sender", ["1914", "8850", "22167", "Proximus", "", "+*#12", "70123456", "33707520030"])
def test_short_codes_names_and_oddities_stay_as_they_are_and_are_never_answered(sender):
    assert phone.network(sender) == sender
    assert not phone.answerable(sender)


def test_two_subscribers_with_the_same_last_nine_digits_are_not_the_same():
    assert phone.same("0470123456", "+32470123456")
    assert phone.same("0032470123456", "+32470123456")
    assert not phone.same("+33470123456", "+32470123456")
    assert not phone.same("+3932470123456", "+32470123456")


def test_names_short_codes_and_hidden_numbers_are_never_anybody():
    assert not phone.same("Proximus", "Proximus")
    assert not phone.same("1914", "1914")
    assert not phone.same("", "")


@pytest.mark.parametrize("prefix", range(450, 500))
def test_a_mobile_in_its_usual_form_is_masked_as_the_numbering_plan_would(prefix):
    """Which is how it is masked when it comes in another form: a mobile with too many or few digits never is one."""
    assert phone.masked(f"+32{prefix}123456") == f"+32 {prefix} •• •• 56"
    if phone.network(f"0{prefix}123456").startswith("+"):
        assert phone.masked(f"0{prefix}123456") == f"+32 {prefix} •• •• 56"
    for odd in (f"+32{prefix}12345", f"+32{prefix}1234567", f"+32{prefix}12345\n"):
        assert str(prefix) not in phone.masked(odd)


def test_a_masked_number_shows_its_prefix_and_its_end_only():
    assert phone.masked("+32470123456") == "+32 470 •• •• 56"
    assert phone.masked("0470123456") == "+32 470 •• •• 56"
    assert phone.masked("33707520030") == "•• •• 30"
    assert phone.masked("1914") == "1914"
    assert phone.masked("Proximus") == "Proximus"


@pytest.mark.parametrize(
    ("number", "dialled"),
    [("+32470123456", "0470 12 34 56"), ("+31612345678", "+31 6 12345678"), ("1984", "1984"), ("BIN", "BIN")],
)
def test_on_paper_a_number_is_as_people_dial_it(number, dialled):
    assert phone.as_dialled(number) == dialled
