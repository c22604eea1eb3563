"""How a server proves who it is, as a table says it: tls, ca_file, fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from labtui.config.address import endpoint_of, fingerprint_from
from labtui.config.mistakes import shown, shown_key
from labtui.config.schema import Address, Tls, TlsMode
from labtui.config.table import Table
from labtui.locale import _


def read_tls(
    table: Table,
    modes: Sequence[TlsMode],
    addresses: Sequence[Address] = (),
    default_port: int = 0,
) -> Tls:
    """The `Tls` of a table; `modes` are those that its kind of server can have.

    Without `tls` it is `pin` when there is a fingerprint, else `verify`. What can't have an effect
    (an authority beside a pin, a pin with TLS off) is a mistake: nobody shall rely on it.
    """
    pins = _pins(table, addresses, default_port)
    ca_file = table.file("ca_file")
    written = table.choice("tls", modes)
    pinned = table.has("fingerprint")
    mode: TlsMode = "pin" if pinned else "verify"
    for known in get_args(TlsMode):
        if written == known:
            mode = known
    if mode == "pin" and not pinned:
        table.demand("fingerprint", _("the certificate's fingerprint, for tls is pin"))
    if mode != "pin" and pinned:
        table.note(
            "fingerprint",
            _("nothing, for tls is {mode}").format(mode=mode),
            _("a value"),
            _('take out tls, or make it "pin"'),
        )
    if mode != "verify" and table.has("ca_file"):
        why = (
            _("nothing, for a pinned certificate needs no authority")
            if mode == "pin"
            else _("nothing, for tls is {mode}").format(mode=mode)
        )
        table.note("ca_file", why, _("a value"))
    if mode != "pin" or not pins:
        return Tls(mode, ca_file)
    return Tls(mode, ca_file, pins[0], tuple(pins[1:]))


def _pins(table: Table, addresses: Sequence[Address], default_port: int) -> list[str]:
    """The fingerprints in order, from a text, a list, or a table endpoint -> fingerprint."""
    if not table.has("fingerprint"):
        return []
    value = table.raw["fingerprint"]
    where = table.path("fingerprint")
    expected = _("a fingerprint, or a list of them")
    items: list[tuple[str, object]]
    if isinstance(value, str):
        items = [(where, value)]
    elif isinstance(value, list) and value:
        items = [(f"{where}[{number}]", item) for number, item in enumerate(value)]
    elif isinstance(value, dict) and value and default_port:
        for endpoint in value:
            _check_endpoint(table, endpoint, addresses, default_port)
        items = [(f'{where}."{shown_key(key).strip(chr(34))}"', pin) for key, pin in value.items()]
    else:
        table.note("fingerprint", expected, shown(value))
        return []
    found: list[str] = []
    for path, item in items:
        try:
            pin = fingerprint_from(item if isinstance(item, str) else "")
        except ValueError as error:
            table.mistakes.note(path, str(error), shown(item))
            continue
        if pin not in found:
            found.append(pin)
    return found


def _check_endpoint(
    table: Table, written: str, addresses: Sequence[Address], default_port: int
) -> None:
    try:
        known = endpoint_of(written, default_port) in addresses
    except ValueError:
        known = False
    # Without a single good address there is another mistake to mend first.
    if not known and addresses:
        table.note(
            "fingerprint",
            _("endpoints of this table as keys"),
            shown(written),
            _("known: {words}").format(words=", ".join(map(str, addresses))),
        )
