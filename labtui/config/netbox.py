"""`[netbox]`: where it is, and how its records are held against the lab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from labtui.config.address import is_loopback, url_of
from labtui.config.mistakes import shown
from labtui.config.schema import NetboxConfig, Tls
from labtui.config.table import Table
from labtui.config.trust import read_tls
from labtui.locale import _
from labtui.model.records.rules import DEVICE_KEYS, GUEST_KEYS, Ignore

NETBOX_KEYS = (
    *("url", "token", "tls", "ca_file", "fingerprint"),
    *("vmid_fields", "join", "device_join", "ignore"),
)
_IGNORE_KEYS = ("what", "name", "field", "reason")
_K = TypeVar("_K", bound=str)


def read_netbox(table: Table) -> NetboxConfig | None:
    """`[netbox]`. In the clear only to this machine, unless `tls = "off"` says that it is meant."""
    token = table.secret("token", required=True)
    fields = _vmid_fields(table)
    url, in_clear = _netbox_url(table)
    tls = read_tls(table, ("verify", "pin", "off"))
    if in_clear:
        tls = Tls("off")
    join = _chosen(table, "join", GUEST_KEYS)
    device_join = _chosen(table, "device_join", DEVICE_KEYS)
    ignore = read_ignored(table)
    if token is None or not url:
        return None
    default = NetboxConfig(url, token, tls)
    return NetboxConfig(url, token, tls, fields or default.vmid_fields, join, device_join, ignore)


def _netbox_url(table: Table) -> tuple[str, bool]:
    text = table.text("url", _("a URL like https://netbox.example.org"), required=True)
    if not text:
        return "", False
    try:
        url, scheme, host = url_of(text)
    except ValueError as error:
        table.note("url", str(error), shown(text))
        return "", False
    off = table.raw.get("tls") == "off"
    if scheme == "https" and off:
        table.note("tls", _("not off, for the URL says https://"), '"off"')
    if scheme == "http" and not off:
        if not is_loopback(host):
            table.note(
                "url",
                _("https:// (the token would go over the wire in the clear)"),
                shown(text),
                _('tls = "off" allows it'),
            )
        for key in ("tls", "ca_file", "fingerprint"):
            if table.has(key):
                table.note(key, _("nothing, for the URL says http://"), _("a value"))
    return url, scheme == "http"


def _vmid_fields(table: Table) -> tuple[str, ...] | None:
    if not table.has("vmid_fields"):
        return None
    named = table.texts("vmid_fields", _("a list of names of custom fields"))
    return tuple(text for _where, text in named)


def _chosen(table: Table, key: str, known: Sequence[_K]) -> tuple[_K, ...]:
    if not table.has(key):
        return tuple(known)
    expected = _("a list of {words}").format(words=", ".join(known))
    found: list[_K] = []
    for where, text in table.texts(key, expected):
        word = next((each for each in known if each == text), None)
        if word is None or word in found:
            table.mistakes.note(where, expected, shown(text))
        else:
            found.append(word)
    return tuple(found)


def read_ignored(table: Table) -> tuple[Ignore, ...]:
    """`[[netbox.ignore]]`: patterns and a reason each."""
    value = table.raw.get("ignore", [])
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        table.note("ignore", _("tables like [[netbox.ignore]]"), shown(value))
        return ()
    found: list[Ignore] = []
    for number, raw in enumerate(value):
        inner = Table(raw, f"{table.path('ignore')}[{number}]", _IGNORE_KEYS, table.mistakes)
        what, name, field = (
            inner.text(key, _("a text, with * and ? for any")) for key in _IGNORE_KEYS[:3]
        )
        reason = inner.text("reason", _("why they are meant so"), required=True)
        if not (what or name or field):
            inner.note("what", _("what, name or field: else it would hide everything"))
        elif reason:
            found.append(Ignore(reason, what, name, field))
    return tuple(found)
