"""The tables of the configuration, one function each: a TOML table in, a struct of the schema out.

A table with a mistake gives None or a default; the mistake itself is kept in `Mistakes`.
"""

from __future__ import annotations

from collections.abc import Callable

from labtui.config.address import address_of, endpoint_of, hop_of
from labtui.config.entering import read_jump
from labtui.config.links import LINK_KEYS
from labtui.config.mistakes import shown, shown_key
from labtui.config.netbox import NETBOX_KEYS
from labtui.config.notify import NOTIFY_KEYS
from labtui.config.schema import (
    Address,
    AuditConfig,
    CacheConfig,
    LogConfig,
    LogLevel,
    ProxmoxConfig,
    RouterConfig,
    UiConfig,
)
from labtui.config.table import Table
from labtui.config.trust import read_tls
from labtui.locale import _

KEYS: dict[str, tuple[str, ...]] = {
    "lab": ("name", "demo", "read_only"),
    "proxmox": (
        "name",
        "endpoints",
        "tls",
        "ca_file",
        "fingerprint",
        "token_id",
        "token_secret",
        "username",
        "password",
        "totp",
        "learn_endpoints",
        "ssh",
    ),
    "router": (
        "name",
        "site",
        "addresses",
        "tls",
        "ca_file",
        "fingerprint",
        "username",
        "password",
        "write_username",
        "write_password",
        "jump",
    ),
    "netbox": NETBOX_KEYS,
    "ssh": (
        "user",
        "jump",
        "known_hosts",
        "identity_file",
        "writes",
        "hosts",
        "users",
        "allow_in_read_only",
    ),
    "console": ("escape", "allow_in_read_only"),
    "ui": ("theme", "language", "ascii"),
    "log": ("level", "files", "size"),
    "cache": ("keep",),
    "overlay": ("outside",),
    "gpu": ("use", "allow_in_read_only"),
    "links": LINK_KEYS,
    "audit": ("syslog", "netbox_journal"),
    "history": ("keep",),
    "notify": NOTIFY_KEYS,
    "safety": ("max_age", "freeze_file", "elevation"),
}
LOG_LEVELS: tuple[LogLevel, ...] = ("off", "error", "warning", "info", "debug")
PROXMOX_PORT = 8006
ROUTER_PORT = 8729
ROUTER_PORT_IN_CLEAR = 8728
_NAME = r"\w[\w.-]{0,63}"
_PVE_NAME = r"[A-Za-z][A-Za-z0-9._-]+"
_PVE_USER = rf"[^\s:/!]+@{_PVE_NAME}"


def read_proxmox(table: Table) -> ProxmoxConfig | None:
    """`[[proxmox]]`. The forms of user and token are those of pve-access-control."""
    endpoints = _addresses(table, "endpoints", lambda text: endpoint_of(text, PROXMOX_PORT))
    token_id = table.text(
        "token_id", _("user@realm!name"), rf"{_PVE_USER}!{_PVE_NAME}", private=True
    )
    token_secret = table.secret("token_secret")
    username = table.text("username", _("user@realm"), _PVE_USER)
    password = table.secret("password")
    _check_credentials(table)
    config = ProxmoxConfig(
        name=read_name(table),
        endpoints=endpoints,
        tls=read_tls(table, ("verify", "pin"), endpoints, PROXMOX_PORT),
        token_id=token_id,
        token_secret=token_secret,
        username=username,
        password=password,
        totp=table.flag("totp"),
        learn_endpoints=table.flag("learn_endpoints", default=True),
        ssh=_ssh_hosts(table),
    )
    return config if endpoints else None


def _check_credentials(table: Table) -> None:
    token = table.has("token_id") or table.has("token_secret")
    login = table.has("username") or table.has("password")
    if token == login:
        table.mistakes.note(
            table.where,
            _("either token_id and token_secret, or username and password"),
            _("both") if token else _("neither"),
        )
    elif token:
        table.demand("token_id", _("the token's name, user@realm!name"))
        table.demand("token_secret", _("the token's secret"))
        if table.has("totp"):
            table.note("totp", _("nothing: a token needs no second factor"), _("a value"))
    else:
        table.demand("username", _("user@realm"))
        table.demand("password", _("the user's password"))


def read_router(table: Table) -> RouterConfig | None:
    """`[[router]]`; the port that is meant when none is written depends on `tls`."""
    port = ROUTER_PORT_IN_CLEAR if table.raw.get("tls") == "off" else ROUTER_PORT
    addresses = _addresses(table, "addresses", lambda text: address_of(text, port))
    password = table.secret("password", required=True)
    username = table.text("username", _("a user name"), required=True)
    write_username = table.text("write_username", _("a user name"))
    write_password = table.secret("write_password")
    if table.has("write_username") != table.has("write_password"):
        missing = "write_password" if table.has("write_username") else "write_username"
        table.note(missing, _("both write_username and write_password"), _("only one"))
    name = read_name(table)
    site = table.text("site", _("the name of a site"))
    tls = read_tls(table, ("verify", "pin", "anonymous", "off"), addresses, port)
    if password is None or not addresses:
        return None
    return RouterConfig(
        name=name,
        addresses=addresses,
        tls=tls,
        username=username,
        password=password,
        site=site,
        write_username=write_username,
        write_password=write_password,
        jump=read_jump(table),
    )


def _ssh_hosts(table: Table) -> tuple[str, ...]:
    """Hosts that run `pvesh`; none when the key is not written."""
    if not table.has("ssh"):
        return ()
    found: list[str] = []
    for where, text in table.texts("ssh", _("a list of [user@]host[:port]")):
        try:
            hop_of(text)
        except ValueError as error:
            table.mistakes.note(where, str(error), shown(text))
            continue
        found.append(text)
    return tuple(found)


def read_ui(table: Table) -> UiConfig:
    """`[ui]`. Whether the theme is there is known only where the themes are loaded."""
    return UiConfig(
        theme=table.text("theme", _("the name of a theme"), _NAME),
        language=table.text("language", _("a language like en or zh_TW"), r"[A-Za-z]{2,3}(_\w+)?"),
        ascii=table.flag("ascii"),
    )


def read_log(table: Table) -> LogConfig:
    """`[log]`. Size in mebibytes."""
    default = LogConfig()
    level = table.choice("level", LOG_LEVELS)
    return LogConfig(
        level=next((known for known in LOG_LEVELS if known == level), default.level),
        files=table.number("files", 1, 100, default.files),
        size=table.number("size", 1, 1000, default.size),
    )


def read_cache(table: Table) -> CacheConfig:
    """`[cache]`."""
    return CacheConfig(keep=table.flag("keep", default=True))


def read_audit(table: Table) -> AuditConfig:
    """`[audit]`."""
    return AuditConfig(table.flag("syslog"), table.flag("netbox_journal"))


def read_keys(table: Table) -> dict[str, str]:
    """`[keys]`: action to key. `guest.stop` unquoted is a table to TOML; here it is one name."""
    keys: dict[str, str] = {}
    for name, value in table.raw.items():
        if isinstance(value, dict):
            inner = Table(value, table.path(name), tuple(value), table.mistakes)
            keys.update({f"{name}.{rest}": key for rest, key in read_keys(inner).items()})
        elif not isinstance(value, str) or not value.strip() or not value.isprintable():
            table.note(name, _("a key, like M or ctrl+r"), shown(value))
        elif name != "" and name.isprintable():
            keys[name] = value
        else:
            table.mistakes.note(table.where, _("the name of an action"), shown_key(name))
    return keys


def read_name(table: Table) -> str:
    """The `name` of a table, which stands in the top line and in commands."""
    return table.text("name", _("a name of letters, digits, . _ and -"), _NAME, required=True)


def _addresses(table: Table, key: str, parse: Callable[[str], Address]) -> tuple[Address, ...]:
    found: list[Address] = []
    for where, text in table.texts(key, _("a list of addresses")):
        try:
            address = parse(text)
        except ValueError as error:
            table.mistakes.note(where, str(error), shown(text))
            continue
        if address in found:
            table.mistakes.note(where, _("each address once"), shown(text))
        found.append(address)
    return tuple(found)
