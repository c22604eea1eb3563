"""Which addresses told by the cluster may be asked."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.config.schema import Address, ProxmoxConfig, Tls
from labtui.model.cluster import Member
from labtui.sources.proxmox.connect import Endpoints
from labtui.sources.proxmox.learn import MOST, may_learn, to_learn
from tests.sources.proxmox.server import with_token

CONFIG = with_token(Tls("pin", fingerprint="0" * 64), Address("pve1.lab.example", 8006))


def members(*addresses: str) -> list[Member]:
    return [Member(f"pve{n}", True, text) for n, text in enumerate(addresses, 1)]


def test_addresses_of_nodes_that_no_endpoint_is() -> None:
    found = to_learn(CONFIG, members("10.0.0.1", "10.0.0.2", "2001:db8::3"), {"pve1"})
    assert found == {"pve2": Address("10.0.0.2", 8006), "pve3": Address("2001:db8::3", 8006)}


def test_the_port_of_the_endpoints_is_that_of_all() -> None:
    here = msgspec.structs.replace(CONFIG, endpoints=(Address("a", 443), Address("b", 443)))
    assert to_learn(here, members("10.0.0.1"), set())["pve1"].port == 443
    mixed = msgspec.structs.replace(CONFIG, endpoints=(Address("a", 443), Address("b", 444)))
    assert to_learn(mixed, members("10.0.0.1"), set())["pve1"].port == 8006


@pytest.mark.parametrize(
    "config",
    [
        msgspec.structs.replace(CONFIG, learn_endpoints=False),
        msgspec.structs.replace(CONFIG, endpoints=(Address("127.0.0.1", 8006),)),
        msgspec.structs.replace(CONFIG, endpoints=(Address("::1", 8006),)),
        msgspec.structs.replace(
            CONFIG, endpoints=(Address("pve1.lab.example", 8006), Address("localhost", 9006))
        ),
        msgspec.structs.replace(CONFIG, endpoints=()),
    ],
    ids=["off", "loopback", "loopback-6", "one of them", "none"],
)
def test_nothing_is_learnt(config: ProxmoxConfig) -> None:
    assert not may_learn(config)
    assert to_learn(config, members("10.0.0.1"), set()) == {}


@pytest.mark.parametrize(
    "text",
    [
        *("", "pve1", "127.0.0.1", "127.1.2.3", "::1", "0.0.0.0", "::", "169.254.1.1", "fe80::1"),
        *("fe80::1%eth0", "224.0.0.5", "ff02::1", "255.255.255.255", "::ffff:127.0.0.1"),
        *("10.0.0.1:22", "10.0.0.1/24", "http://10.0.0.1", "10.0.0.256", "01.2.3.4"),
    ],
)
def test_what_is_no_address_of_a_node(text: str) -> None:
    assert to_learn(CONFIG, members(text), set()) == {}


def test_a_configured_address_is_not_learnt_again() -> None:
    here = msgspec.structs.replace(CONFIG, endpoints=(Address("10.0.0.1", 8006),))
    assert to_learn(here, members("10.0.0.1"), set()) == {}


def test_there_is_an_end_to_it() -> None:
    many = [Member(f"n{n}", True, f"10.1.{n // 250}.{n % 250 + 1}") for n in range(500)]
    assert len(to_learn(CONFIG, many, set())) == MOST


@given(st.lists(st.text(max_size=45), max_size=5))
def test_whatever_the_cluster_says(texts: list[str]) -> None:
    for address in to_learn(CONFIG, members(*texts), set()).values():
        assert address.host
        assert address.port == 8006


async def test_learnt_endpoints_come_and_go() -> None:
    endpoints = Endpoints(CONFIG)
    endpoints.learn(members("10.0.0.1", "10.0.0.2"))
    first = {endpoint.node: endpoint for endpoint in endpoints.all if endpoint.learnt}
    assert set(first) == {"pve1", "pve2"}
    assert not endpoints.all[0].learnt
    endpoints.all[0].node = "pve1"
    endpoints.learn(members("10.0.0.1", "10.0.0.2"))
    assert [endpoint.node for endpoint in endpoints.all] == ["pve1", "pve2"]
    assert endpoints.all[1] is first["pve2"]
    endpoints.learn(members("10.0.0.1", "10.0.0.9"))
    assert endpoints.all[1].where == "10.0.0.9:8006"
    endpoints.learn(members("10.0.0.1"))
    assert len(endpoints.all) == 1
    await endpoints.close()
