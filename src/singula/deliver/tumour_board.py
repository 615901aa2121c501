"""What a tumour board reads in a plan: each sample's alterations, markers with their limits, what was tested and what was not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from singula.record import Record, TumourSpecimen, Variant

if TYPE_CHECKING:
    from singula.deliver.tumour_report import TumourReport
    from singula.knowledge import Knowledge

SOMATIC = "somatic"


def make_boards(record: Record, knowledge: Knowledge) -> Sequence[TumourReport]:
    """Gather the tumour samples of a record for the clinician's page.

    Parameters
    ----------
    record : Record
        The record as its reader may see it.
    knowledge : Knowledge
        With pack ``tumour``.

    Returns
    -------
    sequence of TumourReport
        One for each sample whose tumour type is known; nothing of the topic is loaded for a record without a tumour.
    """
    if not any(
        isinstance(one, TumourSpecimen) or (isinstance(one, Variant) and one.source_class == SOMATIC) for one in record.facts
    ):
        return ()
    from singula.assess.tumour.specimens import find_specimens
    from singula.deliver.tumour_report import make_report
    from singula.methods.tumour.tables import load_tumour_tables

    tables = load_tumour_tables(knowledge)
    found = find_specimens(record, tables, knowledge)
    return [make_report(one.sample, tables, (), record.as_of) for one in found if one.type_is_known]
