"""The blood pressure of a person: home readings without the first day, else the newest in the office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean

from singula.assess.lifestyle.situation import Living
from singula.record import Observation

SYSTOLIC, DIASTOLIC = "systolic-blood-pressure", "diastolic-blood-pressure"


@dataclass(frozen=True)
class Pressure:
    """Mean pressure in mmHg, whether measured at home, from how many readings, whether it is high, and the facts."""

    systolic: float
    diastolic: float
    at_home: bool
    readings: int
    is_high: bool
    inputs: tuple[str, ...]


def read_pressure(living: Living) -> Pressure | None:
    """Average the home readings of the last weeks without their first day, which runs high; else take the newest reading."""
    pairs = [_readings(living, name) for name in (SYSTOLIC, DIASTOLIC)]
    if not all(pairs):
        return None
    homes = [_without_first_day([one for one in side if one.detail.get("home_reading")], living) for side in pairs]
    at_home = all(homes)
    used = homes if at_home else [side[:1] for side in pairs]
    systolic, diastolic = (fmean(one.canonical.number for one in side if one.canonical) for side in used)
    place = "home" if at_home else "office"
    is_high = systolic >= living.settings[f"{place}_systolic"] or diastolic >= living.settings[f"{place}_diastolic"]
    inputs = tuple(one.id for side in used for one in side)
    return Pressure(systolic, diastolic, at_home, len(used[0]), is_high, inputs)


def _readings(living: Living, name: str) -> list[Observation]:
    return [
        one
        for one in living.record.named(name)
        if isinstance(one, Observation) and one.is_present and one.canonical is not None and one.when is not None
        and one.when.first_day <= living.record.as_of
    ]  # fmt: skip


def _without_first_day(readings: Sequence[Observation], living: Living) -> list[Observation]:
    earliest = living.record.as_of - timedelta(days=living.settings["home_days"])
    recent = [one for one in readings if one.when and one.when.first_day >= earliest]
    days = sorted({one.when.first_day for one in recent if one.when})
    return [one for one in recent if one.when and one.when.first_day > days[0]] if len(days) > 1 else list(recent)
