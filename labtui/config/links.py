"""`[links]`: what a new link is made of."""

from __future__ import annotations

from ipaddress import IPv4Network

from labtui.config.mistakes import shown
from labtui.config.table import Table
from labtui.locale import _
from labtui.model.link_rules import LinkRules

LINK_KEYS = ("pool", "length", "asn_range", "filter", "filter_rule", "ports", "group", "role")
_LAST_PORT = 65535
_SLUG = r"[-\w]{1,100}"


def read_links(table: Table) -> LinkRules:
    """The whole table; what is not written is as `LinkRules` has it."""
    default = LinkRules()
    return LinkRules(
        pool=_pool(table),
        length=table.number("length", 24, 31, default.length),
        asn_range=table.text("asn_range", _("the slug of a range in NetBox"), _SLUG),
        filter=table.text("filter", _("the name of a filter chain"), r"[-\w.]{1,60}"),
        filter_rule=table.text("filter_rule", _("a rule of /routing/filter")),
        ports=_ports(table) or default.ports,
        group=table.text("group", _("the slug of a tunnel group in NetBox"), _SLUG),
        role=table.text("role", _("the slug of a prefix role in NetBox"), _SLUG),
    )


def _ports(table: Table) -> tuple[int, int] | None:
    expected = _("two ports, like 51820-52843")
    text = table.text("ports", expected, r"\d{1,5}-\d{1,5}")
    low, high = (int(part) for part in text.split("-")) if text else (0, 0)
    if text and not 0 < low <= high <= _LAST_PORT:
        table.note("ports", expected, shown(text))
        return None
    return (low, high) if text else None


def _pool(table: Table) -> str:
    expected = _("an IPv4 prefix, like 10.255.0.0/24")
    text = table.text("pool", expected, r"[0-9.]{7,15}/\d{1,2}")
    try:
        return str(IPv4Network(text)) if text else ""
    except ValueError:
        table.note("pool", expected, shown(text))
        return ""
