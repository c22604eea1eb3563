"""Taking secrets out of texts that are written down: the log, the bug report.

Two ways at once: the values that this process has been given (`keep_out`), in every spelling they
may have on a wire, and the forms that credentials of the three systems have. Neither alone would
do: a ticket is not known beforehand, a password has no form.

Forms: API token header and ticket as of `PVE/AccessControl.pm` and `PVE/Ticket.pm` (`PVEAPIToken=`,
`PVE:user@realm:HEXTIME::signature`), the CSRF token `HEXTIME:base64`, NetBox's tokens (40 hex
digits; `nbt_key.secret`), WireGuard's keys (32 bytes in base64).
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable
from functools import cache, lru_cache
from urllib.parse import quote, quote_plus

from labtui.config.schema import Config
from labtui.config.secret import Secret

HIDDEN = "***"
_SHORT = 4
_NAMES = (
    r"(?:passw(?:or)?d|passphrase|secret|ticket|api[_-]?key|private[_-]?key|preshared[_-]?key|otp"
    r"|tfa[_-]?code)[\w.-]{0,40}|tokens?|\bpass|\bpw"
)
# (what is looked for, what stands there instead), in this order.
_FORMS = (
    (
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        HIDDEN,
    ),
    # A header's value goes to the end of its line: nothing of it is worth the risk.
    (
        r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|csrfpreventiontoken|x-[\w-]*token)"
        r"\b[\"']?\s*[:=,].*",
        r"\1: " + HIDDEN,
    ),
    (r"(?i)\b(PVEAPIToken)\s*[=:]\s*[^\s\"',;]+", r"\1=" + HIDDEN),
    (r"\b(?:PVE|PMG|PBS)[A-Z]*(?::|%3[Aa])\S{0,160}?(?:::|%3[Aa]%3[Aa])[^\s\"',;]*", HIDDEN),
    (r"(?i)\b(PVE|PMG|PBS)AuthCookie\b[=:]?\s*[^\s\"',;]*", HIDDEN),
    (r"\b[0-9A-F]{8}(?::|%3A)[A-Za-z0-9+/%]{27,}={0,2}", HIDDEN),
    (r"(?i)\b(bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{16,}", r"\1 " + HIDDEN),
    (r"\bnbt_[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)?", HIDDEN),
    (r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=", HIDDEN),
    (r"(?i)\b([a-z][a-z0-9+.-]{0,30}://)[^\s/@\"']*@", r"\1" + HIDDEN + "@"),
)
# `password=...`, `"token": "..."`; what is hidden already stays.
_NAMED = (
    rf"(?i)({_NAMES})([\"']?\s*[=:]\s*)(?![\"']?\*\*\*)"
    r"(\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|[^\s,;&)}\]]+)"
)
_lock = threading.Lock()
_values: set[str] = set()
_version = 0


def keep_out(values: Iterable[str]) -> None:
    """From now on hide these values; any thread may call. There is no way to read them back."""
    global _version
    fresh = {value for value in values if value.strip()}
    with _lock:
        if not fresh <= _values:
            _values.update(fresh)
            _version += 1


def keep_out_secrets_of(config: Config) -> None:
    """Hide what the configuration holds in plain text or names in the environment.

    What a command, file or keyring gives is not asked for here; `Secret.reveal` tells it.
    """
    keep_out(
        secret.reference if secret.kind == "plain" else secret.reveal()
        for secret in secrets_of(config)
        if secret.kind == "plain" or (secret.kind == "env" and _is_set(secret))
    )


def secrets_of(config: Config) -> tuple[Secret, ...]:
    """Every secret that the configuration names."""
    found: list[Secret | None] = []
    for cluster in config.proxmox:
        found.extend((cluster.token_secret, cluster.password))
    for router in config.routers:
        found.extend((router.password, router.write_password))
    if config.netbox is not None:
        found.append(config.netbox.token)
    found.extend(hook.token for hook in config.notify)
    return tuple(secret for secret in found if secret is not None)


def redacted(text: str) -> str:
    """The text without secrets."""
    known = _known(_version)
    if known is not None:
        text = known.sub(HIDDEN, text)
    for form, instead in _forms():
        text = form.sub(instead, text)
    return _named().sub(_without_value, text)


def _without_value(found: re.Match[str]) -> str:
    """Name and sign as they were; the quotes of the value too, so that JSON stays JSON."""
    value = found[3]
    mark = value[0] if value[0] in "\"'" else ""
    end = mark if len(value) > 1 and value.endswith(mark) else ""
    return f"{found[1]}{found[2]}{mark}{HIDDEN}{end}"


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Compiled when first needed: that takes longer than all else that labtui does at its start."""
    return tuple((re.compile(form), instead) for form, instead in _FORMS)


@cache
def _named() -> re.Pattern[str]:
    return re.compile(_NAMED)


def _is_set(secret: Secret) -> bool:
    return bool(os.environ.get(secret.reference))


@lru_cache(maxsize=1)
def _known(_wanted: int) -> re.Pattern[str] | None:
    """One pattern for all values and their spellings, the longest first."""
    import json

    with _lock:
        values = set(_values)
    words: set[str] = set()
    for value in values:
        spellings = {value, quote(value), quote(value, safe=""), quote_plus(value)}
        spellings |= {repr(value)[1:-1], json.dumps(value)[1:-1]}
        spellings.add(json.dumps(value, ensure_ascii=False)[1:-1])
        # A very short one stands in every other word; by itself it is hidden all the same.
        whole = len(value) < _SHORT
        words |= {rf"(?<!\w){re.escape(w)}(?!\w)" if whole else re.escape(w) for w in spellings}
    return re.compile("|".join(sorted(words, key=len, reverse=True))) if words else None
