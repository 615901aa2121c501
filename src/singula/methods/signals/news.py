"""How ill is this person right now? The National Early Warning Score 2."""

from __future__ import annotations

from collections.abc import Sequence

from singula.methods.registry import Coefficients, Outputs

SINGLE = 3


def score_news2(
    respiratory_rate_per_min: float,
    spo2_percent: float,
    spo2_scale: int,
    on_oxygen: bool,
    sbp_mmhg: float,
    heart_rate_per_min: float,
    consciousness: str,
    temperature_c: float,
    *,
    table: Coefficients,
) -> Outputs:
    """Score vital signs (NEWS2, 0 to 20); scale 2 of oxygen saturation only where a clinician ordered it (hypercapnia).

    Returns
    -------
    dict
        Total, whether a single sign scores three, and the risk: low, low-medium, medium or high.

    References
    ----------
    Royal College of Physicians. National Early Warning Score (NEWS) 2. London 2017
    """
    saturation = "spo2_scale_1" if spo2_scale == 1 else "spo2_scale_2_oxygen" if on_oxygen else "spo2_scale_2"
    points = [
        _points(respiratory_rate_per_min, table["respiratory_rate_per_min"]),
        _points(spo2_percent, table[saturation]),
        table["on_oxygen"] if on_oxygen else 0,
        _points(sbp_mmhg, table["sbp_mmhg"]),
        _points(heart_rate_per_min, table["heart_rate_per_min"]),
        0 if consciousness == "A" else table["not_alert"],
        _points(round(temperature_c, 1), table["temperature_c"]),
    ]
    total = sum(points)
    single = SINGLE in points
    risk = [name for start, name in table["risk"] if total >= start][-1]
    return {"news2_total": total, "single_parameter_3": single, "risk": "low-medium" if risk == "low" and single else risk}


def _points(value: float, bands: Sequence[Sequence[float | None]]) -> int:
    points = 0
    for start, score in bands:
        if start is None or value >= start:
            points = int(score or 0)
    return points
