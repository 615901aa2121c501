"""What a score means as a risk: hazard ratio per standard deviation, with rates of disease and of other deaths by age."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from singula.errors import BadInput
from singula.sources.site_calls import read_table

COLUMNS = ("score_id", "hazard_ratio_per_sd", "from_years", "to_years", "incidence_per_100000", "mortality_per_100000")


@dataclass
class ScoreRisk:
    """One score's hazard ratio, and bands of age with rates per 100,000 and year."""

    hazard_ratio_per_sd: float
    incidence: list[dict[str, float]] = field(default_factory=list)
    mortality: list[dict[str, float]] = field(default_factory=list)


def read_score_risks(path: Path) -> dict[str, ScoreRisk]:
    """Read a table with one row for each score and band of age; columns as in ``COLUMNS``.

    Raises
    ------
    BadInput
        A cell is no number, a hazard ratio is not above 0, or a score has two; the message names the row.
    """
    risks: dict[str, ScoreRisk] = {}
    for where, row in read_table(path, COLUMNS):
        try:
            ratio, start, end, incidence, mortality = (float(row[name]) for name in COLUMNS[1:])
        except ValueError:
            raise BadInput(f"{where}: all columns but score_id have to be numbers") from None
        if ratio <= 0:
            raise BadInput(f"{where}: hazard_ratio_per_sd has to be above 0")
        one = risks.setdefault(row["score_id"], ScoreRisk(ratio))
        if one.hazard_ratio_per_sd != ratio:
            raise BadInput(f"{where}: {row['score_id']} has another hazard ratio than in its first row")
        band = {"from_years": start, "to_years": end}
        one.incidence.append({**band, "rate_per_100000": incidence})
        one.mortality.append({**band, "rate_per_100000": mortality})
    return risks
