"""Root's shell on the nodes of a cluster: where it is, and one exact command in it.

Only for what Proxmox VE has no call for, and for nothing else: a command that is not of a form
named here is refused, whoever asks. A connection is made for one command and ended after it, since
such commands are rare; host keys are strict as everywhere.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from labtui.config.address import SSH_PORT, hop_of
from labtui.config.entering import matching
from labtui.config.schema import Address, Hop, SshConfig
from labtui.locale import _
from labtui.model.errors import LabError, OutcomeUnknown, Refused, Rejected
from labtui.model.text import clean
from labtui.sources.ssh.connect import CONNECT_LIMIT, connect, end, way_to
from labtui.sources.ssh.run import Finished, run
from labtui.sources.threads import Threads
from labtui.sources.trace import note

SCHEME = "ssh://"
_ROOT = "root"
_LONGEST_ANSWER = 2000
# No REST call does these (`PVE/CLI/ha_manager.pm`, `PVE/CLI/qm.pm`, `PVE/CLI/pct.pm`).
_ALLOWED = re.compile(
    r"(?:sudo -n )?(?:"
    r"ha-manager crm-command node-maintenance (?:enable|disable) [A-Za-z0-9][A-Za-z0-9-]{0,62}"
    r"|(?:qm|pct) unlock [1-9][0-9]{2,8}"
    r")"
)


class NodeShells:
    """The nodes of one cluster. `hosts` are those of its `ssh` in the configuration."""

    def __init__(self, cluster: str, hosts: Sequence[str], ssh: SshConfig) -> None:
        self._cluster = cluster
        self._hosts = tuple(hop_of(host) for host in hosts)
        self._ssh = ssh
        self._threads: Threads[None] = Threads(f"ssh {cluster}", lambda: None, size=1)

    def place(self, node: str, address: str) -> tuple[str, str]:
        """(URL of the node's shell, words that go before a command there).

        As `[ssh.hosts]` says, else the cluster's `ssh` of that name or address, else the address
        that the cluster itself has for it. Raises `Rejected` where the configuration does not want
        commands, or nothing leads there.
        """
        if not self._ssh.writes:
            raise Rejected(
                _("no commands over SSH"),
                where=node,
                why=_("the configuration does not allow them"),
                remedy=_("writes = true in [ssh] does"),
            )
        hop = self._hop(node, address)
        if hop is None:
            raise Rejected(
                _("no commands over SSH"),
                where=node,
                why=_("its address is not known"),
                remedy=_("name it in ssh of the cluster: root@{node}").format(node=node),
            )
        words = "" if hop.user == _ROOT else "sudo -n "
        return f"{SCHEME}{hop}", words

    def way(self, where: str) -> str:
        """The jump hosts to that shell, empty for none."""
        hops = way_to(hop_of(where.removeprefix(SCHEME)), self._ssh)
        return ", ".join(str(hop) for hop in hops[:-1])

    async def run_command(self, where: str, command: str, limit: float) -> str:
        """Run it once; what it says. `limit` in seconds, for everything.

        Raises `Rejected` when it said no, `OutcomeUnknown` when it was begun and its end is not
        known, and what connecting raises while nothing was sent.
        """
        self._check(where, command)
        hop = hop_of(where.removeprefix(SCHEME))
        ends = time.monotonic() + limit
        what = _("running a command over SSH")
        connection = await connect(
            way_to(hop, self._ssh), self._ssh, self._threads, min(limit, CONNECT_LIMIT)
        )
        began, outcome = time.monotonic(), "cancelled"
        try:
            done = await run(connection, command, what, where, ends - time.monotonic())
            outcome = f"exit {done.status}"
        except LabError as error:
            outcome = error.kind
            raise OutcomeUnknown(
                what,
                where=where,
                why=_("it was begun, and its end was not seen ({why})").format(why=error.why),
            ) from None
        finally:
            end(connection)
            note("ssh", hop.address.host, "run", command, began, outcome)
        return _said(done, command, where, what)

    def close(self) -> None:
        """Let the thread go."""
        self._threads.close()

    def _check(self, where: str, command: str) -> None:
        """The last look, whoever made the call."""
        if not self._ssh.writes or not _ALLOWED.fullmatch(command) or not where.startswith(SCHEME):
            raise Rejected(
                _("not sent"),
                where=where,
                why=_("no such command is ever run: {command}").format(command=clean(command)),
            )

    def _hop(self, node: str, address: str) -> Hop | None:
        default = next(iter(matching(self._ssh.users, "node", node)), self._ssh.user or _ROOT)
        for hop in matching(self._ssh.hosts, "node", node):
            place = Address(hop.address.host, hop.address.port or SSH_PORT)
            return Hop(place, hop.user or default)
        for hop in self._hosts:
            host = hop.address.host
            if host in (node, address) or host.partition(".")[0] == node:
                return Hop(hop.address, hop.user or default)
        if not address:
            return None
        if matching(self._ssh.users, "node", node):
            return Hop(Address(address, SSH_PORT), default)
        # Who reads over SSH at one node is let in by the same name at another.
        user = next((hop.user for hop in self._hosts if hop.user), default)
        return Hop(Address(address, SSH_PORT), user)


def _said(done: Finished, command: str, where: str, what: str) -> str:
    """What it said when all went well. Raises `LabError`."""
    if done.status == 0:
        return clean(done.out.decode("utf-8", "replace"), _LONGEST_ANSWER)
    if done.status < 0:
        raise OutcomeUnknown(what, where=where, why=_("it was killed"))
    lines = done.err.decode("utf-8", "replace").strip().splitlines() or [""]
    first = clean(lines[0])
    if first.startswith("sudo:"):
        raise Refused(
            what,
            where=where,
            why=_("the user may not run it as root"),
            remedy=_("log in as root, or allow `{command}` to the user").format(command=command),
        )
    why = first or _("it ended with {status}").format(status=done.status)
    raise Rejected(what, where=where, why=why)
