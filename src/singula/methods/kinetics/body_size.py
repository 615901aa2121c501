"""How large is a body, and how much of it is lean? Published estimates from weight, height, sex and age."""

from __future__ import annotations

import math

from singula.methods.registry import Coefficients, Outputs

G_PER_KG = 1000.0
CM_PER_M = 100.0


def compute_bmi(weight_kg: float, height_cm: float, *, table: Coefficients) -> Outputs:
    """Relate weight to height: body mass index in kg/m².

    References
    ----------
    Keys A et al. J Chronic Dis 1972;25:329-343. doi:10.1016/0021-9681(72)90027-6
    """
    height_m = height_cm / table["cm_per_m"]
    return {"bmi_kg_per_m2": weight_kg / (height_m * height_m)}


def estimate_bsa_mosteller(weight_kg: float, height_cm: float, *, table: Coefficients) -> Outputs:
    """Estimate body surface in m² (Mosteller 1987), the form most used for cancer medicines.

    References
    ----------
    Mosteller RD. N Engl J Med 1987;317:1098. doi:10.1056/NEJM198710223171717
    """
    return {"bsa_m2": math.sqrt(weight_kg * height_cm / table["divisor"])}


def estimate_bsa_power(weight_kg: float, height_cm: float, *, table: Coefficients) -> Outputs:
    """Estimate body surface in m² as a product of powers of weight in kg and height in cm.

    Notes
    -----
    Du Bois, Haycock and Gehan-George differ in their coefficients only; Haycock was made for children.

    References
    ----------
    Du Bois D, Du Bois EF. Arch Intern Med 1916;17:863; Haycock GB et al. J Pediatr 1978;93:62; Gehan EA, George SL 1970.
    """
    return {"bsa_m2": table["factor"] * weight_kg ** table["weight"] * height_cm ** table["height"]}


def estimate_bsa_boyd(weight_kg: float, height_cm: float, *, table: Coefficients) -> Outputs:
    """Estimate body surface in m² (Boyd 1935), whose weight enters in grams with an exponent of its own.

    References
    ----------
    Boyd E. The growth of the surface area of the human body. University of Minnesota Press 1935
    """
    weight_g = weight_kg * G_PER_KG
    exponent = table["weight"] + table["weight_log10"] * math.log10(weight_g)
    return {"bsa_m2": table["factor"] * height_cm ** table["height"] * weight_g**exponent}


def estimate_ideal_weight(sex: str, weight_kg: float, height_cm: float, *, table: Coefficients) -> Outputs:
    """Estimate ideal and adjusted body weight in kg for dosing (Devine 1974).

    Notes
    -----
    Adjusted weight adds a share of the excess; for people lighter than ideal the actual weight is usual, this formula is not.

    References
    ----------
    Devine BJ. Drug Intell Clin Pharm 1974;8:650
    """
    inches_over = height_cm / table["cm_per_inch"] - table["inches"]
    ideal = table["base"][sex] + table["per_inch"] * inches_over
    return {"ideal_body_weight_kg": ideal, "adjusted_body_weight_kg": ideal + table["adjusted"] * (weight_kg - ideal)}


def estimate_lean_weight(sex: str, weight_kg: float, height_cm: float, *, table: Coefficients) -> Outputs:
    """Estimate lean body weight in kg (James 1976); it fails in severe obesity, where it falls again.

    References
    ----------
    James WPT. Research on obesity. HMSO 1976
    """
    return {"lean_body_weight_kg": table["weight"][sex] * weight_kg + table["square"][sex] * (weight_kg / height_cm) ** 2}


def estimate_fat_free_mass(sex: str, weight_kg: float, height_cm: float, *, table: Coefficients) -> Outputs:
    """Estimate fat-free mass in kg from weight and body mass index (Janmahasatian 2005).

    References
    ----------
    Janmahasatian S et al. Clin Pharmacokinet 2005;44:1051-1065. doi:10.2165/00003088-200544100-00004
    """
    return {"fat_free_mass_kg": _fat_free(sex, weight_kg, height_cm, table)}


def estimate_fat_free_mass_child(
    sex: str, weight_kg: float, height_cm: float, age_years: float, *, table: Coefficients
) -> Outputs:
    """Estimate fat-free mass in kg from childhood on: the adult value times a maturation by age (Al-Sallami 2015).

    References
    ----------
    Al-Sallami HS et al. Clin Pharmacokinet 2015;54:1169-1178. doi:10.1007/s40262-015-0277-z
    """
    maturation = table["floor"][sex] + table["rise"][sex] / (1 + (age_years / table["age50"][sex]) ** table["power"][sex])
    return {"fat_free_mass_kg": maturation * _fat_free(sex, weight_kg, height_cm, table)}


def _fat_free(sex: str, weight_kg: float, height_cm: float, table: Coefficients) -> float:
    bmi = weight_kg / (height_cm / CM_PER_M) ** 2
    mass: float = table["factor"] * weight_kg / (table["base"][sex] + table["per_bmi"][sex] * bmi)
    return mass
