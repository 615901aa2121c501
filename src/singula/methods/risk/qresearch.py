"""QRISK3 and QDiabetes: ten-year risks derived in UK general practice. Optional, always with their disclaimer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import any_true, bounded, logarithm, look_up, over_columns_and_words, survival_risk

POWERS: Mapping[str, Callable[[Any], Any]] = {
    "age_1 = pow((age/10),-2)": lambda x: (x / 10) ** -2,
    "age_2 = (age/10)": lambda x: x / 10,
    "age_1 = pow((age/10),-1)": lambda x: (x / 10) ** -1,
    "age_2 = pow((age/10),3)": lambda x: (x / 10) ** 3,
    "bmi_1 = pow((bmi/10),-2)": lambda x: (x / 10) ** -2,
    "bmi_2 = pow((bmi/10),-2)*log((bmi/10))": lambda x: (x / 10) ** -2 * logarithm(x / 10),
    "(age/10)^0.5": lambda x: (x / 10) ** 0.5,
    "(age/10)^3": lambda x: (x / 10) ** 3,
    "ln(age/10)": lambda x: logarithm(x / 10),
    "bmi/10": lambda x: x / 10,
    "(bmi/10)^2": lambda x: (x / 10) ** 2,
    "(bmi/10)^3": lambda x: (x / 10) ** 3,
    "fpg^-1": lambda x: 1 / x,
    "ln(fpg)*fpg^-1": lambda x: logarithm(x) / x,
    "fpg^-0.5": lambda x: x**-0.5,
    "ln(fpg)*fpg^-0.5": lambda x: logarithm(x) * x**-0.5,
    "(hba1c/10)^0.5": lambda x: (x / 10) ** 0.5,
    "hba1c/10": lambda x: x / 10,
}


@over_columns_and_words("ethnicity", "smoking")
def estimate_qrisk3(*, table: Coefficients, **person: Any) -> Outputs:
    """Estimate 10-year cardiovascular disease in percent (QRISK3 2017, UK).

    Notes
    -----
    Body mass index outside 20 to 40 is moved to the nearer end, an unknown deprivation score counts as average; both are
    flagged. Outside the UK the deprivation score, and so the method, does not fit.

    References
    ----------
    Hippisley-Cox J et al. BMJ 2017;357:j2099. doi:10.1136/bmj.j2099
    """
    flags = _flags(person, table)
    row = table["sexes"][person["sex"]]
    sources = {"age": person["age_years"], "bmi": bounded(person["bmi_kg_per_m2"], table["bmi"])}
    transforms = {}
    for transform in row["transforms"]:
        name = transform.split(" = ")[0]
        transforms[name] = POWERS[transform](sources[name.split("_")[0]])
    deprivation = person.get("townsend_score")
    predictor = _predictor(row, transforms, {**person, "townsend_score": 0.0 if deprivation is None else deprivation})
    return {"cvd_risk_percent_10y": survival_risk(row["survivor_10y"], predictor), "flags": flags}


@over_columns_and_words("ethnicity", "smoking")
def estimate_qdiabetes(*, table: Coefficients, **person: Any) -> Outputs:
    """Estimate 10-year type 2 diabetes in percent without blood test, with glucose, and with HbA1c (QDiabetes-2018, UK).

    References
    ----------
    Hippisley-Cox J, Coupland C. BMJ 2017;359:j5019. doi:10.1136/bmj.j5019
    """
    flags = _flags(person, table)
    known = {"townsend_score": 0.0, **{key: value for key, value in person.items() if value is not None}}
    measured = {"model_a": ("", None), "model_b": ("fpg", person.get("fasting_glucose_mmol_per_l")),
                "model_c": ("hba1c", person.get("hba1c_mmol_per_mol"))}  # fmt: skip
    for name, value, (low, high) in (("fasting_glucose_mmol_per_l", measured["model_b"][1], table["glucose"]),
                                     ("hba1c_mmol_per_mol", measured["model_c"][1], table["hba1c"])):  # fmt: skip
        if value is not None and any_true((value < low) + (value >= high) > 0):
            raise OutOfDomain(
                f"qdiabetes-2018: {name} {value} is outside {low} to below {high}; above that it is diabetes already"
            )
    outputs: Outputs = {}
    for model, (marker, value) in measured.items():
        row = table["models"][model][person["sex"]]
        sources = {"age": person["age_years"], "bmi": bounded(person["bmi_kg_per_m2"], table["bmi"]), marker: value}
        answer = None
        if not marker or value is not None:
            transforms = {name: POWERS[form](sources[name.split("_")[0]]) for name, form in row["transforms"].items()}
            answer = survival_risk(row["survivor_10y"], _predictor(row, transforms, known))
        outputs[f"type_2_diabetes_risk_percent_10y_{model}"] = answer
    return {**outputs, "flags": flags}


def _flags(person: Mapping[str, Any], table: Coefficients) -> list[str]:
    flags = []
    if person.get("townsend_score") is None:
        flags.append("deprivation is not known and counts as average")
    if any_true(bounded(person["bmi_kg_per_m2"], table["bmi"]) != person["bmi_kg_per_m2"]):
        flags.append("body mass index was moved to the edge of 20 to 40")
    return flags


def _predictor(row: Mapping[str, Any], transforms: Mapping[str, Any], person: Mapping[str, Any]) -> Any:
    centre = row["centre"]
    values: dict[str, Any] = {name: value - centre[name] for name, value in transforms.items()}
    values.update({name: person[name] - centre[name] for name in centre if name not in transforms})
    values.update({f"smoking_{word}": person["smoking"] == word for word in row["smoking"]})
    total = look_up(row["ethnicity"], person["ethnicity"]) + look_up(row["smoking"], person["smoking"])
    for term, beta in row["terms"].items():
        product: Any = 1.0
        for name in term.split("*"):
            product = product * (values[name] if name in values else person[name])
        total = total + beta * product
    return total
