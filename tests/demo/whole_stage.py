"""A whole lab of worlds without sockets, whose clock moves only when a test says so."""

from __future__ import annotations

from collections.abc import Collection

from labtui.demo.lab import Lab
from labtui.demo.service import RunningLab, make_lab
from labtui.demo.standard_lab import default_lab
from tests.demo.still_clock import StillClock


class WholeStage:
    """The lab, its clock, and what it means that all is well."""

    def __init__(self, lab: Lab | None = None) -> None:
        self.clock = StillClock()
        self.lab: RunningLab = make_lab(lab or default_lab(), self.clock)[0]
        self._ran = {
            guest.vmid for guest in self.lab.cluster.state.guests.values() if guest.running
        }

    async def wait(self, seconds: float, step: float = 5.0) -> None:
        """Let world time pass in steps, steps of a scenario included."""
        end = self.clock.moment + seconds
        while self.clock.moment < end:
            due = self.lab.player.due
            next_moment = min(end, self.clock.moment + step)
            self.clock.moment = (
                next_moment if due is None else max(self.clock.moment, min(next_moment, due))
            )
            await self.lab.player.play()
            self.lab.advance()

    def unwell(self, off: Collection[int] = ()) -> list[str]:
        """What is not as it should be, in words; nothing in a healthy lab.

        `off` are guests of which nobody expects that they run.
        """
        lab, state = self.lab, self.lab.cluster.state
        now, cluster_now = lab.overlay.now, state.now
        found = [f"{each.fault} is on" for each in lab.outbreaks.on]
        found += [f"{name} is not well" for name in lab.servers if not self._well(name)]
        for node in state.nodes.values():
            fresh = node.figures is not None and cluster_now - node.figures.at < 60
            if not (node.online and node.powered and fresh):
                found.append(f"node {node.name} is away or silent")
        found += [
            f"tunnel {t.number}"
            for t in lab.overlay.tunnels
            if t.number < 100 and (not t.passing(now))
        ]
        found += [f"bgp {a.number}" for a in lab.overlay.adjacencies if not a.established]
        for guest in state.guests.values():
            boots = bool(guest.config.get("onboot")) or lab.cluster.ha.managed(guest) is not None
            if guest.vmid in self._ran and guest.vmid not in off and boots and not guest.running:
                found.append(f"guest {guest.vmid} does not run")
            if guest.lock is not None:
                found.append(f"guest {guest.vmid} is locked")
            resource = lab.cluster.ha.managed(guest)
            if resource is not None and resource.state != resource.wanted:
                found.append(f"{guest.sid} is in {resource.state}")
        if not state.quorate:
            found.append("no quorum")
        found += [f"records of {key}" for key, rows in lab.netbox.struck.items() if rows]
        return found

    def _well(self, name: str) -> bool:
        return self.lab.reach.without(name, "inside") is None and self.lab.wanted(name) == "ok"
