"""How ill is the liver? FIB-4, MELD 3.0 and Child-Pugh."""

from __future__ import annotations

from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import bounded, choose, floored, logarithm, over_columns, square_root

OLDER_FROM_YEARS = 65


@over_columns
def estimate_fib_4(
    age_years: float, ast_u_per_l: float, alt_u_per_l: float, platelets_1e9_per_l: float, *, table: Coefficients
) -> Outputs:
    """Estimate liver fibrosis from age, transaminases and platelets (FIB-4).

    Notes
    -----
    Unreliable below 35 years. From 65 years the lower cut is 2.0, or every second healthy person would be referred.

    References
    ----------
    Sterling RK et al. Hepatology 2006;43:1317-1325. doi:10.1002/hep.21178
    """
    index = age_years * ast_u_per_l / (platelets_1e9_per_l * square_root(alt_u_per_l))
    low = choose(age_years >= OLDER_FROM_YEARS, table["cut_low_from_65"], table["cut_low"])
    category = choose(index < low, "low", choose(index > table["cut_high"], "high", "indeterminate"))
    return {"fib_4_index": index, "category": category}


@over_columns
def estimate_meld_3(
    age_years: float,
    sex: str,
    bilirubin_mg_per_dl: float,
    inr: float,
    creatinine_mg_per_dl: float,
    dialysis_twice_in_7_days: bool,
    sodium_mmol_per_l: float,
    albumin_g_per_dl: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Estimate three-month survival with liver disease for transplant priority (MELD 3.0): 6 to 40, higher is worse.

    Notes
    -----
    Values are moved to their bounds before the logarithms; dialysis twice in a week counts as the highest creatinine.

    References
    ----------
    Kim WR et al. Gastroenterology 2021;161:1887-1895. doi:10.1053/j.gastro.2021.08.050
    """
    ln_bilirubin = logarithm(bounded(bilirubin_mg_per_dl, table["bilirubin"]))
    ln_creatinine = logarithm(
        choose(dialysis_twice_in_7_days, table["creatinine"][1], bounded(creatinine_mg_per_dl, table["creatinine"]))
    )
    sodium_gap = table["sodium"][1] - bounded(sodium_mmol_per_l, table["sodium"])
    albumin_gap = table["albumin"][1] - bounded(albumin_g_per_dl, table["albumin"])
    score = (
        table["female"] * (sex == "female")
        + table["ln_bilirubin"] * ln_bilirubin
        + table["sodium_gap"] * sodium_gap
        + table["sodium_gap_ln_bilirubin"] * sodium_gap * ln_bilirubin
        + table["ln_inr"] * logarithm(bounded(inr, table["inr"]))
        + table["ln_creatinine"] * ln_creatinine
        + table["albumin_gap"] * albumin_gap
        + table["albumin_gap_ln_creatinine"] * albumin_gap * ln_creatinine
        + table["constant"]
    )
    return {"meld_3_0_score": bounded(floored(score + 0.5), table["score"])}


def score_child_pugh(
    bilirubin_mg_per_dl: float, albumin_g_per_dl: float, inr: float, ascites: str, encephalopathy: str, *, table: Coefficients
) -> Outputs:
    """Grade cirrhosis by five findings: 5 to 15 points, classes A to C.

    References
    ----------
    Pugh RNH et al. Br J Surg 1973;60:646-649. doi:10.1002/bjs.1800600817
    """
    low, high = table["bilirubin"]
    bilirubin = 1 if bilirubin_mg_per_dl < low else 2 if bilirubin_mg_per_dl <= high else 3
    low, high = table["albumin"]
    albumin = 1 if albumin_g_per_dl > high else 2 if albumin_g_per_dl >= low else 3
    low, high = table["inr"]
    clotting = 1 if inr < low else 2 if inr <= high else 3
    words = ("none", "mild", "moderate").index(ascites) + 1, ("none", "grade-1-2", "grade-3-4").index(encephalopathy) + 1
    score = bilirubin + albumin + clotting + sum(words)
    grade = [name for start, name in table["classes"] if score >= start][-1]
    return {"child_pugh_score": score, "child_pugh_class": grade}
