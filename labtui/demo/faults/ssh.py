"""Faults of SSH: another host key, a key that is refused, a hang, a broken `nvidia-smi`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.demo.faults.fault import Fault, Options
from labtui.demo.ssh.nvidia import FAILURES

if TYPE_CHECKING:
    from labtui.demo.running import RunningLab

_PLACES = ("login", "command")


def _hosts(lab: RunningLab) -> list[str]:
    return lab.ssh.names


def _graphics(lab: RunningLab) -> list[str]:
    """Hosts on which somebody asks for GPUs: nodes that have cards, guests that hold some."""
    nodes = {node.name for node in lab.lab.nodes if not node.cards}
    return [name for name in lab.ssh.names if name not in nodes and name != "jump"]


def _new_key(lab: RunningLab, target: str, _options: Options) -> None:
    lab.ssh.change_key(lab.ssh.host(target), 1)


def _old_key(lab: RunningLab, target: str, _options: Options) -> None:
    lab.ssh.change_key(lab.ssh.host(target), 0)


def _refuse(lab: RunningLab, target: str, _options: Options) -> None:
    lab.ssh.host(target).refuses_key = True


def _admit(lab: RunningLab, target: str, _options: Options) -> None:
    lab.ssh.host(target).refuses_key = False


def _hang(lab: RunningLab, target: str, options: Options) -> None:
    where = str(options.get("where", "login"))
    if where not in _PLACES:
        raise ValueError(f"where must be one of {', '.join(_PLACES)}")
    lab.ssh.host(target).hang(where)


def _go_on(lab: RunningLab, target: str, _options: Options) -> None:
    lab.ssh.host(target).hang("")


def _break_nvidia(lab: RunningLab, target: str, options: Options) -> None:
    kind = str(options.get("kind", "driver"))
    if kind not in FAILURES:
        raise ValueError(f"kind must be one of {', '.join(FAILURES)}")
    lab.ssh.host(target).fail_nvidia(kind)


def _mend_nvidia(lab: RunningLab, target: str, _options: Options) -> None:
    lab.ssh.host(target).fail_nvidia("")


SSH_FAULTS: tuple[Fault, ...] = (
    Fault(
        "ssh-host-key-changed",
        "ssh",
        "host",
        "the host shows another key than the one it is known by",
        _hosts,
        _new_key,
        _old_key,
    ),
    Fault(
        "ssh-refuses-key",
        "ssh",
        "host",
        "the public key was taken out of authorized_keys",
        _hosts,
        _refuse,
        _admit,
    ),
    Fault(
        "ssh-hang",
        "ssh",
        "host",
        "the host takes connections; then the login, or each command, never ends",
        _hosts,
        _hang,
        _go_on,
        {"where": "login"},
    ),
    Fault(
        "nvidia-smi-fails",
        "gpu",
        "host",
        f"nvidia-smi fails: {', '.join(FAILURES)}",
        _graphics,
        _break_nvidia,
        _mend_nvidia,
        {"kind": "driver"},
    ),
)
