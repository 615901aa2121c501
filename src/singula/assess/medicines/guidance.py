"""What imported guideline releases say of a medicine for this person's genes, beside the packaged advice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from singula.assess.medicines.phenoconversion import Effective
from singula.knowledge import Knowledge, Row

IMPORTED = ("cpic", "pharmcat")


def find_guidance(knowledge: Knowledge, medicine: str, effective: Mapping[str, Effective]) -> Iterator[tuple[str, Row]]:
    """Find the imported recommendations whose every gene reads as it does in this person.

    Parameters
    ----------
    knowledge : Knowledge
        Packs ``cpic`` and ``pharmcat``, where they were imported.
    medicine : str
        The medicine.
    effective : mapping
        The genes as they act under the other medicines; a gene that is not known matches nothing.

    Yields
    ------
    tuple
        Name and version of the pack, and the row.
    """
    known = {f"{gene}={value}" for gene, state in effective.items() for value in _readings(state)}
    for name in IMPORTED:
        pack = knowledge.pack(name) if knowledge.has(name) else None
        if pack is not None and "guidance" in pack.table_names:
            for row in pack.index("guidance", "medicine").get(medicine, ()):
                if row.key and known.issuperset(row.key.split(" & ")):
                    yield f"{name} {pack.version}", row


def _readings(state: Effective) -> Iterator[str]:
    for one in state.translations:
        if one.activity_score:
            yield one.activity_score
        if one.phenotype and (" positive" in one.phenotype or " negative" in one.phenotype):
            words = one.phenotype.split()
            yield from (" ".join(words[number : number + 2]) for number in range(0, len(words), 2))
        elif one.phenotype:
            yield one.phenotype
