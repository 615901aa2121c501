"""Asks every equation about one person: those that fit answer, the others say why they do not or what they lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from singula.assess.risk.person_inputs import PersonInputs
from singula.errors import OutOfDomain, SingulaError
from singula.knowledge import Knowledge
from singula.knowledge.pack import Row
from singula.methods.registry import Method, evaluate, find_method

STEPS = 3
RACE = "race"


@dataclass(frozen=True)
class Lacking:
    """An input that is missing: its words, and how far the answer moves over its plausible range (percentage points)."""

    input: str
    display: str
    swing: float | None = None


@dataclass(frozen=True)
class Answered:
    """What an equation said: one figure, or a range over the plausible values of what is missing."""

    row: Row
    method: Method
    low: float
    high: float
    values: Mapping[str, Any]
    inputs: tuple[str, ...]
    assumed: tuple[str, ...]
    lacking: tuple[Lacking, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether every input was known."""
        return not self.lacking

    @property
    def words(self) -> str:
        """The figure in words."""
        if self.is_exact:
            return f"{self.low:.1f} %"
        return f"{self.low:.1f} to {self.high:.1f} % (unknown: {', '.join(one.display for one in self.lacking)})"


@dataclass(frozen=True)
class Unfit:
    """An equation that does not answer, and why; ``lacking`` names inputs where only those stand in the way."""

    row: Row
    reason: str
    lacking: tuple[Lacking, ...] = ()


def ask_equations(person: PersonInputs, knowledge: Knowledge) -> Iterator[Answered | Unfit]:
    """Yield the answer of every equation of the table ``equations``, in its order."""
    most = next(row.value for row in person.pack.table("settings") if row.name == "most_missing")
    for row in person.pack.table("equations"):
        reason = _does_not_apply(person, row)
        if reason is not None:
            yield Unfit(row, reason)
        else:
            yield _ask(person, row, find_method(row.method, knowledge), int(most))


def _does_not_apply(person: PersonInputs, row: Row) -> str | None:
    known = person.has_any(row.excludes)
    if known is not None:
        return f"made for people without {known.display.lower()}"
    if row.needs and person.has_any(row.needs) is None:
        return f"made for people with {row.needs[0].replace('-', ' ')}"
    if person.has_any(("pregnancy",)) is not None:
        return "no equation was made for pregnancy"
    return None


def _ask(person: PersonInputs, row: Row, method: Method, most: int) -> Answered | Unfit:
    values: dict[str, Any] = {}
    facts: list[str] = []
    assumed: list[str] = []
    lacking: list[Row | str] = []
    for spec in method.inputs.values():
        given = person.give(spec.name, method.id)
        if given.value is not None:
            values[spec.name] = given.value
            facts.extend(given.inputs)
            assumed.extend([given.assumed] if given.assumed else [])
        elif spec.required is True:
            lacking.append(person.rows.get(spec.name, spec.name))
    named = tuple(Lacking(str(one if isinstance(one, str) else one.input), _display(one)) for one in lacking)
    ranged = [one for one in lacking if not isinstance(one, str) and one.low is not None]
    if len(lacking) > most or len(ranged) < len(lacking):
        return Unfit(row, f"lacks {', '.join(one.display for one in named)}", named)
    inputs, notes = tuple(dict.fromkeys(facts)), tuple(dict.fromkeys(assumed))
    try:
        if not lacking:
            figure = _figure(method, row, values)
            return Answered(row, method, figure, figure, values, inputs, notes)
        return _over_ranges(method, row, values, ranged, (inputs, notes))
    except OutOfDomain as fault:
        return Unfit(row, str(fault).removeprefix(f"{method.id}: "))
    except SingulaError as fault:
        return Unfit(row, str(fault))


def _figure(method: Method, row: Row, values: Mapping[str, Any]) -> float:
    figure = evaluate(method, values)[row.output]
    if figure is None:
        raise OutOfDomain(f"{method.id}: gives no {row.output.replace('_', ' ')} at this age")
    return float(figure)


def _over_ranges(
    method: Method, row: Row, values: Mapping[str, Any], ranged: list[Row], said: tuple[tuple[str, ...], tuple[str, ...]]
) -> Answered:
    """Run the equation over the plausible range of what is missing, and tell for each how much it alone moves the answer."""
    grids = {one.input: [one.low + (one.high - one.low) * step / (STEPS - 1) for step in range(STEPS)] for one in ranged}
    figures = {
        point: _figure(method, row, {**values, **dict(zip(grids, point, strict=True))}) for point in product(*grids.values())
    }
    middle = tuple(grid[STEPS // 2] for grid in grids.values())
    lacking = []
    for place, one in enumerate(ranged):
        along = [figures[(*middle[:place], value, *middle[place + 1 :])] for value in grids[one.input]]
        lacking.append(Lacking(one.input, one.display, max(along) - min(along)))
    lacking.sort(key=lambda one: -(one.swing or 0))
    inputs, notes = said
    return Answered(row, method, min(figures.values()), max(figures.values()), values, inputs, notes, tuple(lacking))


def _display(one: Row | str) -> str:
    return one.replace("_", " ") if isinstance(one, str) else str(one.display)
