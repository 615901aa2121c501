"""Checks that every method over a series shares: numbers only, equal lengths, time that does not run backwards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from singula.errors import InvalidInput, OutOfDomain, quoted

Numbers = list[float]


def read_numbers(method: str, name: str, values: Sequence[Any], least: int = 1) -> Numbers:
    """Return a list of finite numbers; fewer than ``least`` is outside the domain of the method."""
    if len(values) < least:
        raise OutOfDomain(f"{method}: {name} holds {len(values)} values; give at least {least}")
    for place, value in enumerate(values):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidInput(f"{method}: {name}[{place}] is {quoted(value)}; write a number")
        if not math.isfinite(value):
            raise OutOfDomain(f"{method}: {name}[{place}] is {value}; write a finite number")
    return [float(value) for value in values]


def read_positive(method: str, name: str, values: Sequence[Any], least: int = 1) -> Numbers:
    """Return a list of numbers above zero."""
    numbers = read_numbers(method, name, values, least)
    place = next((place for place, value in enumerate(numbers) if value <= 0), None)
    if place is not None:
        raise OutOfDomain(f"{method}: {name}[{place}] is {numbers[place]:g}; it can be above 0")
    return numbers


def read_times(method: str, name: str, values: Sequence[Any], least: int = 1) -> Numbers:
    """Return times in days that never run backwards."""
    times = read_numbers(method, name, values, least)
    if any(later < earlier for earlier, later in pairwise(times)):
        raise OutOfDomain(f"{method}: {name} runs backwards; give the values in order of time")
    return times


def match_lengths(method: str, **lists: Sequence[Any]) -> None:
    """Refuse lists of different lengths."""
    lengths = {name: len(values) for name, values in lists.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise OutOfDomain(f"{method}: the lists differ in length ({shown}); give one value for each")


def mean(values: Sequence[float]) -> float:
    """Return the arithmetic mean."""
    return math.fsum(values) / len(values)


def sample_sd(values: Sequence[float]) -> float | None:
    """Return the sample standard deviation (n - 1); None below two values."""
    if len(values) < 2:
        return None
    centre = mean(values)
    return math.sqrt(math.fsum((value - centre) ** 2 for value in values) / (len(values) - 1))


def fit_slope(method: str, times: Sequence[float], values: Sequence[float]) -> float:
    """Return the least-squares slope of values on times, in the units of both.

    Raises
    ------
    OutOfDomain
        All values were taken at one time.
    """
    middle, centre = mean(times), mean(values)
    spread = math.fsum((time - middle) ** 2 for time in times)
    if spread <= 0:
        raise OutOfDomain(f"{method}: all values were taken at one time; a slope needs two")
    return math.fsum((time - middle) * (value - centre) for time, value in zip(times, values, strict=True)) / spread


def find_band(value: float, bands: Sequence[Sequence[Any]]) -> Any:
    """Return what stands beside the highest start that the value reaches; a start of None holds for every value."""
    return [answer for start, answer in bands if start is None or value >= start][-1]
