"""Whom to believe when nodes differ on who is there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labtui.model.witnesses import Witness, alone, parties

ALL = ("pve1", "pve2", "pve3", "pve4")


def word(node: str, *online: str, quorate: bool | None = True) -> Witness:
    return Witness(f"{node}:8006", node, quorate, ALL, tuple(sorted(online)))


def test_one_mind() -> None:
    sides = parties([word("pve1", *ALL), word("pve2", *ALL)])
    assert [side.names for side in sides] == [("pve1", "pve2")]
    assert sides[0].online == ALL
    assert not alone(sides[0])


def test_the_side_with_quorum_goes_first_however_few_speak_for_it() -> None:
    isolated = [
        word("pve3", "pve3", quorate=False),
        Witness("x:8006", "pve3", False, ALL, ("pve3",)),
    ]
    sides = parties([*isolated, word("pve1", "pve1", "pve2", "pve4")])
    assert sides[0].names == ("pve1",)
    assert sides[1].names == ("pve3",)
    assert alone(sides[1])


def test_without_quorum_the_larger_side_goes_first() -> None:
    one = word("pve1", "pve1", quorate=False)
    two = word("pve2", "pve2", "pve3", quorate=False)
    assert parties([one, two])[0].names == ("pve2",)


def test_of_two_sides_with_quorum_the_one_with_more_witnesses_goes_first() -> None:
    late = word("pve1", *ALL)
    two = [word(node, "pve1", "pve2", "pve3") for node in ("pve2", "pve3")]
    assert parties([late, *two])[0].names == ("pve2", "pve3")
    assert parties([late, two[0]])[0].names == ("pve1",)


def test_the_silent_have_no_side() -> None:
    silent = Witness("pve4:8006", "pve4", True, ALL, ALL, problem="connection refused")
    assert parties([silent, Witness("pve5:8006")]) == ()
    assert parties([silent, word("pve1", "pve1")])[0].names == ("pve1",)


def test_a_stand_alone_node_is_not_alone() -> None:
    single = Witness("a:8006", "a", None, ("a",), ("a",))
    assert not alone(parties([single])[0])


def test_a_witness_without_a_name_goes_by_its_address() -> None:
    assert Witness("a:8006").name == "a:8006"


@given(
    st.lists(
        st.builds(
            Witness,
            endpoint=st.sampled_from(("a", "b", "c", "d")),
            node=st.sampled_from(("", *ALL)),
            quorate=st.sampled_from((True, False, None)),
            members=st.sampled_from(((), ALL)),
            online=st.lists(st.sampled_from(ALL), unique=True).map(tuple),
            problem=st.sampled_from(("", "gone")),
        )
    )
)
def test_every_witness_that_speaks_is_on_one_side(witnesses: list[Witness]) -> None:
    sides = parties(witnesses)
    speakers = {one.name for one in witnesses if one.speaks}
    assert {name for side in sides for name in side.names} == speakers
    assert len({(side.quorate, side.online) for side in sides}) == len(sides)
    assert parties(reversed(witnesses)) == sides
