"""Addresses and fingerprints: what is taken, and that nothing else than `ValueError` comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.config.address import (
    address_of,
    endpoint_of,
    fingerprint_from,
    is_loopback,
    url_of,
)
from labtui.config.schema import Address

_hosts = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
    st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]{2,5})?", fullmatch=True).filter(
        lambda host: not host.replace(".", "").isdigit()
    ),
)


@given(_hosts, st.integers(1, 65535))
def test_an_address_reads_as_it_is_written(host: str, port: int) -> None:
    address = Address(host, port)
    assert address_of(str(address), 1) == address
    assert endpoint_of(f"https://{address}/", 1) == address


@given(_hosts, st.integers(1, 65535))
def test_the_default_port(host: str, port: int) -> None:
    written = f"[{host}]" if ":" in host else host
    assert address_of(written, port) == Address(host, port)


@given(
    st.sampled_from([lambda text: address_of(text, 1), lambda text: endpoint_of(text, 1), url_of]),
    st.one_of(st.text(), st.text("[]:/.@1a?#%x", max_size=12), st.just("http://[::1")),
)
def test_nothing_but_value_error(parse: Callable[[str], object], text: str) -> None:
    try:
        parse(text)
    except ValueError as error:
        assert str(error).isprintable()


def test_no_error_repeats_a_password() -> None:
    for text in ("hunter2@pve1", "https://root:hunter2@pve1", "http://root:hunter2@pve1:x"):
        for parse in (url_of, lambda text: endpoint_of(text, 1), lambda text: address_of(text, 1)):
            with pytest.raises(ValueError) as caught:
                parse(text)
            assert "hunter2" not in str(caught.value)
    for text in ("hunter2@pve1", "https://root:hunter2@pve1"):
        with pytest.raises(ValueError, match="no user or password"):
            endpoint_of(text, 1)


@given(st.binary(min_size=32, max_size=32), st.booleans(), st.booleans())
def test_a_fingerprint_in_any_spelling(digest: bytes, colons: bool, upper: bool) -> None:
    text = digest.hex(":") if colons else digest.hex()
    assert fingerprint_from(text.upper() if upper else text) == digest.hex()


@given(st.text("0123456789abcdefABCDEF: ", max_size=100))
def test_a_fingerprint_has_64_digits_or_is_none(text: str) -> None:
    try:
        assert len(fingerprint_from(text)) == 64
    except ValueError:
        assert len(text.replace(":", "").strip()) != 64 or ":" in text or " " in text


def test_loopback_is_told_without_looking_names_up() -> None:
    assert all(map(is_loopback, ("localhost", "LOCALHOST.", "127.0.0.53", "::1")))
    assert not any(map(is_loopback, ("localhost.example", "10.0.0.1", "::2", "")))
