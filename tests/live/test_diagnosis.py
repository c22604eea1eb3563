"""Diagnosis names the right layer in every scenario of the overlay, over real sockets."""

from __future__ import annotations

import pytest

from labtui.live.diagnosis import bench
from labtui.model.diagnosis import Subject
from labtui.model.links import links
from tests.live.diagnosis_stage import OutageStage, outage_stage

# Scenario, what is diagnosed, the layers that are named, and the step that finds it. Of a building
# that is dark nobody outside can tell whether it is the router or its line.
_DARK = ("router", "underlay")
CASES = [
    ("asn-mismatch", "wireguard 835 mou", ("routing",), "routing"),
    ("backup-line-lost", "l2tp 702 mou", ("tunnel",), "handshake"),
    ("building-702-dark", "wireguard 836 702", ("router",), "underlay"),
    ("building-702-dark", "router rt-702", ("router",), "underlay"),
    ("endpoint-wrong", "wireguard 836 mou", ("tunnel",), "settings"),
    ("flapping-line", "wireguard 702 mou", ("underlay",), "handshake"),
    ("key-mismatch", "wireguard 835 mou", ("tunnel",), "settings"),
    ("lossy-line", "pair 836 835", ("underlay",), "tunnel"),
    ("narrow-path", "wireguard 836 mou", ("underlay",), "size"),
    ("narrow-path", "pair mou 836", ("underlay",), "size"),
    ("peer-disabled", "wireguard 702 mou", ("tunnel",), "settings"),
    ("port-filtered", "wireguard 836 mou", ("underlay",), "handshake"),
    ("prefix-lost", "pair 836 702", ("routing",), "route"),
    ("prefix-stolen", "pair 836 702", ("routing",), "route"),
    ("router-clock", "router rt-mou", ("router",), "router"),
    ("session-stopped", "bgp 835 mou", ("routing",), "routing"),
    ("single-tunnel", "wireguard 702 mou", ("underlay",), "handshake"),
    ("site-cut-off", "pair 836 702", ("underlay",), "handshake"),
    ("two-at-once", "pair 835 mou", ("underlay",), "handshake"),
    ("uplink-down", "wireguard 836 702", ("underlay",), "underlay"),
    ("worst-day", "router rt-835", ("router",), "underlay"),
]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A building without power is not waited for."""
    monkeypatch.setattr(bench, "ALIVE_LIMIT", 1.0)


def subject(stage: OutageStage, text: str) -> Subject:
    kind, one, *other = text.split()
    if kind == "router":
        return Subject("router", one)
    if kind == "pair":
        return Subject("pair", one, other[0])
    for link in links(stage.store.snapshot, stage.clock.now()):
        sites = (*link.sites, link.far_name, link.far_router.removeprefix("rt-"))
        if link.kind == kind and one in sites and other[0] in sites:
            return Subject("link", link.key)
    raise AssertionError(text)


@pytest.mark.parametrize(("scenario", "what", "layers", "step"), CASES)
async def test_it_names_the_layer(
    scenario: str, what: str, layers: tuple[str, ...], step: str
) -> None:
    async with outage_stage() as stage:
        await stage.begin(scenario)
        told = await stage.diagnose(subject(stage, what))
    assert told.done
    assert told.layers == layers, told.steps
    assert told.broken is not None
    assert told.broken.step == step
    assert told.steps[-1] is told.broken, "it stops at what is broken"


async def test_of_a_healthy_lab_nothing_is_broken() -> None:
    async with outage_stage() as stage:
        for what in ("wireguard 836 835", "pair 702 835", "router rt-836", "l2tp 702 mou",
                     "bgp mou to-dn42", "vxlan 835 836", "ospf 702 mou"):  # fmt: skip
            told = await stage.diagnose(subject(stage, what))
            assert told.broken is None, (what, told.steps)
            assert told.done
            assert any(step.verdict == "good" for step in told.steps)
        gone = await stage.diagnose(Subject("link", "wireguard/nobody"))
        assert [step.reason for step in gone.steps] == ["gone"]
        nowhere = await stage.diagnose(Subject("pair", "836", "atlantis"))
        assert [step.reason for step in nowhere.steps] == ["no-home"]
