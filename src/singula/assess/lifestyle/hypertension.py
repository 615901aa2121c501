"""What would lower this person's blood pressure, best first: habits, tests and medicines by effect, adherence and burden.

Race is no input. Removing a cause goes before adding anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from singula.assess.lifestyle.pressure import Pressure
from singula.assess.lifestyle.situation import Living
from singula.finding import Excluded, Option, OptionGrid, stable_id
from singula.knowledge.pack import Row
from singula.record import Condition

NAME, PROBLEM = "lifestyle", "hypertension"
CCB, RAS, THIAZIDE = "medicine-ccb", "medicine-acei-arb", "medicine-thiazide-like"
DASH, SODIUM, POTASSIUM = "dash-diet", "sodium-reduction", "potassium-increase"
STEP_MMHG, WHOLE = 10, 100
REASONS_FOR_BETA = ("coronary-heart-disease", "atrial-fibrillation", "heart-failure")


@dataclass(frozen=True)
class Gap:
    """How much of an option is left to do: 1 all of it, 0 nothing, None not known (and what is missing)."""

    share: float | None
    inputs: tuple[str, ...] = ()
    missing: str = ""


@dataclass(frozen=True)
class Ranked:
    """One open option with its place."""

    row: Row
    option: Option
    order: tuple[float, ...]
    inputs: tuple[str, ...]


class PressureOptions:
    """Weighs every option for one person.

    Parameters
    ----------
    living : Living
        Numbers, conditions, medicines.
    pressure : Pressure
        The person's blood pressure.
    """

    def __init__(self, living: Living, pressure: Pressure) -> None:
        self.living, self.pressure = living, pressure
        self.settings = living.settings

    def weigh(self) -> tuple[list[Ranked], list[Excluded]]:
        """Return the open options, best first, and those that are closed with the reason."""
        ranked, excluded = [], []
        for row in self.living.pack.table("hypertension_options"):
            closed = self._gate(row)
            if closed is not None:
                excluded.append(closed)
                continue
            gap = self._gap(row)
            if gap.share is None:
                reason = f"not known whether it would help: {gap.missing} not on record"
                excluded.append(Excluded(option=row.option, display=row.display, reason=reason, inputs=gap.inputs))
            elif gap.share > 0:
                ranked.append(self._rank(row, gap))
            elif row.kind == "medicine" and gap.missing:
                excluded.append(Excluded(option=row.option, display=row.display, reason=gap.missing, inputs=gap.inputs))
        return sorted(ranked, key=lambda one: one.order), excluded

    def grid(self, ranked: Sequence[Ranked], excluded: Sequence[Excluded]) -> OptionGrid:
        """Make the grid, with what the habits do together: never more than trials of combined programmes reached."""
        inputs = tuple(dict.fromkeys((*self.pressure.inputs, *(fact for one in ranked for fact in one.inputs))))
        return OptionGrid(
            id=stable_id(NAME, PROBLEM, *inputs),
            assessor=NAME,
            problem=PROBLEM,
            display=f"Blood pressure {self.pressure.systolic:.0f}/{self.pressure.diastolic:.0f} mmHg"
            + (f", mean of {self.pressure.readings} home readings" if self.pressure.at_home else ""),
            ranked=tuple(one.option for one in ranked),
            excluded=tuple(excluded),
            combined=self._together(ranked),
            inputs=inputs,
            labels=self.living.labels(inputs),
        )

    def _together(self, ranked: Sequence[Ranked]) -> dict[str, float]:
        effects = {one.row.option: one.option.expected_sbp_mmhg or 0 for one in ranked if one.row.kind == "behaviour"}
        naive = sum(effects.values())
        if DASH in effects:
            effects.pop(POTASSIUM, None)
            if SODIUM in effects:
                effects[SODIUM] *= self.settings["sodium_beside_dash"]
        expected = max(sum(effects.values()), self.settings["combined_share"] * naive)
        return {"naive_sum_sbp_mmhg": round(naive, 2), "expected_sbp_mmhg": round(expected, 2)}

    def _gate(self, row: Row) -> Excluded | None:
        for gate in self.living.pack.index("hypertension_gates", "option").get(row.option, ()):
            held = self.living.hold(gate.when)
            if held is not None:
                return Excluded(option=row.option, display=row.display, reason=gate.reason, inputs=held.inputs)
        return None

    def _rank(self, row: Row, gap: Gap) -> Ranked:
        share = gap.share or 0
        expected = self._effect(row) * share
        score = abs(expected) * row.adherence / row.burden
        notes = [
            note.words
            for note in self.living.pack.index("hypertension_notes", "option").get(row.option, ())
            if self.living.hold(note.when) is not None
        ]
        option = Option(
            option=row.option,
            display=row.display,
            kind=row.kind,
            why="; ".join(dict.fromkeys((row.why, *notes))),
            benefit=f"about {abs(expected):.0f} mmHg lower" if expected else "",
            burden=row.burden,
            adherence_probability=row.adherence,
            expected_sbp_mmhg=round(expected, 2),
            score=round(score, 4),
            evidence=(self.living.evidence(row, "Trial"),),
        )
        place = (0 if row.place == "first" else 1, -round(score, 4), self._tie(row.option))
        return Ranked(row, option, place, gap.inputs)

    def _tie(self, option: str) -> float:
        """Put medicines of equal effect in order: lost albumin calls for an ACE inhibitor or ARB, high potassium against."""
        albumin, _ = self.living.number("uacr")
        potassium, _ = self.living.number("potassium")
        limit = self.settings["potassium_prefer"]
        protects = (albumin or 0) >= self.settings["albuminuria_mg_per_g"] and (potassium or 0) <= limit
        against = (potassium or 0) > limit
        order = {CCB: 1, RAS: 0 if protects else 3 if against else 2, THIAZIDE: 2 if against else 3}
        return order.get(option, 4)

    def _effect(self, row: Row) -> float:
        if row.option == "weight-loss":
            weight, _ = self.living.number("body-weight")
            return float(row.sbp_mmhg * (weight or 0) * self.settings["weight_share"])
        if row.kind == "medicine":
            above = max(self.pressure.systolic - self.settings["trial_systolic"], 0)
            return float(row.sbp_mmhg - self.settings["per_10_mmhg"] * above / STEP_MMHG)
        return float(row.sbp_mmhg)

    def _gap(self, row: Row) -> Gap:
        judges: dict[str, Callable[[Row], Gap]] = {
            "nsaid": lambda _: self._nsaid(),
            "weight": lambda _: self._weight(),
            "diet": lambda _: self._diet(),
            "sodium": lambda _: self._sodium(),
            "potassium": lambda _: self._potassium(),
            "salt-substitute": lambda _: Gap(None, missing="salt added at the table"),
            "alcohol": lambda _: self._alcohol(),
            "exercise": lambda _: self._exercise(),
            "isometric": lambda _: Gap(None, missing="hand grip or wall sit exercise"),
            "insomnia": lambda _: self._from("isi", "isi_from", "insomnia"),
            "sleep-apnoea": lambda _: self._apnoea(),
            "stress": lambda _: self._from("pss-10", "pss_from", ""),
            "always": lambda _: Gap(1),
            "medicine": self._medicine,
            "resistant": lambda _: self._resistant(),
            "beta-blocker-reason": lambda _: self._beta_blocker(),
        }
        return judges[row.gap](row)

    def _nsaid(self) -> Gap:
        taken = self.living.classes.get("nsaid")
        return Gap(1, (taken[1],)) if taken else Gap(0)

    def _weight(self) -> Gap:
        bmi, inputs = self.living.number("bmi")
        weight, more = self.living.number("body-weight")
        if bmi is None:
            return Gap(None, missing="body mass index")
        if bmi < self.settings["bmi_over"]:
            return Gap(0, inputs)
        return Gap(1, (*inputs, *more)) if weight is not None else Gap(None, inputs, "weight")

    def _diet(self) -> Gap:
        points, inputs = self.living.number("le8-diet-points")
        return Gap(None, missing="a diet score") if points is None else Gap((WHOLE - points) / WHOLE, inputs)

    def _sodium(self) -> Gap:
        sodium, inputs = self.living.number("urine-sodium-24h")
        if sodium is None:
            return Gap(None, missing="sodium in a day's urine")
        limit = self.settings["sodium_mmol_per_day"]
        return Gap(min(1, max(0, (sodium - limit) / limit)), inputs)

    def _potassium(self) -> Gap:
        points, inputs = self.living.number("le8-diet-points")
        if points is None:
            return Gap(None, missing="a diet score")
        return Gap(1 if points < self.settings["diet_low_points"] else 0, inputs)

    def _alcohol(self) -> Gap:
        drinks, inputs = self.living.number("alcohol-drinks-per-day")
        sex = self.living.record.person.sex_at_birth
        if drinks is None or sex is None:
            return Gap(None, inputs, "drinks a day")
        return Gap(min(1, max(0, (drinks - self.settings[f"drinks_{sex}"]) / 2)), inputs)

    def _exercise(self) -> Gap:
        minutes, inputs = self.living.number("exercise-minutes-per-week")
        wanted = self.settings["exercise_minutes"]
        return (
            Gap(None, missing="minutes of exercise a week")
            if minutes is None
            else Gap(max(0, (wanted - minutes) / wanted), inputs)
        )

    def _from(self, name: str, setting: str, condition: str) -> Gap:
        value, inputs = self.living.number(name)
        if value is not None:
            return Gap(1 if value >= self.settings[setting] else 0, inputs)
        known = self.living.record.has_condition(condition) if condition else None
        return Gap(1, (known.id,)) if isinstance(known, Condition) else Gap(0)

    def _apnoea(self) -> Gap:
        known = self.living.record.has_condition("sleep-apnoea")
        if isinstance(known, Condition):
            return Gap(0, (known.id,))
        poor = self._from("isi", "isi_from", "insomnia")
        heavy = self._from("bmi", "bmi_apnoea", "")
        found = next((one for one in (poor, heavy) if one.share), None)
        return found or self._resistant()

    def _medicine(self, row: Row) -> Gap:
        if not self.pressure.is_high:
            return Gap(0, missing="the pressure is not high enough for a medicine")
        taken = next((self.living.classes[name] for name in row.classes or () if name in self.living.classes), None)
        return Gap(0, (taken[1],), f"{taken[0]} is taken already") if taken else Gap(1)

    def _resistant(self) -> Gap:
        names = ("ccb", "ras-inhibitor", "diuretic")
        taken = [self.living.classes[name][1] for name in names if name in self.living.classes]
        is_resistant = self.pressure.is_high and len(taken) >= self.settings["resistant_medicines"]
        return Gap(1 if is_resistant else 0, tuple(taken))

    def _beta_blocker(self) -> Gap:
        reason = self.living.record.has_condition(*REASONS_FOR_BETA)
        if not isinstance(reason, Condition) or "beta-blocker" in self.living.classes:
            return Gap(0)
        return Gap(1 if self.pressure.is_high else 0, (reason.id,))


def options_told(ranked: Sequence[Ranked], most_behaviours: int) -> Iterator[Ranked]:
    """Yield the options that become actions: the first habits and tests, and one medicine."""
    told = 0
    medicine = False
    for one in ranked:
        if one.row.kind == "medicine":
            if not medicine:
                medicine = True
                yield one
        elif one.row.kind == "test" or (told < most_behaviours and _is_worth_it(one)):
            told += one.row.kind == "behaviour"
            yield one


def _is_worth_it(one: Ranked) -> bool:
    """Tell whether an effect is at least one mmHg, or indirect."""
    expected = abs(one.option.expected_sbp_mmhg or 0)
    return expected == 0 or expected >= 1
