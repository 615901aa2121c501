"""Is a measured value possible, and in the unit it claims? Slips are flagged with a suggested reading, never silently used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from singula.errors import UnitUnknown
from singula.knowledge import Row
from singula.record import Quantity
from singula.record.units import is_known
from singula.sources.terminology import Terminology


@dataclass(frozen=True)
class Judged:
    """A value in its analyte's own unit, what is odd about it, and whether a rule may use it."""

    canonical: Quantity | None
    flags: tuple[str, ...] = ()
    usable: bool = True


# Units laboratories use for one analyte besides its own; a value that is impossible in its unit is tried in these.
OTHER_UNITS = ("umol/L", "mmol/L", "mg/dL", "g/L", "g/dL", "ug/L", "ng/mL", "[lb_av]", "[in_i]", "m", "[degF]", "Cel")


def judge_value(row: Row, value: Quantity, terminology: Terminology) -> Judged:
    """Convert a value and hold it against what a living person can have.

    Parameters
    ----------
    row : Row
        The analyte, with its unit and its lowest and highest possible values.
    value : Quantity
        The value as given.
    terminology : Terminology
        For the conversion.

    Returns
    -------
    Judged
        ``usable`` is false where the unit cannot be converted or the value is impossible; the flag suggests the likely unit.
    """
    if not row.unit:
        return Judged(None)
    canonical = terminology.canonical(row, value)
    if canonical is None:
        known = "is not a known unit" if not is_known(value.unit) else "does not measure this"
        return Judged(None, (f"{value} cannot be used: the unit {known}; give {row.unit}",), usable=False)
    if _is_possible(row, canonical.number):
        return Judged(canonical)
    suggestion = next(_likely_units(row, value, terminology), None)
    likely = f"; {value.number:g} {suggestion.unit} would be {suggestion.converted:.3g} {row.unit}" if suggestion else ""
    bounds = f"{row.low:g} to {row.high:g} {row.unit}"
    return Judged(canonical, (f"{value} is not possible ({bounds}){likely}; confirm value and unit",), usable=False)


@dataclass(frozen=True)
class _Suggestion:
    unit: str
    converted: float


def _likely_units(row: Row, value: Quantity, terminology: Terminology) -> Iterator[_Suggestion]:
    for unit in OTHER_UNITS:
        if unit == value.unit:
            continue
        try:
            other = terminology.canonical(row, Quantity(number=value.number, unit=unit))
        except UnitUnknown:
            continue
        if other is not None and _is_possible(row, other.number):
            yield _Suggestion(unit, other.number)


def _is_possible(row: Row, number: float) -> bool:
    return (row.low is None or number >= row.low) and (row.high is None or number <= row.high)
