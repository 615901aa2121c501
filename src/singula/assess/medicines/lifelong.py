"""What a person's genes say of medicines they do not take yet: what to avoid for life, and which missing test would tell most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from singula.assess.medicines.genes import PACK
from singula.assess.medicines.reconcile import MedicineAnswer, answer_medicine
from singula.assess.medicines.situation import Situation, Taken


@dataclass(frozen=True)
class UsefulTest:
    """A gene that was not tested: the medicines taken, and all medicines, whose advice asks for it."""

    gene: str
    taken: tuple[str, ...]
    medicines: tuple[str, ...]


def judge_by_genes(situation: Situation) -> Iterator[MedicineAnswer]:
    """Judge every medicine of the advice pack by this person's genes alone.

    Parameters
    ----------
    situation : Situation
        The person's situation; age, kidneys and other medicines change in a life and are left out.

    Yields
    ------
    MedicineAnswer
        In alphabetical order; only medicines about which a gene that was tested has something to say.
    """
    lasting = replace(situation, numbers={}, conditions={}, allergies={})
    for medicine in _genes_by_medicine(situation):
        alone = replace(lasting, medicines=(Taken(medicine, "proposed"),))
        answer = answer_medicine(alone, medicine, with_alternatives=False)
        if answer.effective:
            yield answer


def rank_tests(situation: Situation) -> list[UsefulTest]:
    """Rank the genes not tested: first those that medicines taken ask for, then by the number of medicines that do."""
    taken = {one.name for one in situation.taken}
    asked: dict[str, list[str]] = {}
    for medicine, genes in _genes_by_medicine(situation).items():
        for gene in genes:
            if gene not in situation.genes:
                asked.setdefault(gene, []).append(medicine)
    tests = [UsefulTest(gene, tuple(one for one in names if one in taken), tuple(names)) for gene, names in asked.items()]
    return sorted(tests, key=lambda one: (-len(one.taken), -len(one.medicines), one.gene))


def _genes_by_medicine(situation: Situation) -> dict[str, list[str]]:
    rows = situation.knowledge.pack(PACK).index("actions", "medicine")
    return {
        medicine: sorted({gene for row in rows[medicine] for gene in row.genes.replace("|", "+").split("+")})
        for medicine in sorted(rows)
    }
