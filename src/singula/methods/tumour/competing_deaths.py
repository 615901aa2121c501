"""Deaths of a disease and of other causes, year by year, each cause shortening the time in which the other can strike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp

ByYear = Callable[[int], float]


@dataclass(frozen=True)
class Deaths:
    """Cumulative shares dead of the disease and of other causes, by year from 0."""

    disease: tuple[float, ...]
    other: tuple[float, ...]

    def survival(self, year: int) -> float:
        """Share alive at the end of a year."""
        return 1 - self.disease[year] - self.other[year]


def follow_deaths(disease: ByYear, other: ByYear, disease_ratio: ByYear, other_ratio: ByYear, years: int) -> Deaths:
    """Follow two competing causes of death.

    Parameters
    ----------
    disease, other : callable
        Cumulative baseline hazard at the end of a year (1, 2, …).
    disease_ratio, other_ratio : callable
        What the baseline hazard of a year is multiplied by.
    years : int
        How long.

    Returns
    -------
    Deaths
        The deaths of a year, 1 - S_disease S_other, are shared by the shares each cause alone would have taken.
    """
    alone = [_share_dead(disease, disease_ratio, years), _share_dead(other, other_ratio, years)]
    of_disease, of_other = [0.0], [0.0]
    for year in range(1, years + 1):
        all_deaths = (1 - alone[0][year - 1]) * (1 - alone[1][year - 1]) - (1 - alone[0][year]) * (1 - alone[1][year])
        by_disease, by_other = (dead[year] - dead[year - 1] for dead in alone)
        together = by_disease + by_other
        share = by_disease / together if together else 0.0
        of_disease.append(of_disease[-1] + all_deaths * share)
        of_other.append(of_other[-1] + all_deaths * (1 - share))
    return Deaths(tuple(of_disease), tuple(of_other))


def _share_dead(baseline: ByYear, ratio: ByYear, years: int) -> list[float]:
    dead, hazard, before = [0.0], 0.0, 0.0
    for year in range(1, years + 1):
        now = baseline(year)
        hazard += (now - before) * ratio(year)
        before = now
        dead.append(1 - exp(-hazard))
    return dead
