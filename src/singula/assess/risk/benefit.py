"""What a treatment changes of a risk: absolute reduction, number needed to treat, and event-free years."""

from __future__ import annotations

from dataclasses import dataclass

from singula.assess.risk.equations import Answered
from singula.assess.risk.person_inputs import PersonInputs
from singula.errors import SingulaError
from singula.finding import Benefit
from singula.knowledge import Knowledge
from singula.knowledge.pack import Pack, Row
from singula.methods.registry import evaluate, find_method, run_method

STATIN, PRESSURE, YEARS = "statin-benefit-ctt-2010", "bp-benefit-2016", "lifetime-benefit-1"
PRESSURE_OUTCOME = "major_cvd"
PERCENT = 100


@dataclass(frozen=True)
class Treated:
    """One treatment's effect on one risk, with the facts it rests on."""

    benefit: Benefit
    inputs: tuple[str, ...] = ()


class Treatments:
    """Works out effects on one answered risk.

    Parameters
    ----------
    person : PersonInputs
        LDL, pressure, age.
    risk : Answered
        The risk without the treatment.
    knowledge : Knowledge
        Effects, harms, life table.
    """

    def __init__(self, person: PersonInputs, risk: Answered, knowledge: Knowledge) -> None:
        self.person, self.risk, self.knowledge = person, risk, knowledge
        self.pack: Pack = person.pack
        self.settings = {row.name: row.value for row in self.pack.table("settings")}
        self.effects = {row.effect: row for row in self.pack.table("effects")}

    @property
    def baseline(self) -> float:
        """The risk in per cent; of a range its middle."""
        return (self.risk.low + self.risk.high) / 2

    def ldl_mmol_per_l(self) -> tuple[float | None, tuple[str, ...]]:
        """Return LDL with its fact."""
        latest = self.person.record.latest("ldl-cholesterol")
        canonical = getattr(latest, "canonical", None)
        if canonical is None:
            return None, ()
        return canonical.number * self.settings["ldl_mmol_per_mg"], (getattr(latest, "id", ""),)

    def treat(self, effect: str, harms: tuple[str, ...] = ()) -> Treated | None:
        """Work out one effect; None where what it acts on is not known."""
        row = self.effects[effect]
        ratio, inputs = self._ratio(row)
        if ratio is None:
            return None
        return Treated(self._benefit(ratio, row, harms), inputs)

    def together(self, effects: tuple[str, ...]) -> float:
        """Return the joint relative risk of effects on different pathways; of two on one pathway only the stronger counts."""
        strongest: dict[str, float] = {}
        for effect in effects:
            row = self.effects[effect]
            ratio, _ = self._ratio(row)
            if ratio is not None:
                pathway = row.acts_on if row.acts_on != "ratio" else effect
                strongest[pathway] = min(strongest.get(pathway, 1), ratio)
        joint = 1.0
        for ratio in strongest.values():
            joint *= ratio
        return joint

    def _ratio(self, row: Row) -> tuple[float | None, tuple[str, ...]]:
        if row.acts_on == "ratio":
            return row.value, ()
        if row.acts_on == "sbp":
            given = self.person.give("sbp_mmhg", PRESSURE)
            answer = run_method(
                PRESSURE,
                {"outcome": PRESSURE_OUTCOME, "baseline_risk_percent_10y": self.baseline, "sbp_reduction_mmhg": row.value},
                self.knowledge,
            )
            return answer["relative_risk"], given.inputs
        ldl, inputs = self.ldl_mmol_per_l()
        if ldl is None:
            return None, ()
        try:
            answer = run_method(
                STATIN,
                {"baseline_risk_percent_10y": self.baseline, "ldl_mmol_per_l": ldl, "ldl_reduction_percent": row.value},
                self.knowledge,
            )
        except SingulaError:
            return None, ()
        return answer["relative_risk"], inputs

    def _benefit(self, ratio: float, row: Row, harms: tuple[str, ...]) -> Benefit:
        risk = self.baseline
        gain = risk * (1 - ratio)
        years = self._event_free_years(ratio)
        gained = (
            (f"about {12 * years:.0f} more event-free months to {self.settings['lifetime_to_age']:.0f} years",) if years else ()
        )
        return Benefit(
            outcome=self.risk.row.outcome,
            method=self.risk.row.method,
            horizon_years=self.risk.row.horizon_years,
            risk_percent=round(risk, 2),
            relative_risk=round(ratio, 4),
            risk_percent_with=round(risk * ratio, 2),
            arr_percent=round(gain, 2),
            nnt=round(PERCENT / gain) if gain > 0 else None,
            effect_source=f"{row.words}; {self.pack.citation(row.citation)}",
            harms=(*gained, *harms),
        )

    def _event_free_years(self, ratio: float) -> float | None:
        """Count years gained up to the age the equation was made for, by the equation itself at each later age."""
        age, sex = self.person.record.age_years, self.person.record.person.sex_at_birth
        until = int(self.settings["lifetime_to_age"])
        if age is None or sex is None or age >= until or "age_years" not in self.risk.values:
            return None
        events, deaths = [], []
        for year in range(age, until):
            step = (year - age) // self.risk.row.horizon_years * self.risk.row.horizon_years
            risk = self._risk_at(age + step)
            if risk is None:
                break
            events.append(1 - (1 - risk / PERCENT) ** (1 / self.risk.row.horizon_years))
            deaths.append(self._yearly_death(year, sex))
        if not events:
            return None
        method = find_method(YEARS, self.knowledge)
        answer = evaluate(
            method, {"hazard_ratio": ratio, "event_probability_by_year": events, "competing_death_probability_by_year": deaths}
        )
        return float(answer["event_free_years_gained"])

    def _risk_at(self, age: int) -> float | None:
        if not self.risk.is_exact:
            return None
        try:
            figure = evaluate(self.risk.method, {**self.risk.values, "age_years": age})[self.risk.row.output]
        except SingulaError:
            return None
        return None if figure is None else float(figure)

    def _yearly_death(self, age: int, sex: str) -> float:
        rows = [row for row in self.pack.table("yearly_death") if row.age <= age]
        row = rows[-1] if rows else self.pack.table("yearly_death")[0]
        return float(row[sex])
