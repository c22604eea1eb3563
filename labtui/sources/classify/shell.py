"""Failures of SSH: exceptions of asyncssh, known by their names, and what OpenSSH's client says.

asyncssh is not loaded here. It has one exception for a host key that is unknown and for one that
changed; who connects knows which from the file of known keys.
"""

from __future__ import annotations

from collections.abc import Sequence

from labtui.locale import N_, _
from labtui.model.errors import ProblemKind
from labtui.sources.classify import sockets
from labtui.sources.classify.verdict import Verdict

_Row = tuple[ProblemKind, str, str, str]

CHANGED: _Row = (
    "host-key",
    "host-key-changed",
    N_("the host key is not the known one"),
    N_("do not go on; ask the administrator, on another way, whether it was renewed"),
)
UNKNOWN: _Row = (
    "host-key",
    "host-key-unknown",
    N_("the host key is not known"),
    N_("compare it, and put it into known_hosts"),
)
_DENIED: _Row = (
    "refused",
    "denied",
    N_("no key of ours is accepted"),
    N_("check user and identity_file in [ssh], and that the agent has the key"),
)
_NO_FORWARD: _Row = (
    "unreachable",
    "not-forwarded",
    N_("the jump host does not reach it, or does not forward"),
    "",
)
_NO_COMMON: _Row = ("unexpected", "no-common-method", N_("no common method of encryption"), "")
_LOST: _Row = ("unreachable", "reset", N_("connection lost"), "")
_NO_SSH: _Row = ("unexpected", "no-ssh", N_("no SSH is spoken there"), N_("check host and port"))

# Names of asyncssh's exceptions, the more special first.
_EXCEPTIONS: dict[str, _Row] = {
    "HostKeyNotVerifiable": UNKNOWN,
    "PermissionDenied": _DENIED,
    "PasswordChangeRequired": _DENIED,
    "IllegalUserName": _DENIED,
    "ChannelOpenError": _NO_FORWARD,
    "KeyExchangeFailed": _NO_COMMON,
    "ProtocolNotSupported": _NO_SSH,
    "ServiceNotAvailable": _NO_SSH,
    "MACError": _LOST,
    "CompressionError": _LOST,
    "ProtocolError": _NO_SSH,
    "ConnectionLost": _LOST,
    "KeyImportError": (
        "refused",
        "no-key",
        N_("our own key cannot be read"),
        N_("name a key without a passphrase in identity_file, or use the agent"),
    ),
    "KeyEncryptionError": (
        "refused",
        "no-key",
        N_("our own key cannot be read"),
        N_("name a key without a passphrase in identity_file, or use the agent"),
    ),
    "DisconnectError": _LOST,
    "Error": _LOST,
}
# What OpenSSH writes when it fails; the first that is found decides.
_TEXTS: tuple[tuple[str, _Row], ...] = (
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", CHANGED),
    ("Offending", CHANGED),
    ("Host key verification failed", UNKNOWN),
    ("Permission denied", _DENIED),
    ("Too many authentication failures", _DENIED),
    ("Could not resolve hostname", ("unreachable", "name", N_("name not known"), "")),
    ("Name or service not known", ("unreachable", "name", N_("name not known"), "")),
    ("Connection refused", ("unreachable", "refused", N_("connection refused"), "")),
    ("Connection timed out", ("timed-out", "late", N_("no answer in time"), "")),
    ("Operation timed out", ("timed-out", "late", N_("no answer in time"), "")),
    ("No route to host", ("unreachable", "no-route", N_("no route to host"), "")),
    ("Network is unreachable", ("unreachable", "no-route", N_("no route to the network"), "")),
    ("administratively prohibited", _NO_FORWARD),
    ("stdio forwarding failed", _NO_FORWARD),
    ("no matching", _NO_COMMON),
    ("Connection reset", _LOST),
    ("Connection closed", _LOST),
)


def of_exception(chain: Sequence[BaseException], known: bool = False) -> Verdict | None:
    """The verdict on an exception of asyncssh; `known` says that a key of the host is on file.

    None for an exception of something else.
    """
    names = [each.__name__ for link in chain for each in _of_asyncssh(link)]
    for name, row in _EXCEPTIONS.items():
        if name in names:
            return said(CHANGED if row is UNKNOWN and known else row)
    return None


def of_text(text: str) -> Verdict | None:
    """The verdict on what a client of OpenSSH wrote; None when it says nothing that is known."""
    return next((said(row) for found, row in _TEXTS if found in text), None)


def of_connection(chain: Sequence[BaseException], known: bool = False) -> Verdict | None:
    """The verdict on whatever ended an attempt to connect."""
    return of_exception(chain, known) or sockets.of_exception(chain, "ssh")


def said(row: _Row) -> Verdict:
    """A row in the language of the person."""
    kind, sign, why, remedy = row
    return Verdict(kind, sign, _(why), _(remedy) if remedy else "")


def _of_asyncssh(link: BaseException) -> list[type]:
    return [each for each in type(link).__mro__ if each.__module__.startswith("asyncssh")]
