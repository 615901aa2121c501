"""Laboratory arithmetic: conversions and corrections clinicians do by hand."""

from __future__ import annotations

import math

from singula.methods.registry import Coefficients, Outputs

MS_PER_S = 1000.0


def estimate_average_glucose(hba1c_percent: float, *, table: Coefficients) -> Outputs:
    """Estimate the mean glucose of the last months in mg/dL from HbA1c in % (ADAG 2008).

    References
    ----------
    Nathan DM et al. Diabetes Care 2008;31:1473-1478. doi:10.2337/dc08-0545
    """
    return {"average_glucose_mg_per_dl": table["slope"] * hba1c_percent + table["offset"]}


def convert_hba1c(hba1c_percent: float, *, table: Coefficients) -> Outputs:
    """Convert HbA1c from NGSP % to IFCC mmol/mol.

    References
    ----------
    Hoelzel W et al. Clin Chem 2004;50:166-174. doi:10.1373/clinchem.2003.024802
    """
    return {"hba1c_mmol_per_mol": table["slope"] * (hba1c_percent - table["offset"])}


def correct_calcium(calcium_mg_per_dl: float, albumin_g_per_dl: float, *, table: Coefficients) -> Outputs:
    """Correct total calcium in mg/dL to an albumin of 4 g/dL.

    Notes
    -----
    The correction misleads in kidney failure and critical illness; ionised calcium does not.

    References
    ----------
    Payne RB et al. BMJ 1973;4:643-646. doi:10.1136/bmj.4.5893.643
    """
    return {"corrected_calcium_mg_per_dl": calcium_mg_per_dl + table["per_g"] * (table["albumin"] - albumin_g_per_dl)}


def correct_qt(qt_ms: float, heart_rate_per_min: float, *, table: Coefficients) -> Outputs:
    """Correct the QT interval in ms for heart rate in four published ways.

    Notes
    -----
    Bazett over-corrects above 90 beats a minute; Fridericia is what labels and regulators ask for.

    References
    ----------
    Fridericia LS. Acta Med Scand 1920;53:469-486; Sagie A et al. Am J Cardiol 1992;70:797-801
    """
    rr_s = table["ms_per_min"] / heart_rate_per_min / MS_PER_S
    return {
        "qtc_bazett_ms": qt_ms / math.sqrt(rr_s),
        "qtc_fridericia_ms": qt_ms / rr_s ** (1 / 3),
        "qtc_framingham_ms": qt_ms + table["framingham"] * (1 - rr_s),
        "qtc_hodges_ms": qt_ms + table["hodges"] * (heart_rate_per_min - table["rate"]),
    }
