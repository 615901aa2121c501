"""Doses that follow from one published formula."""

from __future__ import annotations

from singula.methods.registry import Coefficients, Outputs


def estimate_carboplatin_dose(target_auc_mg_min_per_ml: float, gfr_ml_per_min: float, *, table: Coefficients) -> Outputs:
    """Compute the carboplatin dose in mg for a target exposure (Calvert 1989).

    Notes
    -----
    The filtration is that of this body in mL/min, not indexed; many protocols cap it at 125 mL/min.

    References
    ----------
    Calvert AH et al. J Clin Oncol 1989;7:1748-1756. doi:10.1200/JCO.1989.7.11.1748
    """
    return {"dose_mg": target_auc_mg_min_per_ml * (gfr_ml_per_min + table["offset"])}
