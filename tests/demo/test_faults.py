"""The register of faults: each begins and ends on a running lab, and wrong words are told so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.demo.faults import FAULTS, chosen_options, chosen_target, fault_named, saying
from labtui.demo.faults.fault import Value
from labtui.demo.guide import GUIDE, with_tables
from labtui.demo.listeners import Mode
from labtui.demo.standard_lab import default_lab
from tests.demo.lab_thread import LabThread, lab_thread
from tests.demo.whole_stage import WholeStage

NAMES = [fault.name for fault in FAULTS]
_GIVEN: st.SearchStrategy[Value] = st.text() | st.booleans() | st.integers() | st.floats()


@pytest.fixture(scope="module")
def lab() -> Iterator[LabThread]:
    """A lab with sockets, since some faults are of sockets alone."""
    with lab_thread(speed=5.0, auth_delay=0.0) as running:
        yield running


def test_names_are_used_once_and_say_something() -> None:
    assert len(set(NAMES)) == len(NAMES)
    for fault in FAULTS:
        assert len(saying(fault)) > 10
        assert not saying(fault).endswith(".")
        assert fault.noun


@pytest.mark.parametrize("name", NAMES)
def test_each_begins_and_ends_twice(name: str, lab: LabThread) -> None:
    fault = fault_named(name)
    targets = lab.run(lambda: fault.targets(lab.lab))
    assert targets
    assert len(set(targets)) == len(targets)
    for target in {targets[0], targets[-1]}:
        lab.wait(lab.lab.break_(name, target))
        begun = lab.wait(lab.lab.break_(name, target))
        assert begun.target == target
        assert [each["fault"] for each in lab.run(lab.lab.summary)["faults"]] == [name]
        assert lab.wait(lab.lab.mend(name, target)) == [begun]
        with pytest.raises(ValueError, match="is not on"):
            lab.wait(lab.lab.mend(name, target))
    assert lab.run(lab.lab.summary)["faults"] == []


@pytest.mark.parametrize("name", NAMES)
async def test_each_leaves_a_world_that_gets_well(name: str) -> None:
    stage = WholeStage(default_lab(30))
    targets = fault_named(name).targets(stage.lab)
    if not targets:
        pytest.skip("it strikes sockets, and this lab has none")
    await stage.lab.break_(name, targets[0])
    await stage.wait(40, 10)
    await stage.lab.mend_all()
    # A reboot, the watchdog's reset and the return of all guests take minutes.
    await stage.wait(600, 10)
    assert stage.unwell() == []


def test_an_unknown_fault_is_told_with_the_nearest() -> None:
    with pytest.raises(KeyError, match="did you mean link-cut"):
        fault_named("link-cutt")


async def test_an_unknown_target_is_told_with_the_nearest() -> None:
    lab = WholeStage().lab
    with pytest.raises(KeyError, match="did you mean pve1"):
        chosen_target(fault_named("server-hang"), lab, "pve11")
    with pytest.raises(KeyError, match="needs a target: one of pve1"):
        await lab.break_("server-hang")
    assert chosen_target(fault_named("netbox-down"), lab, "") == "netbox"


def test_a_guest_is_found_by_name_and_by_number() -> None:
    lab = WholeStage().lab
    for name in ("guest-stopped", "netbox-guest-missing"):
        found = {chosen_target(fault_named(name), lab, target) for target in ("112", "db-01")}
        assert len(found) == 1


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("server-slow", {"second": 3}, "did you mean seconds"),
        ("server-slow", {"seconds": "soon"}, "must be a number"),
        ("server-slow", {"seconds": "nan"}, "must be a number"),
        ("server-hang", {"seconds": 3}, "has no options"),
        ("password-wrong", {"sessions": "perhaps"}, "true or false"),
    ],
)
def test_wrong_options_are_told(name: str, options: dict[str, str | float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        chosen_options(fault_named(name), options)


def test_options_are_read_from_texts() -> None:
    assert chosen_options(fault_named("server-slow"), {"seconds": "2"}) == {"seconds": 2.0}
    assert chosen_options(fault_named("password-wrong"), {"sessions": "no"}) == {"sessions": False}
    assert chosen_options(fault_named("server-slow"), {}) == {"seconds": 1.5}


@given(st.sampled_from(NAMES), st.dictionaries(st.text() | st.just("seconds"), _GIVEN))
def test_any_options_are_read_or_refused(name: str, given_options: dict[str, Value]) -> None:
    fault = fault_named(name)
    try:
        found = chosen_options(fault, given_options)
    except ValueError:
        return
    assert {key: type(value) for key, value in found.items()} == {
        key: type(value) for key, value in fault.options.items()
    }


async def test_of_two_on_one_server_the_younger_holds_until_it_ends() -> None:
    lab = WholeStage().lab
    await lab.break_("server-hang", "pve1")
    await lab.break_("server-refuse", "pve1")
    assert lab.wanted("pve1") is Mode.REFUSE
    await lab.mend("server-refuse", "pve1")
    assert lab.wanted("pve1") is Mode.HANG
    await lab.mend_all()
    assert lab.wanted("pve1") is Mode.OK


async def test_a_fault_ends_everywhere_when_no_target_is_named() -> None:
    lab = WholeStage().lab
    await lab.break_("server-hang", "pve1")
    await lab.break_("server-hang", "pve2")
    await lab.break_("server-reset", "pve3")
    assert {each.target for each in await lab.mend("server-hang")} == {"pve1", "pve2"}
    assert [each.target for each in await lab.mend_all()] == ["pve3"]
    assert await lab.mend_all() == []


async def test_a_fault_that_is_on_begins_anew_with_other_options() -> None:
    lab = WholeStage().lab
    await lab.break_("right-revoked", "labtui@pve")
    again = await lab.break_("right-revoked", "labtui@pve", role="")
    assert lab.outbreaks.on == [again]
    assert again.options == {"role": ""}
    with pytest.raises(ValueError, match="no role"):
        await lab.break_("right-revoked", "auditor@pve", role="King")
    with pytest.raises(ValueError, match="no role"):
        await lab.break_("right-revoked", "labtui@pve", role="King")
    assert lab.outbreaks.on == [again]
    assert "labtui@pve" not in {rule.who for rule in lab.accounts.proxmox.all_rules()}
    await lab.mend_all()
    assert lab.accounts.proxmox.all_rules() == list(lab.accounts.proxmox.rules)


def test_the_tables_of_the_guide_are_fresh() -> None:
    text = GUIDE.read_text("utf-8")
    assert with_tables(text) == text, "run `make guide`"
    with pytest.raises(ValueError, match="lacks"):
        with_tables("nothing")
