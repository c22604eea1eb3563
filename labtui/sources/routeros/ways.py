"""The ways to a router: its addresses in order of preference, then the same through an SSH jump.

TLS and login are the same on every way; a jump host sees what anybody in between sees.
"""

from __future__ import annotations

import msgspec

from labtui.config.address import hops_of, is_loopback
from labtui.config.schema import Address, Hop, RouterConfig, SshConfig


class Way(msgspec.Struct, frozen=True):
    """One way: straight to the address, or through SSH hosts, the nearest first."""

    address: Address
    jump: tuple[Hop, ...] = ()

    def __str__(self) -> str:
        if not self.jump:
            return str(self.address)
        return f"{self.address} ssh {' '.join(str(hop.address) for hop in self.jump)}"


def ways_of(config: RouterConfig, ssh: SshConfig) -> tuple[Way, ...]:
    """All ways of a router, the preferred first.

    An address of this machine itself means another one behind a jump host, so it only goes through
    one that is named for this very router.
    """
    straight = tuple(Way(address) for address in config.addresses)
    hops = hops_of(config.jump or ssh.jump)
    if not hops:
        return straight
    own = bool(config.jump)
    round_about = tuple(
        Way(address, hops) for address in config.addresses if own or not is_loopback(address.host)
    )
    return (*straight, *round_about)
