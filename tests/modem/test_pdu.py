"""Short messages to octets and back: against published PDUs, libgammu, and their own laws."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import gammu
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from appliance import gsm7
from appliance.arrivals import Concatenation, Encoding, Outgoing, Report, Text
from appliance.modem import pdu
from appliance.modem.pdu import Malformed
from appliance.modem.pdu_fields import validity_minutes, validity_octet
from appliance.queue import inbox

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "pdus.json").read_text(encoding="utf-8"))
ADA = "+32470000001"
SENT = datetime(2026, 11, 25, 14, 32, 5, tzinfo=timezone(timedelta(hours=1)))
patient = settings(deadline=None)

numbers = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)
senders = numbers | st.from_regex(r"[0-9]{4,10}", fullmatch=True)
names = st.text(st.sampled_from(gsm7.ALPHABET.replace("\x1b", "")), min_size=1, max_size=11).filter(
    lambda name: not name.removeprefix("+").isdigit()
)
zones = st.integers(-48, 56).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
times = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=zones).map(
    lambda at: at.replace(microsecond=0)
)
cheap = st.text(st.sampled_from(gsm7.ALPHABET.replace("\x1b", "") + "".join(gsm7.EXTENSION.values())), max_size=76)
dear = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=33)
concatenations = st.none() | st.builds(
    lambda reference, total, part, bits: Concatenation(reference, total, 1 + part % total, bits),
    st.integers(0, 255),
    st.integers(1, 255),
    st.integers(0, 254),
    st.sampled_from([8, 16]),
)


def with_service_centre(vector: dict[str, Any]) -> str:
    return vector["hex"] if vector.get("smsc_in_hex", True) else "00" + vector["hex"]


def identifier(vector: dict[str, Any]) -> str:
    return vector["id"]


# --- published PDUs --------------------------------------------------------------------------------------------------

RENAMED = {"timestamp": "time", "status_report_request": "report_requested"}
TIMES = ("time", "discharge")
NOT_DESCRIBED = {
    "more_messages",
    "status_report_indication",
    "reply_path",
    "reject_duplicates",
    "udl",
    "udh",
    "status_class",
}


@pytest.mark.parametrize("vector", VECTORS["decode"], ids=identifier)
def test_a_published_pdu_means_what_its_source_says(vector):
    facts = pdu.describe(with_service_centre(vector))
    for key, expected in vector["expect"].items():
        if key in NOT_DESCRIBED or (key == "text" and expected is None):
            continue
        found = facts[RENAMED.get(key, key)]
        if RENAMED.get(key, key) in TIMES and expected is not None:
            found, expected = datetime.fromisoformat(str(found)), datetime.fromisoformat(expected)
        assert found == expected, key


@pytest.mark.parametrize("vector", VECTORS["decode"], ids=identifier)
def test_a_published_pdu_is_the_part_its_source_says(vector):
    expected = vector["expect"].get("udh", {}).get("concat")
    found = pdu.describe(with_service_centre(vector)).get("concatenation")
    if expected is None:
        assert found is None
    else:
        assert found == {
            "reference": expected["ref"],
            "total": expected["total"],
            "sequence": expected["seq"],
            "bits": expected["bits"],
        }


STATUS_CLASSES = {
    "success": "delivered",
    "still-trying": "trying",
    "permanent": "failed",
    "gave-up": "failed",
    "reserved": "failed",
}


@pytest.mark.parametrize("vector", [v for v in VECTORS["decode"] if "status" in v["expect"]], ids=identifier)
def test_a_published_report_is_delivered_trying_or_failed_as_its_source_says(vector):
    facts = pdu.describe(with_service_centre(vector))
    assert facts["meaning"] == STATUS_CLASSES[vector["expect"]["status_class"]]


@pytest.mark.parametrize("vector", VECTORS["decode"], ids=identifier)
def test_a_published_pdu_arrives_as_a_text_or_a_report_with_its_slot(vector):
    hex, expected = with_service_centre(vector), vector["expect"]
    if expected["type"] == "submit":
        fields = pdu.decode_submit(hex)
        assert fields.number == expected["number"]
        assert fields.report == expected["status_report_request"]
        with pytest.raises(Malformed):
            pdu.decode(hex)
        return
    arrival = pdu.decode(hex, "SM:3")
    assert (arrival.number, arrival.raw, arrival.slot) == (expected["number"], hex, "SM:3")
    assert isinstance(arrival, Text if expected["type"] == "deliver" else Report)
    if isinstance(arrival, Text):
        assert arrival.alphanumeric == (expected["toa"] & 0x70 == 0x50)
        assert arrival.text == (expected["text"] if expected["encoding"] != "8bit" else "")


@pytest.mark.parametrize("vector", [v for v in VECTORS["decode"] if not v["smsc_in_hex"]], ids=identifier)
def test_a_pdu_written_down_without_its_service_centre_is_explained_all_the_same(vector):
    facts = pdu.describe(vector["hex"])
    assert facts["smsc_in_hex"] is False
    assert facts["number"] == vector["expect"]["number"]


PARTIAL = {
    "bad-trailing": ("9494", "llamada perdida de: +34617653167 on 07/08  at  11:19."),
}
ODD_REPORT = "bad-zte-report"


@pytest.mark.parametrize("vector", VECTORS["malformed"], ids=identifier)
def test_a_malformed_pdu_is_refused_or_read_as_far_as_it_goes(vector):
    for hex in {vector["hex"], with_service_centre(vector)}:
        if vector["id"] in PARTIAL:
            arrival = pdu.decode(hex)
            assert isinstance(arrival, Text)
            assert (arrival.number, arrival.text) == PARTIAL[vector["id"]]
        elif vector["id"] == ODD_REPORT:
            report = pdu.decode(hex)
            assert isinstance(report, Report)
            assert not report.number.removeprefix("+").isdigit()  # no number of ours looks like that
            assert (report.reference, report.status) == (28, 0)
            assert report.discharged_at == datetime.fromisoformat("2013-07-26T14:29:31+02:00")
        else:
            for read in (pdu.decode, pdu.decode_submit, pdu.describe):
                with pytest.raises(Malformed):
                    read(hex)


# --- hostile octets --------------------------------------------------------------------------------------------------


def storable(text: str) -> bool:
    return "\0" not in text and text.encode() is not None


@patient
@given(st.binary(max_size=180).map(bytes.hex) | st.text(max_size=40))
@example("")
@example("00")
@example("0000")
def test_random_octets_are_refused_or_read_and_never_do_harm(hex):
    for read in (pdu.decode, pdu.decode_submit, pdu.describe):
        try:
            read(hex)
        except Malformed as error:
            assert str(error)


@patient
@given(st.sampled_from(VECTORS["decode"]), st.data())
def test_a_published_pdu_with_octets_changed_cut_or_added_never_does_harm(vector, data):
    octets = bytearray.fromhex(with_service_centre(vector))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    octets = octets[: data.draw(st.integers(0, len(octets)))] + data.draw(st.binary(max_size=4))
    try:
        arrival = pdu.decode(octets.hex())
        json.dumps(pdu.describe(octets.hex()))
    except Malformed:
        return
    assert storable(arrival.number)
    if isinstance(arrival, Text):
        assert storable(inbox.storable(arrival.text))


@pytest.mark.parametrize(
    "stamp", ["00000000000000", "FFFFFFFFFFFFFF", "62315241325040", "6213524132500A", "62115241325FFF"]
)
def test_a_time_stamp_that_makes_no_sense_is_no_time(stamp):
    text = pdu.decode(f"00040B912374000000F10000{stamp}00")
    assert isinstance(text, Text)
    assert text.sent_at is None
    assert pdu.describe(text.raw)["time"] is None


def test_half_a_text_is_not_a_text():
    whole = pdu.encode_deliver(ADA, "niet ok", SENT).hex
    for digits in range(len(whole)):
        with pytest.raises(Malformed):
            pdu.decode(whole[:digits])
    assert pdu.decode(whole).text == "niet ok"  # type: ignore[union-attr]


def test_the_padding_of_a_sim_record_is_ignored():
    padded = pdu.encode_deliver(ADA, "ok", SENT).hex + "FF" * 100
    assert pdu.decode(padded).text == "ok"  # type: ignore[union-attr]


def header_text(header: str, text: str = "ok") -> Text:
    """A text in UCS-2 behind the user data header *header*."""
    data = bytes.fromhex(header) + text.encode("utf-16-be")
    arrival = pdu.decode(f"00440B912374000000F1000862115241325040{len(data):02X}" + data.hex())
    assert isinstance(arrival, Text)
    return arrival


@pytest.mark.parametrize("header", ["050003070000", "050003070200", "050003070203", "040003FF02", "06000307020100"])
def test_a_header_with_impossible_part_numbers_is_ignored(header):
    text = header_text(header)
    assert (text.text, text.concatenation) == ("ok", None)


def test_of_two_headers_that_say_which_part_it_is_the_last_counts():
    text = header_text("0B000307020108040102" + "0302")
    assert text.concatenation == Concatenation(0x0102, 3, 2, bits=16)
    assert header_text("0A00030702010003080302").concatenation == Concatenation(8, 3, 2)


def test_a_header_longer_than_the_text_is_malformed():
    with pytest.raises(Malformed, match="header"):
        pdu.decode("00440B912374000000F10008621152413250400105")
    with pytest.raises(Malformed, match="header"):
        pdu.decode("00440B912374000000F100086211524132504000")


def test_a_name_that_is_made_of_digits_is_still_a_name():
    sender = "12D0" + gsm7.pack(gsm7.encode("0470000001")).hex()
    text = pdu.decode(f"0004{sender}00006211524132504000")
    assert isinstance(text, Text)
    assert text.number == "0470000001"
    assert text.alphanumeric  # whoever it is, it is not the subscriber with that number


def test_a_turkish_text_is_read_by_the_table_its_header_names():
    codes = bytes([0x0B, 0x1C, 0x40])
    data = bytes.fromhex("03250101") + gsm7.pack(codes, 3)
    text = pdu.decode("00440B912374000000F1000062115241325040" + f"{5 + 3:02X}" + data.hex())
    assert isinstance(text, Text)
    assert text.text == "ĞŞİ"


# --- round trips -----------------------------------------------------------------------------------------------------


@patient
@given(senders | names | st.just(""), cheap | dear, times, concatenations)
@pytest.mark.slow
def test_a_delivered_text_comes_back_as_it_was(number, text, at, concatenation):
    submission = pdu.encode_deliver(number, text, at, concatenation=concatenation)
    arrival = pdu.decode(submission.hex)
    assert isinstance(arrival, Text)
    assert (arrival.number, arrival.text, arrival.sent_at) == (number, text, at)
    assert at.utcoffset() == arrival.sent_at.utcoffset()  # type: ignore[union-attr]
    assert arrival.concatenation == concatenation
    assert arrival.alphanumeric == (not number.removeprefix("+").isdigit() and number != "")
    assert pdu.describe(submission.hex)["tpdu_length"] == submission.length


@patient
@given(numbers, cheap | dear, concatenations, st.integers(1, 700_000), st.booleans())
@pytest.mark.slow
def test_a_submitted_segment_comes_back_as_it_was_and_never_lives_shorter(number, text, part, minutes, report):
    encoding = Encoding.GSM7 if gsm7.fits(text) else Encoding.UCS2
    outgoing = Outgoing(number, text, encoding, part, minutes, report)
    submission = pdu.encode_submit(outgoing)
    assert submission == pdu.encode_submit(outgoing)
    assert submission.hex.startswith("00")
    assert submission.length == len(submission.hex) // 2 - 1
    fields = pdu.decode_submit(submission.hex)
    assert (fields.number, fields.text, fields.encoding) == (number, text, encoding)
    assert (fields.concatenation, fields.report) == (part, report)
    assert fields.validity_minutes is not None
    assert fields.validity_minutes >= min(minutes, 63 * 7 * 24 * 60)


@patient
@given(senders, st.integers(0, 255), st.integers(0, 255), times, times)
@pytest.mark.slow
def test_a_report_comes_back_as_it_was(number, reference, status, sent_at, discharged_at):
    submission = pdu.encode_report(number, reference, status, sent_at, discharged_at)
    report = pdu.decode(submission.hex, None)
    assert report == Report(number, reference, status, sent_at, discharged_at, submission.hex, None)


@pytest.mark.parametrize(
    ("minutes", "octet"),
    [(1, 0), (5, 0), (6, 1), (120, 23), (720, 143), (721, 144), (1440, 167), (1441, 168), (2880, 168), (10**6, 255)],
)
def test_a_validity_period_is_the_shortest_that_is_long_enough(minutes, octet):
    assert validity_octet(minutes) == octet


def test_the_validity_periods_grow_with_their_octet():
    periods = [validity_minutes(octet) for octet in range(256)]
    assert periods == sorted(set(periods))


def test_a_submit_is_octet_for_octet_what_the_standard_says():
    """23.040 9.2.2.2: SUBMIT with relative TP-VP and TP-SRR; TP-MR 0; one hour; "hellohello"."""
    outgoing = Outgoing(ADA, "hellohello", Encoding.GSM7, None, 60)
    assert pdu.encode_submit(outgoing) == pdu.Submission("0031000B912374000000F100000B0AE8329BFD4697D9EC37", 23)
    joined = Outgoing(ADA, "hellohello", Encoding.GSM7, Concatenation(7, 2, 1), 60, report=False)
    assert pdu.encode_submit(joined).hex == ("0051000B912374000000F100000B11050003070201D06536FB8D2EB3D96F")


@pytest.mark.parametrize(
    ("text", "encoding", "concatenation"),
    [
        ("a" * 161, Encoding.GSM7, None),
        ("a" * 154, Encoding.GSM7, Concatenation(1, 2, 1)),
        ("€" * 81, Encoding.GSM7, None),
        ("ë" * 71, Encoding.UCS2, None),
        ("ë" * 68, Encoding.UCS2, Concatenation(1, 2, 1)),
        ("ë", Encoding.GSM7, None),
    ],
)
def test_a_segment_that_does_not_fit_is_an_error_and_is_never_cut(text, encoding, concatenation):
    with pytest.raises(ValueError, match=r"fit|alphabet"):
        pdu.encode_submit(Outgoing(ADA, text, encoding, concatenation, 60))


@pytest.mark.parametrize(
    ("text", "encoding", "concatenation"),
    [
        ("a" * 160, Encoding.GSM7, None),
        ("a" * 153, Encoding.GSM7, Concatenation(1, 2, 1)),
        ("ë" * 70, Encoding.UCS2, None),
        ("ë" * 67, Encoding.UCS2, Concatenation(1, 2, 1)),
    ],
)
def test_a_full_segment_fits_to_the_last_character(text, encoding, concatenation):
    submission = pdu.encode_submit(Outgoing(ADA, text, encoding, concatenation, 60))
    assert pdu.decode_submit(submission.hex).text == text


@pytest.mark.parametrize("number", ["", "+", "Proximus", "0470 12", "+" + "1" * 21])
def test_what_is_not_a_number_gets_no_text(number):
    with pytest.raises(ValueError, match=r"number|digits"):
        pdu.encode_submit(Outgoing(number, "ok", Encoding.GSM7, None, 60))


# --- second opinion --------------------------------------------------------------------------------------------------


def gammus_reading(hex: str) -> tuple[str, str]:
    sms = gammu.DecodePDU(bytes.fromhex(hex), True)
    return sms["Number"], sms["Text"].split("\0")[0]  # it leaves a NUL for every escape


# libgammu's tilde is broken in UCS-2.
plain = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="~"), max_size=33)


@patient
@given(numbers, cheap.filter(lambda text: "\f" not in text) | plain, times)
@pytest.mark.slow
def test_libgammu_reads_our_delivered_texts_the_same(number, text, at):
    assume(text)
    assert gammus_reading(pdu.encode_deliver(number, text, at).hex) == (number, text)


@patient
@given(numbers, cheap.filter(lambda text: "\f" not in text) | plain, concatenations)
@pytest.mark.slow
def test_libgammu_reads_our_submitted_segments_the_same(number, text, part):
    assume(text)
    encoding = Encoding.GSM7 if gsm7.fits(text) else Encoding.UCS2
    submission = pdu.encode_submit(Outgoing(number, text, encoding, part, 60))
    assert gammus_reading(submission.hex) == (number, text)


@patient
@given(numbers, st.integers(0, 255), times)
def test_libgammu_reads_our_reports_the_same(number, reference, at):
    sms = gammu.DecodePDU(bytes.fromhex(pdu.encode_report(number, reference, 0, at, at).hex), True)
    assert (sms["Number"], sms["MessageReference"]) == (number, reference)


# --- explained -------------------------------------------------------------------------------------------------------


def test_an_explanation_has_stable_keys_and_is_ready_for_json():
    hex = pdu.encode_deliver(ADA, "één 😀", SENT, concatenation=Concatenation(7, 2, 1)).hex
    facts = pdu.describe(hex)
    assert json.loads(json.dumps(facts)) == facts
    assert facts["type"] == "deliver"
    assert facts["time"] == "2026-11-25T14:32:05+01:00"
    assert facts["concatenation"] == {"reference": 7, "total": 2, "sequence": 1, "bits": 8}
    assert (facts["number"], facts["text"], facts["encoding"]) == (ADA, "één 😀", "ucs2")


def test_a_report_explained_says_its_status_in_a_number_and_in_a_word():
    facts = pdu.describe(pdu.encode_report(ADA, 0, 0x46, SENT, SENT + timedelta(hours=2)).hex)
    assert (facts["type"], facts["reference"]) == ("status-report", 0)
    assert (facts["status"], facts["meaning"]) == (0x46, "failed")
    assert facts["discharge"] == "2026-11-25T16:32:05+01:00"


def test_times_keep_the_zone_they_came_with():
    assert pdu.decode(pdu.encode_deliver(ADA, "x", datetime(2026, 1, 2, tzinfo=UTC)).hex).sent_at == datetime(
        2026, 1, 2, tzinfo=UTC
    )
