"""BGP neighbourships: the connections of two routers to one another, joined by their addresses."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from labtui.model.peerings import Peering


class Adjacency(msgspec.Struct, frozen=True):
    """Two ends of one BGP session, or the one that we hold."""

    ends: tuple[Peering, ...]

    @property
    def key(self) -> str:
        """That of the first end's row."""
        return self.ends[0].key

    @property
    def id(self) -> str:
        """The same whether there is a session row or not."""
        return self.ends[0].connection.key

    @property
    def sites(self) -> tuple[str, ...]:
        return tuple(sorted({end.site for end in self.ends}))

    @property
    def name(self) -> str:
        """`836 = 702`, or `mou > dn42` with one end in sight."""
        if len(self.ends) == 2:
            return f"{self.ends[0].site} = {self.ends[1].site}"
        return f"{self.ends[0].site} > {self.ends[0].far_name}"

    @property
    def remotes(self) -> tuple[tuple[str, str], ...]:
        """(router, address of its neighbour) of each end."""
        return tuple((end.connection.router, end.connection.remote_address) for end in self.ends)

    @property
    def outside(self) -> bool:
        return any(end.outside for end in self.ends)

    @property
    def spoken(self) -> tuple[Peering, ...]:
        """The ends whose routers were read lately."""
        return tuple(end for end in self.ends if not end.stale)

    @property
    def up(self) -> bool:
        """Established on every end that can be read; one end alone may not have noticed yet."""
        return bool(self.spoken) and all(
            end.state in ("established", "empty") for end in self.spoken
        )


def adjacencies(peerings: Iterable[Peering]) -> tuple[Adjacency, ...]:
    """Every neighbourship once, in the order of the routers' names."""
    ends: dict[tuple[str, str], Peering] = {}
    for peering in peerings:
        ends.setdefault((peering.connection.router, peering.connection.name), peering)
    waiting: dict[tuple[str, str], Peering] = {}
    found: list[tuple[Peering, ...]] = []
    for end in ends.values():
        connection = end.connection
        here, there = connection.local_address, connection.remote_address
        other = waiting.pop((there, here), None) if here and there else None
        if other is not None and other.connection.router != connection.router:
            found.append((other, end))
        elif here and there:
            waiting[here, there] = end
        else:
            found.append((end,))
    found.extend((end,) for end in waiting.values())
    found.sort(key=lambda ends: ends[0].connection.key)
    return tuple(Adjacency(ends) for ends in found)
