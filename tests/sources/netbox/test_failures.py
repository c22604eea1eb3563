"""Whatever goes wrong is a sentence of the model, and never holds the token."""

from __future__ import annotations

import json
import logging
import traceback
from typing import Any

import pytest
from requests.exceptions import ChunkedEncodingError, InvalidHeader, ReadTimeout, SSLError
from requests.exceptions import ConnectionError as RequestsConnectionError

from labtui.model.errors import (
    Forbidden,
    LabError,
    NotFound,
    Refused,
    Rejected,
    TimedOut,
    TlsFailed,
    Unexpected,
    Unreachable,
)
from labtui.sources.netbox.connect import Client
from labtui.sources.netbox.errors import Question, Stumbled, from_exception
from labtui.sources.netbox.read import Reader
from labtui.sources.netbox.tables import LISTS
from tests.sources.netbox.canned import (
    DATA,
    EMPTY,
    TOKEN,
    Canned,
    canned,
    client_of,
    config,
    page,
    recording,
)

QUESTION = Question("reading", "http://netbox.test", "dcim/sites")
OLD = "samples-v4.1.11"


def failure(answer: Canned) -> LabError:
    """What becomes of that answer to every request."""
    client, _adapter = client_of(lambda _path, _query: answer)
    with pytest.raises(LabError) as caught:
        Reader(client, ()).inventory()
    return caught.value


@pytest.mark.parametrize(
    ("name", "folder", "kind", "why"),
    [
        ("error_403_bad_v1", "samples", Refused, "not known there"),
        ("error_403_bad_v2", "samples", Refused, "not known there"),
        ("error_403_bad_token", OLD, Refused, "not known there"),
        ("error_403_bearer_with_v1", "samples", Refused, "not known there"),
        ("error_403_v2_unparsable", "samples", Refused, "not whole"),
        ("error_403_expired", "samples", Refused, "expired"),
        ("error_403_disabled", "samples", Refused, "switched off"),
        ("error_403_ip_restricted", "samples", Refused, "Source IP 127.0.0.1"),
        ("error_403_no_token", "samples", Refused, "older than 4.5"),
        ("error_403_v2_header", OLD, Refused, "older than 4.5"),
        ("error_403_no_permission", "samples", Forbidden, "may not do this"),
        ("error_404_detail", "samples", NotFound, "No Site matches"),
        ("error_404_unknown_endpoint", "samples", NotFound, "there is no dcim/sites"),
        ("mac_addresses_404", OLD, NotFound, "there is no"),
        ("error_405", "samples", Rejected, "not allowed"),
        ("error_400_filter_value", "samples", Rejected, "status: Select a valid choice"),
        ("error_400_cursor_and_ordering", "samples", Rejected, "Ordering cannot be"),
        ("error_400_bulk_create", "samples", Rejected, "Invalid IP address"),
        ("error_409_delete_site", "samples", Rejected, "47 dependent objects"),
        ("error_412_if_match", "samples", Rejected, "Precondition failed"),
        ("error_500_database_down", "samples", Stumbled, "OperationalError"),
        ("error_500_integrity", "samples", Unexpected, "IntegrityError"),
        ("error_500_redis_down", "samples", Unexpected, "failed (500)"),
        ("synthetic_502", "samples", Unreachable, "502"),
        ("synthetic_504", "samples", Unreachable, "504"),
        ("synthetic_429", "samples", Rejected, "too many"),
        ("synthetic_200_html", "samples", Unexpected, "web page"),
    ],
)
def test_recorded_refusals(name: str, folder: str, kind: type[LabError], why: str) -> None:
    error = failure(canned(recording(name, folder)))
    assert type(error) is kind
    assert why in error.why
    assert error.what
    assert error.where == "http://netbox.test"


def test_every_recorded_refusal_is_understood() -> None:
    for file in DATA.glob("samples*/error_*.json"):
        answer = canned(json.loads(file.read_text()))
        error = failure(answer)
        assert error.why, file.name
        assert error.why.isprintable(), file.name


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        EMPTY[:-9],
        b"null",
        b"[]",
        b"[1]",
        b"3",
        b'"text"',
        b"{}",
        b'{"results": []}',
        b'{"count": 1, "results": null}',
        b'{"count": "1", "results": []}',
        b'{"count": 1, "results": {"id": 1}}',
        b'{"count": 1, "results": "ab"}',
        b'{"count": 1, "results": 7}',
        b'{"count": 5, "results": [1, 2]}',
        b'{"count": 5, "results": [{"id": "x"}]}',
        b'{"count": 1, "results": [{"id": 1}]}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"count": 9, "next": "http://elsewhere.test/", "results": [{"id": 1, "name": 5}]}',
    ],
)
def test_answers_that_are_none(body: bytes) -> None:
    error = failure(Canned(body=body))
    assert type(error) is Unexpected
    assert "url" in error.remedy


def test_a_list_that_never_ends() -> None:
    """A server that ignores where to go on from would have it read for ever."""
    rows = [{"id": number, "name": "x", "slug": "x"} for number in (1, 2)]
    client, adapter = client_of(lambda _path, _query: page(*rows, count=9))
    with pytest.raises(Unexpected, match="do not follow each other"):
        Reader(client, ()).inventory()
    assert len(adapter.asked) == 2


def test_rows_that_do_not_fit_are_left_out_and_named() -> None:
    good = {"id": 1, "name": "good", "slug": "good"}
    bad: tuple[Any, ...] = (
        {"id": 2, "name": "bad\x1b"},
        7,
        None,
        {"id": 10**30, "name": "huge", "slug": "x"},
    )
    client, _adapter = client_of(
        lambda path, _query: page(good, *bad) if path == "dcim/sites" else Canned()
    )
    reader = Reader(client, ())
    assert [site.name for site in reader.inventory().sites] == ["good"]
    assert len(reader.complaints) == len(bad)
    assert all(text.isprintable() for text in reader.complaints)


def test_a_list_that_is_hidden_is_complained_of() -> None:
    refusal = canned(recording("error_403_no_permission"))
    site = {"id": 1, "name": "a", "slug": "a"}
    client, _adapter = client_of(
        lambda path, _query: page(site) if path == "dcim/sites" else refusal
    )
    reader = Reader(client, ())
    assert len(reader.inventory().sites) == 1
    assert len(reader.complaints) == len(LISTS) - 1


@pytest.mark.parametrize("token", ["", "short", "has a blank in it", "x" * 600, "näh" * 10])
def test_tokens_that_cannot_be(token: str) -> None:
    with pytest.raises(Refused) as caught:
        Client(config("http://netbox.test", token=token))
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ReadTimeout("x"), TimedOut),
        (SSLError(f"{'ab' * 32}"), TlsFailed),
        (SSLError("certificate verify failed: self-signed certificate (_ssl.c:1)"), TlsFailed),
        (SSLError("WRONG_VERSION_NUMBER"), TlsFailed),
        (SSLError("EOF occurred in violation of protocol"), Unreachable),
        (RequestsConnectionError("x"), Unreachable),
        (InvalidHeader(f"Bearer {TOKEN}"), Refused),
        (ChunkedEncodingError("x"), Unreachable),
    ],
)
def test_exceptions_of_libraries(error: Exception, kind: type[LabError]) -> None:
    found = from_exception(QUESTION, error)
    assert type(found) is kind
    assert TOKEN not in str(found)


def test_the_token_is_in_no_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("error_403_bad_v2", "error_500_redis_down", "synthetic_200_html"):
        told = "".join(traceback.format_exception(failure(canned(recording(name)))))
        assert TOKEN not in told
    assert TOKEN not in caplog.text
