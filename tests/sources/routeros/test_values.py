"""Every form in which RouterOS writes a value, and texts that are none."""

from __future__ import annotations

import calendar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.sources.routeros import values
from labtui.sources.routeros.notification import in_words

PARSERS = (
    values.duration,
    values.optional_duration,
    values.boolean,
    values.switch,
    values.number,
    values.optional_number,
    values.size,
    values.optional_size,
    values.port,
    values.as_number,
    values.listed,
    values.row_id,
    values.bare_address,
    values.version,
    values.moment,
    lambda text: values.moment("2024-03-01 13:13:32", text),
    lambda text: values.endpoint(text, text),
    lambda text: values.endpoint("host", text),
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20s", 20),
        ("1m45s", 105),
        ("53m10s720ms", 3190.72),
        ("9ms445us", 0.009445),
        ("0ms", 0),
        ("19w4d13h22m21s", ((19 * 7 + 4) * 24 + 13) * 3600 + 22 * 60 + 21),
        ("3d14h20m55s640ms", 3 * 86400 + 14 * 3600 + 20 * 60 + 55.64),
        ("01:22:53", 4973),
        ("2d09:29:51", 2 * 86400 + 9 * 3600 + 29 * 60 + 51),
        ("1w2d00:00:01", 9 * 86400 + 1),
        ("00:00:10.250", 10.25),
        ("3m", 180),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert values.duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "20", "s", "1x", "-5s", "5s ", "1:2:3", "24m23s/30m29s", "٣s", "999999999999w"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        values.duration(text)


@pytest.mark.parametrize("word", ["", "infinity", "none", "disabled", "auto", "never", None])
def test_words_for_no_duration(word: str | None) -> None:
    assert values.optional_duration(word) is None


@given(st.lists(st.integers(0, 59), min_size=5, max_size=5), st.integers(0, 999))
def test_durations_round_trip(counts: list[int], millis: int) -> None:
    units = ("w", "d", "h", "m", "s")
    text = "".join(f"{count}{unit}" for count, unit in zip(counts, units, strict=True))
    factors = (604800, 86400, 3600, 60, 1)
    whole = sum(count * factor for count, factor in zip(counts, factors, strict=True))
    assert values.duration(f"{text}{millis}ms") == pytest.approx(whole + millis / 1000)


def test_booleans_are_read_by_field() -> None:
    assert [values.boolean(text) for text in ("true", "yes")] == [True, True]
    assert [values.boolean(text) for text in ("false", "no", "", None)] == [False] * 4
    with pytest.raises(ValueError, match="no boolean"):
        values.boolean("maybe")


def test_a_switch_is_on_when_it_is_there() -> None:
    assert values.switch("")
    assert values.switch("true")
    assert not values.switch(None)
    assert not values.switch("false")


def test_numbers_and_sizes() -> None:
    assert values.number("836") == 836
    assert values.number("36%") == 36
    assert values.size("5.3KiB") == round(5.3 * 1024)
    assert values.size("4032.0MiB") == 4032 << 20
    assert values.size("18446744") == 18446744
    assert values.optional_number("unlimited") is None
    for text in ("", "1.5", "0x10", "٣", "9" * 20, "1_000", " 1"):
        with pytest.raises(ValueError, match="no number"):
            values.number(text)
    for text in ("-1", "KiB", "9" * 20, "1 PiB"):
        with pytest.raises(ValueError, match="no size"):
            values.size(text)


@given(st.integers(0, (1 << 63) - 1))
def test_numbers_round_trip(count: int) -> None:
    assert values.number(str(count)) == count
    assert values.size(str(count)) == count


def test_as_numbers() -> None:
    assert values.as_number("65521/1") == 65521
    assert values.as_number("4200000001") == 4200000001
    assert values.as_number("1.5") == (1 << 16) + 5
    assert values.as_number("") is None
    for text in ("4294967296", "-1", "1.65536", "AS1"):
        with pytest.raises(ValueError, match=r"no (AS )?number"):
            values.as_number(text)


def test_ports() -> None:
    assert values.port("13231") == 13231
    assert values.port("0") is None
    assert values.port(None) is None
    for text in ("65536", "-1"):
        with pytest.raises(ValueError, match="no port"):
            values.port(text)


def test_lists() -> None:
    assert values.listed("10.0.0.2/32,10.23.0.0/16") == ("10.0.0.2/32", "10.23.0.0/16")
    assert values.listed("") == ()
    assert values.listed("read,!ftp") == ("read", "!ftp")


def test_ids() -> None:
    assert values.row_id("*1A") == 26
    assert values.row_id("*2800001") == 0x2800001
    with pytest.raises(ValueError, match="no id"):
        values.row_id("1A")


@given(st.integers(0, (1 << 64) - 1))
def test_ids_round_trip(identity: int) -> None:
    assert values.row_id(f"*{identity:X}") == identity


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("10.0.0.2/32", "10.0.0.2"),
        ("fe80::1%ether1", "fe80::1"),
        ("10.0.0.1@vrf1", "10.0.0.1"),
        ("172.17.0.2%wg2", "172.17.0.2"),
        ("2001:db8::1/128@blue", "2001:db8::1"),
        ("10.0.0.0/24", "10.0.0.0/24"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("sfp-sfpplus1", "sfp-sfpplus1"),
        ("", ""),
        (None, ""),
    ],
)
def test_addresses_that_can_be_compared(text: str | None, bare: str) -> None:
    assert values.bare_address(text) == bare


def test_endpoints() -> None:
    assert values.endpoint("198.51.100.2", "13836") == "198.51.100.2:13836"
    assert values.endpoint("2001:db8::1", "1") == "[2001:db8::1]:1"
    assert values.endpoint("vpn.example.org", "0") == "vpn.example.org"
    assert values.endpoint("", "0") == ""
    assert values.endpoint(None, None) == ""


def test_versions_compare_as_numbers() -> None:
    texts = ["7.9.2 (stable)", "7.12.2 (stable)", "7.20", "7.24rc2"]
    found = [values.version(text) for text in texts]
    assert found == sorted(found) == [(7, 9, 2), (7, 12, 2), (7, 20, 0), (7, 24, 0)]
    assert values.version("7.1beta4 (development)") == (7, 1, 0)


def test_dates_old_and_new() -> None:
    new = calendar.timegm((2024, 3, 1, 13, 13, 32))
    assert values.moment("2024-03-01 13:13:32") == new
    assert values.moment("2024-03-01 13:13:32", "+08:00") == new - 8 * 3600
    assert values.moment("2024-03-01 13:13:32", "-03:30") == new + 3.5 * 3600
    old = calendar.timegm((2016, 11, 24, 21, 7, 5))
    assert values.moment("nov/24/2016 21:07:05") == old
    for text in ("", "13:13:32", "foo/24/2016 21:07:05", "2024-13-01 00:00:00"):
        with pytest.raises(ValueError, match=r".+"):
            values.moment(text)


@given(st.integers(0, 4_000_000_000))
def test_dates_round_trip(moment: int) -> None:
    import time

    text = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(moment))
    assert values.moment(text) == moment


def test_text_is_bytes_of_some_code_page() -> None:
    assert values.text_of_wire("Büro 台北".encode()) == "Büro 台北"
    assert values.text_of_wire(b"fa\xe7ade \xb2") == "façade ²"
    assert values.text_of_wire(b"\x81\xff") == "\x81ÿ"


@given(st.binary())
def test_no_byte_of_a_text_is_dropped(data: bytes) -> None:
    text = values.text_of_wire(data)
    assert data in {text.encode("utf-8"), *_encoded(text)}


def _encoded(text: str) -> list[bytes]:
    found = []
    for encoding in ("cp1252", "latin-1"):
        try:
            found.append(text.encode(encoding))
        except UnicodeEncodeError:
            continue
    return found


@given(st.text() | st.from_regex(r"[0-9a-z:./*@%+-]{0,12}", fullmatch=True))
def test_any_text_is_read_or_named(text: str) -> None:
    for parse in PARSERS:
        try:
            parse(text)
        except ValueError as error:
            assert str(error)


MARKER = "ff" * 16


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (MARKER + "0015030400", "hold timer expired"),
        (MARKER.upper() + "0015030400", "hold timer expired"),
        (MARKER + "0015030601", "too many prefixes"),
        (MARKER + "0015030602", "shut down by the administrator"),
        (MARKER + "0015030603", "the peer was removed from the configuration"),
        (MARKER + "0015030202", "wrong AS number"),
        (MARKER + "0017030299dead", "OPEN message error (2/153)"),
        (MARKER + "0015036300", "notification 99/0"),
        (MARKER + "00150304", "unreadable notification"),
        (MARKER + "0013040000", "unreadable notification"),
        ("zz", "unreadable notification"),
        ("", ""),
        (None, ""),
    ],
)
def test_notifications_in_words(message: str | None, words: str) -> None:
    assert in_words(message) == words


@given(st.text() | st.binary().map(lambda data: MARKER + data.hex()))
def test_any_notification_has_words(message: str) -> None:
    assert bool(in_words(message)) == bool(message)
