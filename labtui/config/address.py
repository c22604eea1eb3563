"""Hosts, ports, URLs and fingerprints as a person writes them: pure; `ValueError` says what is off.

The texts of the errors never repeat what was written: an address may hold a password.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from labtui.config.schema import Address, Hop
from labtui.locale import _

_HOST = re.compile(r"[^\W_]([\w.-]*\w)?\.?")
_USER = re.compile(r"[^\s@:/-][^\s@:/]*")
SSH_PORT = 22
_PORT = re.compile(r"[0-9]{1,5}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def address_of(text: str, default_port: int) -> Address:
    """`host`, `host:port`, `[v6]` or `[v6]:port` as an address; raises `ValueError`."""
    if "@" in text:
        raise ValueError(_("no user or password in an address"))
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not closed or not _is_v6(host):
            raise ValueError(_("an IPv6 address between the brackets"))
        if rest and not rest.startswith(":"):
            raise ValueError(_("nothing, or :port, after the bracket"))
        return Address(host, _port(rest[1:]) if rest else default_port)
    if text.count(":") > 1:
        raise ValueError(
            _("an IPv6 address in brackets: [2001:db8::1]:{port}").format(port=default_port)
        )
    host, colon, port = text.partition(":")
    return Address(_host(host), _port(port) if colon else default_port)


def endpoint_of(text: str, default_port: int) -> Address:
    """Like `address_of`, but `https://host[:port]` will do too; raises `ValueError`."""
    scheme, divider, rest = text.partition("://")
    if not divider:
        return address_of(text, default_port)
    if scheme.lower() != "https":
        raise ValueError(_("https:// (a password would go over the wire in the clear)"))
    if rest.endswith("/"):
        rest = rest[:-1]
    if "/" in rest or "?" in rest or "#" in rest:
        raise ValueError(_("https://host[:port] without a path"))
    return address_of(rest, default_port)


def url_of(text: str) -> tuple[str, str, str]:
    """A base URL as (URL without a slash at its end, scheme, host); raises `ValueError`."""
    wanted = _("a URL like https://netbox.example.org")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(wanted) from None
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https") or re.search(r"\s", text):
        raise ValueError(wanted)
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise ValueError(_("a URL without ? and #"))
    address = address_of(parts.netloc, 443 if scheme == "https" else 80)
    base = f"{scheme}://{parts.netloc}{parts.path}".rstrip("/")
    return base, scheme, address.host


def hop_of(text: str) -> Hop:
    """`[user@]host[:port]` of an SSH server, port 22 when none is written; raises `ValueError`."""
    user, at, rest = text.rpartition("@")
    if at and not _USER.fullmatch(user):
        raise ValueError(_("a user name before the @"))
    return Hop(address_of(rest, SSH_PORT), user)


def hops_of(text: str) -> tuple[Hop, ...]:
    """Several of them with commas between, the first one nearest; none for an empty text."""
    return tuple(hop_of(part.strip()) for part in text.split(",")) if text else ()


def is_loopback(host: str) -> bool:
    """Whether that host is this machine, by its name or number alone (nothing is looked up)."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def fingerprint_from(text: str) -> str:
    """A SHA-256 fingerprint as 64 lower-case hex digits; raises `ValueError`.

    Taken with colons, as Proxmox VE and openssl print it, or without.
    """
    plain = text.strip().lower()
    if ":" in plain:
        pairs = plain.split(":")
        plain = "".join(pairs) if all(len(pair) == 2 for pair in pairs) else ""
    if not _FINGERPRINT.fullmatch(plain):
        raise ValueError(_("64 hex digits (SHA-256), with or without colons"))
    return plain


def _host(text: str) -> str:
    if not text:
        raise ValueError(_("a host name or address"))
    if re.fullmatch(r"[0-9.]+", text):
        try:
            return str(ipaddress.IPv4Address(text))
        except ValueError:
            raise ValueError(_("an IPv4 address of four numbers up to 255")) from None
    if len(text) > 253 or ".." in text or not _HOST.fullmatch(text):
        raise ValueError(_("a host name or address"))
    return text


def _port(text: str) -> int:
    if not _PORT.fullmatch(text) or not 1 <= int(text) <= 65535:
        raise ValueError(_("a port from 1 to 65535"))
    return int(text)


def _is_v6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True
