"""The addresses that guests have inside, as their agents told when they were asked by turns.

Only those of interfaces that are lines of the guest's configuration, known by their MAC address:
what a container engine or a VPN inside has is nobody else's business. A container has no agent.
"""

from __future__ import annotations

from ipaddress import ip_interface

from labtui.model.derived import Derived
from labtui.model.guests import GuestConfig, GuestConfigs
from labtui.model.safeguards import Agents, AgentWord
from labtui.model.snapshot import Snapshot

Inside = dict[str, tuple[str, ...]]
"""MAC address in small letters -> the addresses on it, with the length of their mask."""


def _inside(snapshot: Snapshot) -> dict[str, Inside]:
    found: dict[str, Inside] = {}
    for cluster, part in snapshot.of(Agents):
        configs = snapshot.one(GuestConfigs, cluster) or GuestConfigs({})
        for vmid, word in part.guests.items():
            config = configs.configs.get(vmid)
            if config is not None and (told := _told(word, config)):
                found[f"{cluster}/{vmid}"] = told
    return found


def _told(word: AgentWord, config: GuestConfig) -> Inside:
    ours = {net.mac.casefold() for net in config.nets if net.mac}
    found: Inside = {}
    for nic in word.nics:
        mac = nic.mac.casefold()
        if mac in ours and (useful := tuple(a for a in nic.addresses if _lasts(a))):
            found[mac] = (*found.get(mac, ()), *useful)
    return found


def _lasts(text: str) -> bool:
    """Whether it is worth writing down: IPv6 hosts make addresses up for a day or an hour."""
    try:
        address = ip_interface(text).ip
    except ValueError:
        return False
    return address.version == 4 and not (address.is_link_local or address.is_loopback)


inside = Derived((Agents, GuestConfigs), _inside, figures=False)
"""Guest's key -> its addresses by MAC address, of those whose agent was heard."""
