"""A dose is known in milligrams only where its unit says so."""

from __future__ import annotations

from singula.record import Concept, Medicine, Quantity


def taken(number: float, unit: str) -> Medicine:
    return Medicine(
        id="m1", person="p1", concept=Concept(text="clopidogrel"), dose=Quantity(number=number, unit=unit), doses_per_day=2.0
    )


def test_a_dose_in_grams_is_known_in_milligrams() -> None:
    assert taken(0.5, "g").dose_mg_per_day == 1000.0


def test_a_dose_in_tablets_is_not_known_in_milligrams() -> None:
    assert taken(1, "{pill}").dose_mg_per_day is None
