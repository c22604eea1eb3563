"""The SSH servers of the lab: nodes, guests with a GPU, and the host through which one jumps.

`SshLab` is the handle; asyncssh is loaded by `serve_ssh` and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.demo.ssh.hosts import JUMP, Host, SshLab

if TYPE_CHECKING:
    from labtui.demo.running import RunningLab
    from labtui.demo.ssh.server import SshServer

__all__ = ["JUMP", "Host", "SshLab", "serve_ssh"]


async def serve_ssh(lab: RunningLab, name: str, host: str) -> SshServer:
    """Serve a host of the lab on a free port of the address `host`; it has `port` and `close()`.

    KeyError for a name that is no host of the lab.
    """
    from labtui.demo.ssh.server import listen

    return await listen(lab.ssh, lab.ssh.host(name), host)
