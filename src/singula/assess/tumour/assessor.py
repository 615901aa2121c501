"""Says what each tumour sample of a record means: therapies, resistance, gaps, inheritance, gain of further treatment, trials."""

from __future__ import annotations

from collections.abc import Iterator

from singula.finding import Statement
from singula.knowledge import Knowledge
from singula.record import Record, TumourSpecimen, Variant


class TumourAssessor:
    """Asks what a tumour's findings open and close for this person."""

    name = "tumour"

    def assess(self, record: Record, knowledge: Knowledge) -> Iterator[Statement]:
        """Tell every specimen; nothing of the topic is loaded for a record without one."""
        if not any(isinstance(one, TumourSpecimen) or _is_somatic(one) for one in record.facts):
            return
        from singula.assess.tumour.adjuvant import weigh_adjuvant
        from singula.assess.tumour.specimens import find_specimens
        from singula.assess.tumour.therapies import Board
        from singula.assess.tumour.trials import find_trials
        from singula.methods.tumour.tables import load_tumour_tables

        tables = load_tumour_tables(knowledge)
        for specimen in find_specimens(record, tables, knowledge):
            yield from Board(record, specimen, tables).speak()
            yield from weigh_adjuvant(record, specimen, tables, knowledge)
            yield from find_trials(record, specimen, tables, knowledge)


def _is_somatic(fact: object) -> bool:
    return isinstance(fact, Variant) and fact.source_class == "somatic"


TUMOUR = TumourAssessor()
