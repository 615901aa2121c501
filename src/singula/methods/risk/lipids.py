"""LDL cholesterol from the other lipids: Friedewald, Martin-Hopkins and Sampson."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from singula.methods.registry import Coefficients, Outputs
from singula.methods.risk.arithmetic import choose, count_reached, over_columns


@over_columns
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
    by_ratio = non_hdl - triglycerides / table["friedewald_divisor"]
    friedewald = choose(triglycerides < table["friedewald_below"], by_ratio, None)
    return {
        "non_hdl_mg_per_dl": non_hdl,
        "ldl_friedewald_mg_per_dl": friedewald,
        "ldl_martin_hopkins_mg_per_dl": non_hdl - triglycerides / _factor(triglycerides, non_hdl, table),
        "ldl_sampson_mg_per_dl": _sampson(total_cholesterol_mg_per_dl, hdl_mg_per_dl, triglycerides, table["sampson"]),
    }


def _factor(triglycerides: Any, non_hdl: Any, table: Coefficients) -> Any:
    """Find the strata-specific factor: by triglycerides the row, by non-HDL cholesterol the column, both from the first on."""
    usual, extended = (table[f"tg_row_lower_bound_then_factors_{name}"] for name in ("180", "extended"))
    column = count_reached(non_hdl, table["non_hdl_column_lower_bounds_mg_per_dl"][1:])
    below, above = (_cell(rows, triglycerides, column) for rows in (usual, extended))
    return choose(triglycerides >= table["extended_from"], above, below)


def _cell(rows: Sequence[Sequence[float]], triglycerides: Any, column: Any) -> Any:
    if isinstance(column, int):
        return rows[max(bisect_right(rows, triglycerides, key=itemgetter(0)) - 1, 0)][column + 1]
    import numpy as np

    cells = np.array(rows)
    return cells[np.maximum(np.searchsorted(cells[:, 0], triglycerides, side="right") - 1, 0), column + 1]


def _sampson(total: Any, hdl: Any, triglycerides: Any, terms: Coefficients) -> Any:
    non_hdl = total - hdl
    very_low = triglycerides / terms["tg"] + triglycerides * non_hdl / terms["tg_non_hdl"] - triglycerides**2 / terms["tg_square"]
    return total / terms["tc"] - hdl / terms["hdl"] - very_low - terms["offset"]
