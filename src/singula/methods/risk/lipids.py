"""LDL cholesterol from the other lipids: Friedewald, Martin-Hopkins and Sampson."""

from __future__ import annotations

from bisect import bisect_right

from singula.methods.registry import Coefficients, Outputs


def estimate_ldl(
    total_cholesterol_mg_per_dl: float, hdl_mg_per_dl: float, triglycerides_mg_per_dl: float, *, table: Coefficients
) -> Outputs:
    """Estimate LDL cholesterol in mg/dL in three published ways.

    Returns
    -------
    dict
        Non-HDL cholesterol and the three estimates; Friedewald is null from triglycerides of 400 mg/dL on, where it misleads.

    References
    ----------
    Friedewald WT et al. Clin Chem 1972;18:499-502; Martin SS et al. JAMA 2013;310:2061-2068. doi:10.1001/jama.2013.280532;
    Sampson M et al. JAMA Cardiol 2020;5:540-548. doi:10.1001/jamacardio.2020.0013
    """
    non_hdl = total_cholesterol_mg_per_dl - hdl_mg_per_dl
    triglycerides = triglycerides_mg_per_dl
    friedewald = non_hdl - triglycerides / table["friedewald_divisor"] if triglycerides < table["friedewald_below"] else None
    return {
        "non_hdl_mg_per_dl": non_hdl,
        "ldl_friedewald_mg_per_dl": friedewald,
        "ldl_martin_hopkins_mg_per_dl": non_hdl - triglycerides / _factor(triglycerides, non_hdl, table),
        "ldl_sampson_mg_per_dl": _sampson(total_cholesterol_mg_per_dl, hdl_mg_per_dl, triglycerides, table["sampson"]),
    }


def _factor(triglycerides: float, non_hdl: float, table: Coefficients) -> float:
    extended = triglycerides >= table["extended_from"]
    rows = table["tg_row_lower_bound_then_factors_extended" if extended else "tg_row_lower_bound_then_factors_180"]
    row = rows[max(bisect_right([one[0] for one in rows], triglycerides) - 1, 0)]
    column = bisect_right(table["non_hdl_column_lower_bounds_mg_per_dl"], non_hdl)
    return float(row[max(column, 1)])


def _sampson(total: float, hdl: float, triglycerides: float, terms: Coefficients) -> float:
    non_hdl = total - hdl
    very_low = triglycerides / terms["tg"] + triglycerides * non_hdl / terms["tg_non_hdl"] - triglycerides**2 / terms["tg_square"]
    return float(total / terms["tc"] - hdl / terms["hdl"] - very_low - terms["offset"])
