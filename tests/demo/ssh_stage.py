"""SSH servers of a lab that is nothing but its cluster, and clients for them."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

from labtui.demo.accounts import new_accounts
from labtui.demo.cluster.world import ClusterWorld
from labtui.demo.lab import Lab
from labtui.demo.proxmox.server import make_site
from labtui.demo.ssh import SshLab, serve_ssh
from labtui.demo.ssh.hosts import ClientFiles
from labtui.demo.standard_lab import default_lab
from tests.demo.still_clock import StillClock

HOST = "127.0.0.1"
LIMIT = 20


@dataclass
class SshStage:
    """Stands in for the running lab where a fault or a server asks for its SSH side."""

    lab: Lab
    cluster: ClusterWorld
    ssh: SshLab
    clock: StillClock
    files: ClientFiles

    async def run(
        self, command: str | None, name: str = "pve1", **given: Any
    ) -> asyncssh.SSHCompletedProcess:
        """Run a command on a host as asyncssh's client does it."""
        async with asyncio.timeout(LIMIT), self.connect(name) as connection:
            return await connection.run(command, check=False, **given)

    @asynccontextmanager
    async def connect(
        self, name: str = "pve1", **given: Any
    ) -> AsyncIterator[asyncssh.SSHClientConnection]:
        """A connection with the lab's key and its known hosts."""
        options = {
            "port": self.ssh.ports[name],
            "username": "root",
            "client_keys": [str(self.files.identity)],
            "known_hosts": str(self.files.known_hosts),
            "config": None,
            "agent_path": None,
        }
        async with asyncssh.connect(HOST, **(options | given)) as connection:
            yield connection

    def openssh(self) -> list[str]:
        """OpenSSH with a configuration of its own, up to where the host is named."""
        lines = [
            *("BatchMode yes", "IdentitiesOnly yes", "GlobalKnownHostsFile /dev/null"),
            f"IdentityFile {self.files.identity}",
            f"UserKnownHostsFile {self.files.known_hosts}",
            *("StrictHostKeyChecking yes", "User root"),
        ]
        entries = []
        for name, port in self.ssh.ports.items():
            entries += [f"Host {name}", f"  HostName {HOST}", f"  Port {port}"]
        config = self.files.identity.with_name("config")
        config.write_text("\n".join([*entries, "Host *", *lines, ""]))
        return ["ssh", "-F", str(config)]

    async def shell(self, *words: str, typed: str = "") -> tuple[int, str, str]:
        """Run OpenSSH: exit status, output, errors."""
        process = await asyncio.create_subprocess_exec(
            *self.openssh(),
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(typed.encode()), LIMIT)
        return process.returncode or 0, out.decode(), err.decode()


@asynccontextmanager
async def ssh_stage(*names: str, version: str = "9.2") -> AsyncIterator[SshStage]:
    """Serve these hosts (default: `pve1`) until the block ends."""
    lab, clock = default_lab(), StillClock()
    cluster = ClusterWorld(lab, clock, version)
    site = make_site(cluster, new_accounts().proxmox, auth_delay=0.0, delay_scale=0.001)
    ssh = SshLab(site)
    directory = Path(tempfile.mkdtemp(prefix="ssh-stage-"))
    servers = []
    try:
        stage = SshStage(lab, cluster, ssh, clock, ClientFiles(directory, directory))
        for name in names or ("pve1",):
            servers.append(await serve_ssh(stage, name, HOST))  # type: ignore[arg-type]  # a part
            ssh.publish(name, servers[-1].port)
        stage.files = ssh.write_files(directory)
        yield stage
    finally:
        for server in servers:
            server.close()
        ssh.close()
        shutil.rmtree(directory)
