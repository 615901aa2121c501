"""What a person's enzymes really do while other medicines block or induce them.

CYP2D6 has an agreed multiplier of its activity score; for other enzymes gene and inhibitor are reported apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from singula.assess.medicines.situation import PACK, GeneState, Situation
from singula.methods.genome.core_definitions import core_phenotypes
from singula.methods.genome.phenotypes import Translation, phenotype_of_score, score_text

STRENGTHS = ("strong", "moderate", "weak")


@dataclass(frozen=True)
class Effective:
    """The translations a gene has in effect, and why they differ from the genetic ones."""

    translations: tuple[Translation, ...]
    because: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()


def acting_on(situation: Situation, enzyme: str, role: str, *, but: str = "") -> list[tuple[str, str, tuple[str, ...]]]:
    """List the acting medicines that inhibit or induce an enzyme, strongest first.

    Parameters
    ----------
    situation : Situation
        The person's situation; medicines within their washout count.
    enzyme : str
        Such as ``CYP2D6``.
    role : str
        ``inhibitor`` or ``inducer``.
    but : str, optional
        The medicine asked about, which does not act on itself.

    Returns
    -------
    list of tuple
        Medicine, strength, fact ids.
    """
    rows = situation.knowledge.pack(PACK).index("perpetrators", "enzyme", "role").get((enzyme, role), ())
    found = [
        (row.medicine, row.strength, situation.acting[row.medicine].inputs) for row in rows if row.medicine in situation.acting
    ]
    return sorted((one for one in found if one[0] != but), key=lambda one: (STRENGTHS.index(one[1]), one[0]))


def effective_state(situation: Situation, state: GeneState, medicine: str) -> Effective:
    """Return a gene's translations under the other medicines taken.

    Parameters
    ----------
    situation : Situation
        The person's situation.
    state : GeneState
        The gene as tested.
    medicine : str
        The medicine asked about.

    Returns
    -------
    Effective
        Changed only where pack ``medicines`` has a multiplier for the enzyme.
    """
    multipliers = situation.knowledge.pack(PACK).index("score_multipliers", "enzyme", "strength")
    inhibitors = acting_on(situation, state.gene, "inhibitor", but=medicine)
    if not inhibitors:
        return Effective(state.translations)
    name, strength, inputs = inhibitors[0]
    rows = multipliers.get((state.gene, strength))
    if rows is None:
        told = f"{situation.display_of(name)} is a {strength} inhibitor of {state.gene}; genes and inhibitor are read apart"
        return Effective(state.translations, (told,), inputs)
    factor = rows[0].multiplier
    told = f"{situation.display_of(name)} is a {strength} inhibitor of {state.gene}: the activity score counts {factor:g}-fold"
    changed = tuple(_multiplied(situation, state.gene, one, factor) for one in state.translations)
    return Effective(changed, (told,), inputs)


def _multiplied(situation: Situation, gene: str, translation: Translation, factor: float) -> Translation:
    table = core_phenotypes(situation.knowledge).get(gene)
    if table is None or factor == 1:
        return translation
    text = translation.activity_score
    if text is None:
        lowest = min(table.cuts, key=lambda cut: cut[1])
        return Translation(lowest[0], score_text(0.0)) if factor == 0 else translation
    score = float(text.removeprefix("≥")) * factor
    phenotypes = [cut[0] for cut in sorted(table.cuts, key=lambda cut: cut[1])]
    phenotype = phenotype_of_score(table, score)
    return Translation(phenotypes[1] if score > 0 and phenotype == phenotypes[0] else phenotype, score_text(score))
