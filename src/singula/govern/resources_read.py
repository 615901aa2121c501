"""Resources in hand become a record: the same readers as for files, without a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from singula.knowledge import Knowledge
from singula.record import Problem, Record
from singula.sources.draft import Draft
from singula.sources.fhir import read_fhir
from singula.sources.merge import join_drafts
from singula.sources.terminology import terminology_of

PACK = "fhir_reading"


def read_resources(
    resources: Sequence[Mapping[str, Any]], patient: str, knowledge: Knowledge, *, as_of: date, shown: str = "store"
) -> Record | None:
    """Read the resources of one person.

    Parameters
    ----------
    resources : sequence of dict
        FHIR R4 resources and bundles.
    patient : str
        The person's logical id.
    knowledge : Knowledge
        For names, units and meanings.
    as_of : date
        The day the record stands for.
    shown : str
        How sources are named.

    Returns
    -------
    Record or None
        None where nothing speaks of that person.
    """
    draft = Draft(input=shown)
    problems: list[Problem] = []
    read_fhir(list(resources), draft, terminology_of(knowledge), knowledge.pack(PACK))
    for one in join_drafts([draft], problems):
        if one.person.id == patient:
            told = tuple(dict.fromkeys((*draft.problems, *problems)))
            return Record(person=one.person, as_of=as_of, facts=tuple(one.facts), assays=tuple(one.assays), problems=told)
    return None
