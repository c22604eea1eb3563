"""Every row of the classifier: what came in, and what a person reads."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from typing import get_args

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import exceptions as requests_errors
from urllib3 import exceptions as urllib3_errors

from labtui.model.errors import LabError, ProblemKind
from labtui.sources.classify import Backend, Verdict, of_exception, router, shell
from labtui.sources.classify.http import of_status
from labtui.sources.classify.verdict import _ERRORS

PIN = "ab" * 32


def of_errno(number: int) -> OSError:
    return OSError(number, "x")


def wrapped(inner: Exception) -> requests_errors.ConnectionError:
    """As requests hands it on: four links deep."""
    outer = urllib3_errors.ProtocolError("Connection aborted.", inner)
    return requests_errors.ConnectionError(outer)


def refusal(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, f"certificate verify failed: {message} (_ssl.c:1)")
    error.verify_code, error.verify_message = code, message
    return error


def tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] text (_ssl.c:1)")
    error.reason = reason
    return error


EXCEPTIONS: tuple[tuple[BaseException, str, str], ...] = (
    (of_errno(errno.ECONNREFUSED), "unreachable", "refused"),
    (of_errno(errno.EHOSTUNREACH), "unreachable", "no-route"),
    (of_errno(errno.EHOSTDOWN), "unreachable", "no-route"),
    (of_errno(errno.ENETUNREACH), "unreachable", "no-route"),
    (of_errno(errno.ENETDOWN), "unreachable", "no-route"),
    (of_errno(errno.EADDRNOTAVAIL), "unreachable", "no-route"),
    (of_errno(errno.EACCES), "unreachable", "not-let-out"),
    (of_errno(errno.EPERM), "unreachable", "not-let-out"),
    (of_errno(errno.EMFILE), "unreachable", "no-handles"),
    (of_errno(errno.ENFILE), "unreachable", "no-handles"),
    (of_errno(errno.ECONNRESET), "unreachable", "reset"),
    (of_errno(errno.EPIPE), "unreachable", "reset"),
    (of_errno(errno.ECONNABORTED), "unreachable", "reset"),
    (of_errno(errno.ETIMEDOUT), "timed-out", "late"),
    (TimeoutError(), "timed-out", "late"),
    (requests_errors.ConnectTimeout(), "timed-out", "late"),
    (requests_errors.ReadTimeout(), "timed-out", "late"),
    (socket.gaierror(-2, "Name or service not known"), "unreachable", "name"),
    (http.client.RemoteDisconnected("x"), "unreachable", "reset"),
    (http.client.BadStatusLine("x"), "unexpected", "garbled"),
    (http.client.IncompleteRead(b"x"), "unexpected", "garbled"),
    (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), "unexpected", "undecodable"),
    (EOFError(), "unreachable", "reset"),
    (ConnectionError(), "unreachable", "reset"),
    (wrapped(of_errno(errno.ECONNREFUSED)), "unreachable", "refused"),
    (wrapped(http.client.RemoteDisconnected("x")), "unreachable", "reset"),
    (wrapped(refusal(10, "certificate has expired")), "tls", "expired"),
    (refusal(10, "certificate has expired"), "tls", "expired"),
    (refusal(9, "certificate is not yet valid"), "tls", "early"),
    (refusal(18, "self-signed certificate"), "tls", "authority"),
    (refusal(20, "unable to get local issuer certificate"), "tls", "authority"),
    (refusal(62, "Hostname mismatch, certificate is not valid for 'a'"), "tls", "name"),
    (refusal(64, "IP address mismatch"), "tls", "name"),
    (ssl.SSLCertVerificationError(f"not the pinned one; it is {PIN}"), "tls", "pin"),
    (requests_errors.SSLError(f"x {PIN}"), "tls", "pin"),
    (tls("WRONG_VERSION_NUMBER"), "tls", "no-tls"),
    (tls("SSLV3_ALERT_HANDSHAKE_FAILURE"), "tls", "cipher"),
    (tls("NO_CIPHERS_AVAILABLE"), "tls", "cipher"),
    (tls("TLSV1_ALERT_PROTOCOL_VERSION"), "tls", "version"),
    (tls("UNSUPPORTED_PROTOCOL"), "tls", "version"),
    (tls("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "tls", "client-certificate"),
    (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), "unreachable", "tls-eof"),
    (asyncssh.HostKeyNotVerifiable("x"), "host-key", "host-key-unknown"),
    (asyncssh.PermissionDenied("x"), "refused", "denied"),
    (asyncssh.KeyExchangeFailed("x"), "unexpected", "no-common-method"),
    (asyncssh.ProtocolNotSupported("x"), "unexpected", "no-ssh"),
    (asyncssh.ProtocolError("x"), "unexpected", "no-ssh"),
    (asyncssh.ConnectionLost("x"), "unreachable", "reset"),
    (asyncssh.DisconnectError(11, "x"), "unreachable", "reset"),
    (asyncssh.ChannelOpenError(2, "x"), "unreachable", "not-forwarded"),
    (asyncssh.KeyEncryptionError("x"), "refused", "no-key"),
)


@pytest.mark.parametrize("backend", get_args(Backend))
@pytest.mark.parametrize(("error", "kind", "sign"), EXCEPTIONS, ids=lambda each: str(each)[:50])
def test_exceptions(error: BaseException, kind: str, sign: str, backend: Backend) -> None:
    verdict = of_exception(error, backend)
    assert verdict is not None
    assert (verdict.kind, verdict.sign) == (kind, sign)
    assert verdict.why
    if sign == "pin":
        assert PIN in verdict.why


def test_an_error_of_ours_is_no_failure_of_the_way() -> None:
    assert of_exception(ValueError("x"), "proxmox") is None


def test_a_host_key_that_is_on_file_has_changed() -> None:
    verdict = shell.of_exception((asyncssh.HostKeyNotVerifiable("x"),), known=True)
    assert verdict is not None
    assert (verdict.kind, verdict.sign) == ("host-key", "host-key-changed")


@pytest.mark.parametrize(
    ("status", "kind", "sign"),
    [
        (301, "unexpected", "moved"),
        (302, "unexpected", "moved"),
        (400, "rejected", "parameter"),
        (401, "refused", "credential"),
        (403, "forbidden", "right"),
        (404, "not-found", "absent"),
        (405, "rejected", "method"),
        (407, "refused", "proxy"),
        (408, "timed-out", "late"),
        (409, "rejected", "conflict"),
        (412, "rejected", "changed"),
        (413, "rejected", "too-large"),
        (418, "rejected", "status"),
        (429, "rejected", "too-many"),
        (500, "rejected", "internal"),
        (501, "rejected", "method"),
        (502, "unreachable", "gateway"),
        (503, "unreachable", "gateway"),
        (504, "unreachable", "gateway"),
        (595, "unreachable", "forward"),
        (596, "unreachable", "forward"),
        (597, "unreachable", "forward"),
        (598, "unreachable", "forward"),
        (599, "unreachable", "forward"),
        (12, "unexpected", "no-status"),
    ],
)
@pytest.mark.parametrize("backend", get_args(Backend))
def test_statuses(status: int, kind: str, sign: str, backend: Backend) -> None:
    verdict = of_status(status, backend)
    assert (verdict.kind, verdict.sign) == (kind, sign)
    assert "{" not in verdict.why


@pytest.mark.parametrize(
    ("category", "text", "kind", "sign"),
    [
        (None, "invalid user name or password (6)", "refused", "credential"),
        (None, "cannot log in", "refused", "credential"),
        (4, "not enough permissions (9)", "forbidden", "right"),
        (0, "no such item", "not-found", "absent"),
        (None, "no such command prefix", "not-found", "absent"),
        (0, "unknown parameter foo", "rejected", "argument"),
        (0, "anything", "not-found", "absent"),
        (1, "anything", "rejected", "argument"),
        (2, "interrupted", "rejected", "interrupted"),
        (None, "interrupted", "rejected", "interrupted"),
        (3, "anything", "rejected", "script"),
        (4, "anything", "rejected", "general"),
        (5, "anything", "rejected", "api"),
        (6, "anything", "rejected", "tty"),
        (7, "anything", "rejected", "returned"),
        (99, "anything", "rejected", "general"),
        (4, "failure: already have such entry", "rejected", "duplicate"),
        (None, "", "rejected", "general"),
    ],
)
def test_traps(category: int | None, text: str, kind: str, sign: str) -> None:
    verdict = router.of_trap(category, text)
    assert (verdict.kind, verdict.sign) == (kind, sign)
    assert verdict.why


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("too many commands before login", "refused"),
        ("not logged in", "refused"),
        ("session terminated on request", "unreachable"),
        ("", "unreachable"),
    ],
)
def test_fatal_words(reason: str, kind: str) -> None:
    verdict = router.of_fatal(reason)
    assert verdict.kind == kind
    assert verdict.why


@pytest.mark.parametrize(
    ("text", "kind", "sign"),
    [
        ("@@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @@", "host-key", "host-key-changed"),
        ("Offending ED25519 key in /x:4", "host-key", "host-key-changed"),
        ("Host key verification failed.", "host-key", "host-key-unknown"),
        ("amy@pve1: Permission denied (publickey).", "refused", "denied"),
        ("Too many authentication failures", "refused", "denied"),
        ("ssh: Could not resolve hostname x: Name or ...", "unreachable", "name"),
        ("ssh: connect to host x port 22: Connection refused", "unreachable", "refused"),
        ("ssh: connect to host x port 22: Connection timed out", "timed-out", "late"),
        ("ssh: connect to host x port 22: No route to host", "unreachable", "no-route"),
        ("ssh: connect to host x: Network is unreachable", "unreachable", "no-route"),
        ("channel 0: open failed: administratively prohibited", "unreachable", "not-forwarded"),
        ("stdio forwarding failed", "unreachable", "not-forwarded"),
        ("Unable to negotiate: no matching host key type", "unexpected", "no-common-method"),
        ("Connection reset by peer", "unreachable", "reset"),
        ("Connection closed by remote host", "unreachable", "reset"),
    ],
)
def test_what_openssh_says(text: str, kind: str, sign: str) -> None:
    verdict = shell.of_text(text)
    assert verdict is not None
    assert (verdict.kind, verdict.sign) == (kind, sign)


def test_other_words_of_a_shell_are_not_judged() -> None:
    assert shell.of_text("Last login: today") is None


def test_every_kind_has_its_error() -> None:
    assert set(_ERRORS) == set(get_args(ProblemKind))
    for kind, error in _ERRORS.items():
        made = Verdict(kind, "x", "why", "do").error("what", "where")
        assert type(made) is error
        assert made.kind == kind
        assert (made.why, made.remedy) == ("why", "do")


@given(st.integers(-5, 2000), st.text(max_size=80), st.integers(0, 9))
def test_nothing_is_beyond_a_verdict(status: int, text: str, category: int) -> None:
    for verdict in (of_status(status, "netbox"), router.of_trap(category, text)):
        error = verdict.error("what", "where")
        assert isinstance(error, LabError)
        assert error.problem.sentence.isprintable()
