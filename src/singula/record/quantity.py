"""A number with its UCUM unit, and its checked conversion."""

from __future__ import annotations

import math

from pydantic import field_validator

from singula.record.frozen import Frozen
from singula.record.units import conversion_factor


class Quantity(Frozen):
    """A measured number and the UCUM unit it was given in; ``comparator`` is ``<``, ``>``, ``<=``, ``>=`` or None."""

    number: float
    unit: str
    comparator: str | None = None

    @field_validator("number")
    @classmethod
    def _is_finite(cls, number: float) -> float:
        if not math.isfinite(number):
            raise ValueError(f"{number} is no measurement")
        return number

    def to(self, unit: str, *, molar_mass_g_per_mol: float | None = None) -> Quantity:
        """Convert to another unit.

        Parameters
        ----------
        unit : str
            UCUM unit wanted.
        molar_mass_g_per_mol : float, optional
            The substance's molar mass, which mass and amount need to be converted into each other.

        Returns
        -------
        Quantity
            The same quantity in the unit wanted.

        Raises
        ------
        UnitUnknown
            The units do not measure the same thing, or one of them is not known.
        """
        if unit == self.unit:
            return self
        factor, offset = conversion_factor(self.unit, unit, molar_mass_g_per_mol=molar_mass_g_per_mol)
        return Quantity(number=self.number * factor + offset, unit=unit, comparator=self.comparator)

    def __str__(self) -> str:
        """Show as a reader would write it."""
        return f"{self.comparator or ''}{self.number:g} {self.unit}".rstrip()
