"""The warfarin dose this person's genes, size, age and other medicines point to (IWPC 2009, CPIC 2017 steps on top)."""

from __future__ import annotations

from collections.abc import Iterator

from singula.assess.medicines.advice import Piece
from singula.assess.medicines.situation import Situation
from singula.errors import MethodError
from singula.methods.registry import Method, find_method, run_method

METHOD = "warfarin-iwpc-2009"
WARFARIN = "warfarin"
VKORC1_GENOTYPES = {"-1639 GG": "G/G", "-1639 AG": "A/G", "-1639 AA": "A/A"}
RACES = {"white": "white", "asian": "asian", "black": "black"}


def warfarin_dose(situation: Situation, medicine: str) -> Iterator[Piece]:
    """Yield the computed dose of warfarin where enough is known to compute it.

    Parameters
    ----------
    situation : Situation
        Age, height, weight and the genes CYP2C9 and VKORC1.
    medicine : str
        Only warfarin is answered.

    Yields
    ------
    Piece
        With the target dose in mg a day; the action says whether it lies more than the pack's margin from the usual dose.
    """
    if medicine != WARFARIN or "VKORC1" not in situation.genes:
        return
    height, weight, age = situation.numbers.get("height"), situation.numbers.get("weight"), situation.age_years
    if height is None or weight is None or age is None:
        return
    pack = situation.knowledge.pack("medicines")
    rule = pack.index("warfarin", "method")[METHOD][0]
    method = find_method(METHOD, situation.knowledge)
    states = [situation.genes[gene] for gene in ("CYP2C9", "VKORC1") if gene in situation.genes]
    inputs = {
        "age_years": age.value,
        "height_cm": height.value,
        "weight_kg": weight.value,
        "vkorc1_genotype": VKORC1_GENOTYPES.get(situation.genes["VKORC1"].translations[0].phenotype or "", "unknown"),
        "cyp2c9_diplotype": _cyp2c9(situation, method),
        "race": _race(situation.ancestry),
        "enzyme_inducer": any(name in situation.acting for name in rule.inducers),
        "amiodarone": "amiodarone" in situation.acting,
    }
    try:
        answer = run_method(METHOD, inputs, situation.knowledge)
    except MethodError:
        return
    daily = float(answer[rule.output])
    change = daily / rule.usual_mg_per_day - 1
    action = "standard" if abs(change) <= rule.margin else "reduce_dose" if change < 0 else "increase_dose"
    yield Piece(
        medicine=WARFARIN,
        action=action,
        strength="strong",
        body="IWPC",
        text=f"Warfarin: genes, age and size point to {daily:.1f} mg a day",
        patient_text=f"Your genes and size point to about {daily:.0f} mg of warfarin a day; blood tests decide.",
        pathway="warfarin dose",
        row=rule,
        pack=pack,
        year=int(METHOD.rsplit("-", 1)[-1]),
        target_mg_per_day=round(daily, 2),
        inputs=tuple(dict.fromkeys([*height.inputs, *weight.inputs, *(fact for state in states for fact in state.inputs)])),
    )


def _cyp2c9(situation: Situation, method: Method) -> str:
    state = situation.genes.get("CYP2C9")
    diplotype = "/".join(sorted(state.diplotypes[0].split("/"))) if state is not None and state.diplotypes else ""
    return diplotype if diplotype in method.inputs["cyp2c9_diplotype"].allowed else "unknown"


def _race(ancestry: str | None) -> str:
    words = (ancestry or "").lower()
    return next((race for word, race in RACES.items() if word in words), "mixed_or_unknown")
