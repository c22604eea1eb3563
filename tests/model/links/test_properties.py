"""What holds for links of any labs: nothing twice, no row lost, the order of sources is nothing."""

from __future__ import annotations

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from labtui.model.interfaces import ActivePeer, Call, Interfaces, IpsecPeer, IpsecPolicy, Vxlan
from labtui.model.links import Link, links
from labtui.model.ospf import Ospf, OspfInterface, OspfNeighbour
from labtui.model.overlay import RouterAddress, RouterFacts
from labtui.model.snapshot import Part
from tests.snapshots import NOW, snapshot

ROUTERS = ("r1", "r2", "r3")
# Few addresses, so that ends meet; some are nobody's, one is no address at all.
ADDRESSES = (
    "192.0.2.1",
    "192.0.2.2",
    "192.0.2.3",
    "10.9.0.1",
    "10.9.0.2",
    "203.0.113.7",
    "a.b",
    "",
)
words = st.sampled_from(("established", "message-1-sent", "no-phase2", "Full", "Init", "x", ""))
addresses = st.sampled_from(ADDRESSES)
faces = st.sampled_from(("f1", "f2", "<l2tp-u>"))
# A lab this large shrinks too slowly to be worth it.
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
moments = st.none() | st.floats(NOW - 1e6, NOW)


def _calls(router: str) -> st.SearchStrategy[Call]:
    return st.builds(
        Call, st.just(router), faces, st.sampled_from(("client", "server")),
        st.sampled_from(("u", "v")), addresses, st.booleans(), st.booleans(), st.booleans(),
        st.none() | st.integers(68, 9000), moments,
    )  # fmt: skip


def _interfaces(router: str) -> st.SearchStrategy[Interfaces]:
    name = st.just(router)
    return st.builds(
        Interfaces,
        st.just(()),
        st.lists(_calls(router), max_size=3, unique_by=lambda one: one.name).map(tuple),
        st.lists(st.builds(IpsecPeer, name, faces, addresses, addresses, st.booleans()),
                 max_size=2).map(tuple),
        st.lists(st.builds(ActivePeer, name, addresses, addresses, words), max_size=2).map(tuple),
        st.lists(st.builds(IpsecPolicy, name, faces, addresses, addresses, addresses, addresses,
                           words), max_size=2).map(tuple),
        st.just(()),
        st.lists(
            st.builds(Vxlan, name, faces, st.integers(1, 2), running=st.booleans(),
                      remotes=st.lists(addresses, max_size=2, unique=True).map(tuple)),
            max_size=2, unique_by=lambda one: one.name,
        ).map(tuple),
    )  # fmt: skip


def _ospf() -> st.SearchStrategy[Ospf]:
    neighbours = st.builds(OspfNeighbour, addresses, addresses, words, faces)
    running = st.builds(OspfInterface, faces, addresses, st.just("0"),
                        st.sampled_from(("ptp", "broadcast")), st.just("ptp"))  # fmt: skip
    return st.builds(
        Ospf, st.just(()), st.just(()), st.just(()),
        st.lists(running, max_size=2, unique_by=lambda one: one.interface).map(tuple),
        st.lists(neighbours, max_size=2, unique_by=lambda one: (one.interface, one.address))
        .map(tuple),
    )  # fmt: skip


@st.composite
def labs(draw: st.DrawFn) -> list[tuple[str, Part]]:
    parts: list[tuple[str, Part]] = []
    for router in ROUTERS:
        hosts = draw(st.lists(addresses.filter(lambda a: a[:1].isdigit()), max_size=3, unique=True))
        rows = tuple(RouterAddress(f"f{n}", f"{host}/30") for n, host in enumerate(hosts, 1))
        parts.append((router, RouterFacts(router, router, router, "7.20", addresses=rows)))
        parts.append((router, draw(_interfaces(router))))
        parts.append((router, draw(_ospf())))
    return parts


def shape(found: tuple[Link, ...]) -> set[tuple[str, str, str]]:
    return {(link.key, link.state, link.name) for link in found}


@given(labs())
@settings(max_examples=80, deadline=None, phases=QUICK)
def test_every_link_has_ends_of_its_own_and_refers_to_links_that_are_there(
    parts: list[tuple[str, Part]],
) -> None:
    found = links(snapshot(*parts), NOW)
    keys = {link.key for link in found}
    for link in found:
        assert 1 <= len(link.ends) <= 2
        assert set(link.under) | set(link.over) <= keys
        assert link.key not in link.under
        assert link.name
        if len(link.ends) == 2:
            assert link.near.router != link.ends[1].router


@given(labs(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, phases=QUICK)
def test_the_order_in_which_parts_came_is_nothing(
    parts: list[tuple[str, Part]], chance: st.DataObject
) -> None:
    turned = list(parts)
    chance.shuffle(turned)  # type: ignore[attr-defined]  # it is a Random
    assert shape(links(snapshot(*parts), NOW)) == shape(links(snapshot(*turned), NOW))
