"""Combination calls: strands are written as the known alleles on them and what is left over."""

from __future__ import annotations

import pytest

from singula.knowledge import load_knowledge
from singula.methods.genome.core_definitions import core_definitions
from singula.methods.genome.observed import WHOLE_CHROMOSOME, Observed
from singula.methods.genome.partial import call_partial

CYP2C19 = core_definitions(load_knowledge())["CYP2C19"]

ON_FIRST = Observed(("A", "G"), WHOLE_CHROMOSOME)


def genotypes(**seen: Observed) -> tuple[Observed | None, ...]:
    """All positions as in *1 (rs3758581 G on both strands) but those named by their place."""
    places = {position.position: number for number, position in enumerate(CYP2C19.positions)}
    found: list[Observed | None] = [Observed((one.ref, one.ref), WHOLE_CHROMOSOME) for one in CYP2C19.positions]
    found[places[94842866]] = Observed(("G", "G"), WHOLE_CHROMOSOME)
    for name, one in seen.items():
        found[places[int(name.lstrip("p"))]] = one
    return tuple(found)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({"p94780653": Observed(("G", "A"))}, {"*3"}),
        ({"p94780653": Observed(("A", "A"), WHOLE_CHROMOSOME)}, {"*3"}),
    ],
)
def test_known_alleles_are_named_on_their_strands(seen: dict[str, Observed], expected: set[str]) -> None:
    calls = call_partial(CYP2C19, genotypes(**seen))
    assert calls
    assert all(expected <= {name for strand in call.split("/") for name in strand.split(" + ")} for call in calls)


def test_two_alleles_that_share_a_position_are_not_joined() -> None:
    """*3 and *5 both name rs3758581: one of them stands, the other's own change is left over beside it."""
    seen = {"p94852738": Observed(("T", "C"), WHOLE_CHROMOSOME), "p94780653": ON_FIRST}
    assert call_partial(CYP2C19, genotypes(**seen)) == ["*1/*3 + g.94852738C>T"]


def test_what_belongs_to_no_allele_is_written_by_its_place() -> None:
    """*2 needs rs12769205 beside rs4244285; alone, the second belongs to no allele."""
    calls = call_partial(CYP2C19, genotypes(p94781859=ON_FIRST))
    assert calls == ["*1/g.94781859G>A + g.94842866A>G"]


def test_too_many_open_blocks_give_no_call() -> None:
    open_ones = tuple(Observed((one.ref, "T" if one.ref != "T" else "A")) for one in CYP2C19.positions)
    assert len(open_ones) > 9
    assert call_partial(CYP2C19, open_ones) == []
