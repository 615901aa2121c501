"""UCUM units met in care, their dimensions, and conversion between them.

A unit is a product of powers of atoms with optional prefixes (``mg/dL``, ``10*9/L``, ``mL/min/{1.73_m2}``). Annotations in braces
are part of the meaning: ``mL/min/{1.73_m2}`` (indexed) and ``mL/min`` (absolute) do not convert into each other.
"""

from __future__ import annotations

import re
from functools import lru_cache

from singula.errors import UnitUnknown

AMOUNT = "mol"
PREFIXES = {
    "Y": 1e24,
    "Z": 1e21,
    "E": 1e18,
    "P": 1e15,
    "T": 1e12,
    "G": 1e9,
    "M": 1e6,
    "k": 1e3,
    "h": 1e2,
    "da": 1e1,
    "d": 1e-1,
    "c": 1e-2,
    "m": 1e-3,
    "u": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
}
# atom -> (factor to the base atoms, dimensions)
METRIC = {
    "m": (1.0, {"m": 1}),
    "g": (1.0, {"g": 1}),
    "s": (1.0, {"s": 1}),
    "L": (1e-3, {"m": 3}),
    "l": (1e-3, {"m": 3}),
    "mol": (1.0, {"mol": 1}),
    "eq": (1.0, {"eq": 1}),
    "osm": (1.0, {"osm": 1}),
    "U": (1.0, {"U": 1}),
    "kat": (6e7, {"U": 1}),
    "[iU]": (1.0, {"iU": 1}),
    "[IU]": (1.0, {"iU": 1}),
    "Pa": (1.0, {"Pa": 1}),
    "m[Hg]": (133322.0, {"Pa": 1}),
    "J": (1.0, {"J": 1}),
    "cal": (4.184, {"J": 1}),
    "Gy": (1.0, {"Gy": 1}),
    "Sv": (1.0, {"Sv": 1}),
    "bar": (1e5, {"Pa": 1}),
    "W": (1.0, {"W": 1}),
    "Hz": (1.0, {"s": -1}),
    "K": (1.0, {"K": 1}),
    "V": (1.0, {"V": 1}),
    "Bq": (1.0, {"s": -1}),
}
PLAIN = {
    "min": (60.0, {"s": 1}),
    "h": (3600.0, {"s": 1}),
    "d": (86400.0, {"s": 1}),
    "wk": (604800.0, {"s": 1}),
    "mo": (2629800.0, {"s": 1}),
    "a": (31557600.0, {"s": 1}),
    "%": (0.01, {}),
    "[ppth]": (1e-3, {}),
    "[ppm]": (1e-6, {}),
    "[lb_av]": (453.59237, {"g": 1}),
    "[oz_av]": (28.349523125, {"g": 1}),
    "[in_i]": (0.0254, {"m": 1}),
    "[ft_i]": (0.3048, {"m": 1}),
    "[mi_i]": (1609.344, {"m": 1}),
    "10*": (10.0, {}),
    "10^": (10.0, {}),
    "[pH]": (1.0, {"pH": 1}),
    "[drp]": (5e-8, {"m": 3}),
}
TEMPERATURES = {"Cel": (1.0, 273.15), "[degF]": (5 / 9, 459.67 * 5 / 9), "K": (1.0, 0.0)}
SPOKEN = {
    "mg/dl": "mg/dL",
    "g/dl": "g/dL",
    "g/l": "g/L",
    "mmol/l": "mmol/L",
    "umol/l": "umol/L",
    "µmol/L": "umol/L",
    "μmol/L": "umol/L",
    "µg/L": "ug/L",
    "μg/L": "ug/L",
    "mcg": "ug",
    "mcg/L": "ug/L",
    "ug/l": "ug/L",
    "u/l": "U/L",
    "iu/l": "U/L",
    "IU/L": "U/L",
    "[IU]/L": "U/L",
    "ng/ml": "ng/mL",
    "pg/ml": "pg/mL",
    "ng/dl": "ng/dL",
    "mmHg": "mm[Hg]",
    "kg/m²": "kg/m2",
    "bpm": "/min",
    "beats/min": "/min",
    "{beats}/min": "/min",
    "lb": "[lb_av]",
    "lbs": "[lb_av]",
    "in": "[in_i]",
    "°C": "Cel",
    "degC": "Cel",
    "C": "Cel",
    "°F": "[degF]",
    "F": "[degF]",
    "degF": "[degF]",
    "years": "a",
    "year": "a",
    "months": "mo",
    "days": "d",
    "hours": "h",
    "weeks": "wk",
    "sec": "s",
    "msec": "ms",
    "mL/min/1.73m2": "mL/min/{1.73_m2}",
    "mL/min/1.73 m2": "mL/min/{1.73_m2}",
    "mL/min/{1.73m2}": "mL/min/{1.73_m2}",
    "mL/min/1.73m²": "mL/min/{1.73_m2}",
    "mL/min/1.73 m²": "mL/min/{1.73_m2}",
    "mL/min/1.73.m2": "mL/min/{1.73_m2}",
    "ml/min/1.73m2": "mL/min/{1.73_m2}",
    "ml/min": "mL/min",
    "10^9/L": "10*9/L",
    "10^12/L": "10*12/L",
    "x10^9/L": "10*9/L",
    "10E9/L": "10*9/L",
    "K/uL": "10*3/uL",
    "10^3/uL": "10*3/uL",
    "x10E3/uL": "10*3/uL",
    "10*3/µL": "10*3/uL",
    "mEq/L": "meq/L",
    "meq/l": "meq/L",
    "": "1",
    "percent": "%",
    "units/L": "U/L",
    "mosm/kg": "mosm/kg",
    "mg/day": "mg/d",
}
PIECE = re.compile(r"\{[^{}]*\}|[./()]|(?:10[*^])|\[[^\[\]]+\]|[A-Za-z%]+(?:\[[^\[\]]+\])?|[+-]?\d+")


def conversion_factor(given: str, wanted: str, *, molar_mass_g_per_mol: float | None = None) -> tuple[float, float]:
    """Return factor and offset that turn a number in one unit into another: ``wanted = given * factor + offset``.

    Parameters
    ----------
    given, wanted : str
        UCUM units; common spoken forms (``mg/dl``, ``µmol/L``, ``bpm``) are read as what they mean.
    molar_mass_g_per_mol : float, optional
        Allows mass and amount of substance to be converted into each other.

    Returns
    -------
    tuple of float
        Factor and offset.

    Raises
    ------
    UnitUnknown
        A unit is not known, or the two do not measure the same thing.
    """
    given, wanted = spoken_unit(given), spoken_unit(wanted)
    if given == wanted:
        return 1.0, 0.0
    if given in TEMPERATURES and wanted in TEMPERATURES:
        (scale, zero), (wanted_scale, wanted_zero) = TEMPERATURES[given], TEMPERATURES[wanted]
        return scale / wanted_scale, (zero - wanted_zero) / wanted_scale
    factor, dimensions = read_unit(given)
    wanted_factor, wanted_dimensions = read_unit(wanted)
    if dimensions == wanted_dimensions:
        return factor / wanted_factor, 0.0
    if molar_mass_g_per_mol:
        grams = _in_grams(factor, dimensions, molar_mass_g_per_mol)
        wanted_grams = _in_grams(wanted_factor, wanted_dimensions, molar_mass_g_per_mol)
        if grams[1] == wanted_grams[1]:
            return grams[0] / wanted_grams[0], 0.0
    raise UnitUnknown("conversion", "the value", given, accepted=[wanted])


def is_known(unit: str) -> bool:
    """Tell whether a unit can be read."""
    try:
        read_unit(spoken_unit(unit))
    except UnitUnknown:
        return spoken_unit(unit) in TEMPERATURES
    return True


def spoken_unit(unit: str) -> str:
    """Return the UCUM form of a unit as people write it."""
    trimmed = unit.strip()
    return SPOKEN.get(trimmed, trimmed)


@lru_cache(maxsize=512)
def read_unit(unit: str) -> tuple[float, dict[str, int]]:
    """Read a UCUM unit into its factor to base units and its dimensions.

    Parameters
    ----------
    unit : str
        UCUM unit without spoken forms.

    Returns
    -------
    tuple
        Factor, and dimensions by base atom; annotations count as dimensions of their own.

    Raises
    ------
    UnitUnknown
        An atom of the unit is not known.
    """
    if unit == "1":
        return 1.0, {}
    if len(unit) > 60 or PIECE.sub("", unit):
        raise UnitUnknown("unit", "the value", unit, accepted=["a UCUM unit"])
    factor, sign = 1.0, 1
    dimensions: dict[str, int] = {}
    pieces = PIECE.findall(unit)
    position = 0
    while position < len(pieces):
        piece = pieces[position]
        position += 1
        if piece in "./":
            sign = -1 if piece == "/" else 1
            continue
        power = 1
        if position < len(pieces) and re.fullmatch(r"[+-]?\d+", pieces[position]):
            power = int(pieces[position])
            position += 1
        atom_factor, atom_dimensions = _read_atom(piece, unit)
        factor *= atom_factor ** (sign * power)
        for name, exponent in atom_dimensions.items():
            dimensions[name] = dimensions.get(name, 0) + exponent * sign * power
    return factor, {name: exponent for name, exponent in dimensions.items() if exponent}


def _read_atom(piece: str, unit: str) -> tuple[float, dict[str, int]]:
    if piece.startswith("{"):
        return 1.0, {piece: 1}
    if re.fullmatch(r"\d+", piece):
        return float(piece), {}
    if piece in PLAIN:
        return PLAIN[piece]
    if piece in METRIC:
        return METRIC[piece]
    for length in (1, 2):
        prefix, atom = piece[:length], piece[length:]
        if prefix in PREFIXES and atom in METRIC:
            factor, dimensions = METRIC[atom]
            return PREFIXES[prefix] * factor, dimensions
    raise UnitUnknown("unit", "the value", unit, accepted=["a UCUM unit such as mg/dL, mmol/L or U/L"])


def _in_grams(factor: float, dimensions: dict[str, int], molar_mass: float) -> tuple[float, dict[str, int]]:
    power = dimensions.get(AMOUNT, 0)
    if not power:
        return factor, dimensions
    rest = {name: exponent for name, exponent in dimensions.items() if name != AMOUNT}
    rest["g"] = rest.get("g", 0) + power
    return factor * molar_mass**power, {name: exponent for name, exponent in rest.items() if exponent}
