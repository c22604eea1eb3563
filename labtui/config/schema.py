"""The configuration as structs: what a lab is reached by. Filled by `labtui.config.file`."""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.config.secret import Secret
from labtui.model.link_rules import LinkRules
from labtui.model.overlay import DN42_REALM, Realm
from labtui.model.records.rules import DEVICE_KEYS, GUEST_KEYS, DeviceKey, GuestKey, Ignore

LogLevel = Literal["off", "error", "warning", "info", "debug"]
TlsMode = Literal["verify", "pin", "anonymous", "off"]


class Address(msgspec.Struct, frozen=True):
    """Host and port of one way to a server."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class Hop(msgspec.Struct, frozen=True):
    """An SSH server and the user to log in as; an empty one is that of `[ssh]`."""

    address: Address
    user: str = ""

    def __str__(self) -> str:
        return f"{self.user}@{self.address}" if self.user else str(self.address)


class Tls(msgspec.Struct, frozen=True):
    """How a server proves who it is.

    `verify` against the system's authorities or `ca_file`; `pin` against fingerprints (SHA-256 of
    the certificate, lower-case hex without colons). `anonymous` is RouterOS only, `off` RouterOS
    and NetBox; both protect from nobody in between.

    `fingerprint` is the only pin or the first, `fingerprints` are further ones: nodes of a cluster
    have one each, and a certificate may be about to change. A server that shows any of `pins` is
    the right one.
    """

    mode: TlsMode = "verify"
    ca_file: str = ""
    fingerprint: str = ""
    fingerprints: tuple[str, ...] = ()

    @property
    def pins(self) -> tuple[str, ...]:
        """Every fingerprint that will do, each once."""
        return tuple(dict.fromkeys(pin for pin in (self.fingerprint, *self.fingerprints) if pin))


class ProxmoxConfig(msgspec.Struct, frozen=True):
    """A cluster. Either a token (`token_id` + `token_secret`) or `username` + `password`.

    `learn_endpoints`: nodes that the cluster names are asked at their own addresses too. `ssh` are
    hosts that answer for it over SSH (`[user@]host[:port]`) when no endpoint does.
    """

    name: str
    endpoints: tuple[Address, ...]
    tls: Tls
    token_id: str = ""
    token_secret: Secret | None = None
    username: str = ""
    password: Secret | None = None
    totp: bool = False
    learn_endpoints: bool = True
    ssh: tuple[str, ...] = ()


class RouterConfig(msgspec.Struct, frozen=True):
    """A router. `write_username`/`write_password` are the account for actions, if there is one.

    `jump` are SSH hosts to go through when no address answers, instead of those of `[ssh]`.
    """

    name: str
    addresses: tuple[Address, ...]
    tls: Tls
    username: str
    password: Secret
    site: str = ""
    write_username: str = ""
    write_password: Secret | None = None
    jump: str = ""


class NetboxConfig(msgspec.Struct, frozen=True):
    """NetBox. `vmid_fields` are the custom fields that may hold a guest's number, in order.

    `join` is by what guests are known again there and `device_join` by what nodes and routers are,
    the strongest first; `ignore` are the differences that are meant so.
    """

    url: str
    token: Secret
    tls: Tls
    vmid_fields: tuple[str, ...] = ("proxmox_vm_id", "proxmox_vmid", "vmid", "serial")
    join: tuple[GuestKey, ...] = GUEST_KEYS
    device_join: tuple[DeviceKey, ...] = DEVICE_KEYS
    ignore: tuple[Ignore, ...] = ()


class SshConfig(msgspec.Struct, frozen=True):
    """How labtui reaches hosts by SSH. `writes`: plans may run commands on nodes as root.

    `hosts` and `users` are patterns of names, the first that fits counts: the addresses to take
    (port 0: ssh's own), the users to choose from.
    """

    user: str = ""
    jump: str = ""
    known_hosts: str = ""
    identity_file: str = ""
    writes: bool = False
    hosts: tuple[tuple[str, tuple[Hop, ...]], ...] = ()
    users: tuple[tuple[str, tuple[str, ...]], ...] = ()
    allow_in_read_only: bool = False


class ConsoleConfig(msgspec.Struct, frozen=True):
    """Serial consoles: the key that leaves one."""

    escape: str = "ctrl+]"
    allow_in_read_only: bool = False


class UiConfig(msgspec.Struct, frozen=True):
    """What the screen looks like. Empty: the default."""

    theme: str = ""
    language: str = ""
    ascii: bool = False


class LogConfig(msgspec.Struct, frozen=True):
    """What is written to the log: from which level on, how many files of how many mebibytes."""

    level: LogLevel = "info"
    files: int = 3
    size: int = 2


class CacheConfig(msgspec.Struct, frozen=True):
    """Whether the last known state is kept for the first frame of the next start."""

    keep: bool = True


class HistoryConfig(msgspec.Struct, frozen=True):
    """For how many seconds what happened is kept; 0: it is not."""

    keep: int = 90 * 86400


class NotifyConfig(msgspec.Struct, frozen=True):
    """A hook of the recorder: either `command` (words), or `webhook` or `ntfy` (a URL).

    `severity` is the least that is told. `timeout` in seconds; of more than `most` in ten minutes
    the rest is told in one. `token` goes along as `Authorization: Bearer`.
    """

    name: str
    command: tuple[str, ...] = ()
    webhook: str = ""
    ntfy: str = ""
    token: Secret | None = None
    tls: Tls = Tls()
    severity: Literal["critical", "warning", "notice"] = "warning"
    over: bool = True
    timeout: int = 10
    most: int = 6


class SafetyConfig(msgspec.Struct, frozen=True):
    """What holds writes back. `max_age` and `elevation` in seconds.

    `freeze_file` empty: the usual place. `elevation` is the longest time for which a console may
    be made to write; 0: it may from the start.
    """

    max_age: int = 30
    freeze_file: str = ""
    elevation: int = 0


class OverlayConfig(msgspec.Struct, frozen=True):
    """AS numbers of others, by name; public ones are of others anyhow."""

    outside: tuple[Realm, ...] = (DN42_REALM,)


class AuditConfig(msgspec.Struct, frozen=True):
    """Where what was done is told besides the audit file: syslog, NetBox's journal."""

    syslog: bool = False
    netbox_journal: bool = False


class GpuConfig(msgspec.Struct, frozen=True):
    """Whether and how labtui asks what GPUs do. `use` empty: nobody is asked."""

    use: Literal["", "agent", "ssh"] = ""
    allow_in_read_only: bool = False


class Config(msgspec.Struct, frozen=True):
    """Everything the configuration file says. `path` is where it was read."""

    path: str
    lab: str
    proxmox: tuple[ProxmoxConfig, ...] = ()
    routers: tuple[RouterConfig, ...] = ()
    netbox: NetboxConfig | None = None
    ssh: SshConfig = SshConfig()
    console: ConsoleConfig = ConsoleConfig()
    ui: UiConfig = UiConfig()
    log: LogConfig = LogConfig()
    cache: CacheConfig = CacheConfig()
    safety: SafetyConfig = SafetyConfig()
    history: HistoryConfig = HistoryConfig()
    notify: tuple[NotifyConfig, ...] = ()
    audit: AuditConfig = AuditConfig()
    overlay: OverlayConfig = OverlayConfig()
    gpu: GpuConfig = GpuConfig()
    links: LinkRules = LinkRules()
    keys: dict[str, str] = {}
    read_only: bool = False
    demo: bool = False
