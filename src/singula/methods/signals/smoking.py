"""How much was smoked, and whether it opens lung screening."""

from __future__ import annotations

from singula.errors import MissingInput, OutOfDomain
from singula.methods.registry import Coefficients, Outputs


def count_pack_years(
    age_years: float,
    packs_per_day: float,
    years_smoked: float,
    smoker_current: bool,
    years_since_quit: float | None = None,
    *,
    table: Coefficients,
) -> Outputs:
    """Multiply packs a day by years smoked, and say whether the USPSTF 2021 lung-screening rule is met.

    Raises
    ------
    OutOfDomain
        More years smoked than lived.
    MissingInput
        A former smoker without the years since quitting.

    References
    ----------
    US Preventive Services Task Force. JAMA 2021;325:962-970. doi:10.1001/jama.2021.1117
    """
    if years_smoked > age_years:
        raise OutOfDomain(f"pack-years: years_smoked {years_smoked:g} is more than age_years {age_years:g}")
    if not smoker_current and years_since_quit is None:
        raise MissingInput("pack-years: years_since_quit is missing (years); a former smoker needs it")
    pack_years = packs_per_day * years_smoked
    youngest, oldest = table["ages"]
    recent = smoker_current or (years_since_quit is not None and years_since_quit <= table["years_since_quit"])
    eligible = youngest <= age_years <= oldest and pack_years >= table["pack_years"] and recent
    return {"pack_years": pack_years, "lung_screening_eligible": eligible}
