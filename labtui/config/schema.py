"""The configuration as structs: what a lab is reached by. Filled by `labtui.config.file`."""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.config.secret import Secret

TlsMode = Literal["verify", "pin", "anonymous", "off"]


class Address(msgspec.Struct, frozen=True):
    """Host and port of one way to a server."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


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
    """A cluster. Either a token (`token_id` + `token_secret`) or `username` + `password`."""

    name: str
    endpoints: tuple[Address, ...]
    tls: Tls
    token_id: str = ""
    token_secret: Secret | None = None
    username: str = ""
    password: Secret | None = None
    totp: bool = False


class RouterConfig(msgspec.Struct, frozen=True):
    """A router. `write_username`/`write_password` are the account for actions, if there is one."""

    name: str
    addresses: tuple[Address, ...]
    tls: Tls
    username: str
    password: Secret
    site: str = ""
    write_username: str = ""
    write_password: Secret | None = None


class NetboxConfig(msgspec.Struct, frozen=True):
    """NetBox. `vmid_fields` are the custom fields that may hold a guest's number, in order."""

    url: str
    token: Secret
    tls: Tls
    vmid_fields: tuple[str, ...] = ("proxmox_vm_id", "proxmox_vmid", "vmid", "serial")


class SshConfig(msgspec.Struct, frozen=True):
    """How labtui reaches hosts by SSH."""

    user: str = ""
    jump: str = ""
    known_hosts: str = ""
    identity_file: str = ""


class UiConfig(msgspec.Struct, frozen=True):
    """What the screen looks like. Empty: the default."""

    theme: str = ""
    language: str = ""
    ascii: bool = False


class Config(msgspec.Struct, frozen=True):
    """Everything the configuration file says. `path` is where it was read."""

    path: str
    lab: str
    proxmox: tuple[ProxmoxConfig, ...] = ()
    routers: tuple[RouterConfig, ...] = ()
    netbox: NetboxConfig | None = None
    ssh: SshConfig = SshConfig()
    ui: UiConfig = UiConfig()
    keys: dict[str, str] = {}
    read_only: bool = False
    demo: bool = False
