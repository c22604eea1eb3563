"""Every scenario: its world reaches the state that its truth claims, and gets well again."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.demo import scenarios
from labtui.demo.faults import FAULTS
from labtui.demo.overlay.world import peers_of
from labtui.demo.scenarios import SCENARIOS, scenario_named
from labtui.demo.scenarios.claims import NOUNS, holds, read_claim
from labtui.demo.scenarios.scenario import LAYERS, guests_of, read_scenario, scenario_of
from labtui.demo.standard_lab import default_lab
from tests.demo.whole_stage import WholeStage


def test_every_file_is_in_the_register() -> None:
    folder = Path(scenarios.__file__).parent
    assert {path.stem for path in folder.glob("*.toml")} == set(SCENARIOS)
    assert len(SCENARIOS) >= 24
    assert len(set(SCENARIOS)) == len(SCENARIOS)


def test_every_layer_is_struck_somewhere() -> None:
    causes = [cause for name in SCENARIOS for cause in scenario_named(name).causes]
    assert {cause.layer for cause in causes} == set(LAYERS)
    assert {fault.layer for fault in FAULTS} <= set(LAYERS)


@pytest.mark.parametrize("name", SCENARIOS)
async def test_the_claims_come_true_and_all_is_well_again(name: str) -> None:
    stage = WholeStage()
    assert stage.unwell() == []
    scenario = scenario_named(name)
    false_at_first = [c.text for c in scenario.claims if not holds(stage.lab, c)]
    assert false_at_first, "claims that are true in a healthy lab say nothing"
    stage.lab.player.begin(scenario)
    await stage.wait(scenario.settled_after)
    told = stage.lab.player.as_json()
    assert told is not None
    assert [text for text, true in told["holds"].items() if not true] == []
    assert told["settled"] is True
    assert told["steps_left"] == 0
    await stage.lab.mend_all()
    await stage.wait(scenario.healed_after)
    assert stage.unwell(guests_of(stage.lab.lab, scenario.stays_off)) == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_truth_names_what_the_lab_has(name: str) -> None:
    scenario, lab = scenario_named(name), default_lab()
    assert scenario.title
    assert 2 <= scenario.story.count(". ") + 1 <= 5
    assert scenario.causes
    assert scenario.mended_by
    hit = scenario.affected
    assert set(hit.nodes) <= {node.name for node in lab.nodes}
    assert set(hit.sites) <= {site.name for site in lab.sites}
    assert set(hit.prefixes) <= {site.subnet for site in lab.sites}
    for rule in hit.guests:
        assert guests_of(lab, (rule,)), f"{rule} names nobody"


async def test_the_same_seed_is_the_same_run() -> None:
    one, other = await after_the_worst_day(), await after_the_worst_day()
    assert one == other


async def after_the_worst_day() -> list[object]:
    stage = WholeStage()
    stage.lab.player.begin(scenario_named("worst-day"))
    await stage.wait(420)
    state, overlay = stage.lab.cluster.state, stage.lab.overlay
    peers = [peer for router in overlay.routers.values() for peer in peers_of(router)]
    return [
        stage.lab.summary(),
        [(guest.node, guest.figures) for guest in state.guests.values()],
        [node.figures for node in state.nodes.values()],
        [(peer.last_handshake, peer.rx, peer.tx) for peer in peers],
        sorted(overlay.paths.items()),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title = 3\n[[step]]\nat = 0\nbreak = 'link-cut'\ntarget = '1'", "title"),
        ('title = "x"\nstory = "y"\nsettled_after = 1\nhealed_after = 1', "[[step]]"),
        ("nonsense = 1", "'nonsense'"),
        ("[[step", "']]'"),
        (
            'title = "x"\nstory = "y"\nsettled_after = 1\nhealed_after = 1\n'
            '[[step]]\nat = 0\nbreak = "link-cutt"\ntarget = "1"',
            "did you mean link-cut?",
        ),
        (
            'title = "x"\nstory = "y"\nsettled_after = 1\nhealed_after = 1\n'
            'claims = ["node pve1 purple"]\n'
            '[[step]]\nat = 0\nbreak = "link-cut"\ntarget = "1"',
            "node pve1 purple",
        ),
        (
            'title = "x"\nstory = "y"\nsettled_after = 1\nhealed_after = 1\n'
            '[[step]]\nat = 0\nbreak = "link-cut"\nmend = "link-cut"\ntarget = "1"',
            "either break or mend",
        ),
        (
            'title = "x"\nstory = "y"\nsettled_after = 1\nhealed_after = 1\n'
            '[[step]]\nat = 0\nbreak = "link-cut"\ntarget = "1"\n'
            '[[cause]]\nlayer = "soup"\nnoun = "a"\nname = "b"\nwhat = "c"',
            "'soup'",
        ),
    ],
)
def test_a_wrong_file_is_told_in_words(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"mine\.toml") as caught:
        read_scenario(path)
    assert told in str(caught.value)


def test_a_scenario_of_ones_own_is_read_from_a_file(tmp_path: Path) -> None:
    source = Path(scenarios.__file__).parent / "single-tunnel.toml"
    path = tmp_path / "mine.toml"
    path.write_text(source.read_text("utf-8"), "utf-8")
    assert scenario_named(str(path)).steps == scenario_named("single-tunnel").steps
    with pytest.raises(ValueError, match="cannot be read"):
        scenario_named(str(tmp_path / "none.toml"))
    with pytest.raises(KeyError, match="did you mean single-tunnel"):
        scenario_named("single-tunel")


@pytest.mark.parametrize("text", ["", "moon 1 full", "node pve1", "quorum held twice"])
def test_a_claim_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="claim"):
        read_claim(text)


@given(st.text() | st.lists(st.sampled_from([*NOUNS, "pve1", "on", "at"])).map(" ".join))
def test_any_text_is_a_claim_or_refused(text: str) -> None:
    try:
        claim = read_claim(text)
    except ValueError:
        return
    assert claim.noun in NOUNS


_VALUES: st.SearchStrategy[object] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just([{}])
)
_STEPS = st.lists(st.dictionaries(st.sampled_from(["at", "break", "mend", "x"]), _VALUES))
_KEYS = ["title", "story", "settled_after", "healed_after", "cause", "affected", "claims", "y"]


@given(st.dictionaries(st.sampled_from(_KEYS), _VALUES), _STEPS)
def test_any_table_is_a_scenario_or_refused(raw: dict[str, object], steps: list[object]) -> None:
    with suppress(ValueError, TypeError, KeyError):
        scenario_of("any", raw | {"step": steps})


@given(st.text())
def test_any_file_is_a_scenario_or_refused(text: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "any.toml"
        path.write_text(text, "utf-8")
        with pytest.raises(ValueError, match="any"):
            read_scenario(path)


def test_a_claim_about_nobody_is_an_error() -> None:
    stage = WholeStage()
    for text in ("node pve9 offline", "tunnel 77 dead", "bgp 77 up", "guest 5 running"):
        with pytest.raises(KeyError):
            holds(stage.lab, read_claim(text))


async def test_a_step_that_somebody_mended_by_hand_is_passed_over() -> None:
    stage = WholeStage()
    stage.lab.player.begin(scenario_named("netbox-upgrade"))
    await stage.wait(10)
    await stage.lab.mend_all()
    await stage.wait(60)
    assert [each.fault for each in stage.lab.outbreaks.on] == ["netbox-down"]
    assert stage.lab.player.refused == ["netbox-slow is not on at netbox"]
