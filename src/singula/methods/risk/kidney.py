"""When will these kidneys fail? The kidney failure risk equations."""

from __future__ import annotations

from typing import Any

from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import logarithm, over_columns, survival_risk

SIZES = ("4", "6", "8")
HORIZONS = ("2", "5")


@over_columns
def estimate_kidney_failure(*, table: Coefficients, **person: Any) -> Outputs:
    """Estimate kidney failure over 2 and 5 years in percent, by 4, 6 and 8 variables (KFRE 2016).

    Notes
    -----
    For eGFR below 60 only. Albumin to creatinine in mg/g (mg/mmol times 8.84). An equation lacking an input is null.

    References
    ----------
    Tangri N et al. JAMA 2016;315:164-174. doi:10.1001/jama.2015.18202
    """
    values = {
        **person,
        "age_div_10": person["age_years"] / 10,
        "male": person["sex"] == "male",
        "egfr_div_5": person["egfr_ml_per_min_per_1_73m2"] / 5,
        "ln_uacr_mg_per_g": logarithm(person["uacr_mg_per_g"]),
    }
    outputs: Outputs = {}
    for horizon in HORIZONS:
        for size in SIZES:
            known = all(values.get(name) is not None for name in table[size])
            risk = None
            if known:
                predictor = sum(beta * (values[name] - centre) for name, (beta, centre) in table[size].items())
                risk = survival_risk(table["S0"][size][person["region"]][horizon], predictor)
            outputs[f"kidney_failure_risk_percent_{horizon}y_{size}var"] = risk
    return outputs
