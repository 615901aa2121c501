"""Says which preventive service is due for this person, which is coming, which ended, and which replaced which.

Precedence: follow-up of a known disease, then a pathogenic gene's schedule, then a strong family rule, then a computed
risk over its threshold, then the rules for an age.
Beside them stand the tests that diseases and medicines ask for again and again, and vaccines.
"""

from __future__ import annotations

from collections.abc import Iterator

from singula.assess.prevention.average_risk import AverageRisk
from singula.assess.prevention.criteria import Criteria
from singula.assess.prevention.history import History
from singula.assess.prevention.immunisations import Immunisations
from singula.assess.prevention.lung_threshold import add_lung_threshold
from singula.assess.prevention.monitoring import Monitoring
from singula.assess.prevention.raised_risk import Person, find_raised_risk
from singula.assess.prevention.speaking import NAME, Speaker
from singula.finding import Statement
from singula.knowledge import Knowledge
from singula.record import Record

PACK = "prevention"


class PreventionAssessor:
    """Asks what is due to keep somebody well, and what should be stopped."""

    name = NAME

    def assess(self, record: Record, knowledge: Knowledge) -> Iterator[Statement]:
        """Tell services by precedence; without a birth date nothing can be timed, and nothing is said."""
        if record.person.birth_date is None or record.person.deceased:
            return
        pack = knowledge.pack(PACK)
        history = History(record, knowledge)
        person = Person(record, history, Speaker(record, pack), record.person.birth_date.first_day, record.person.sex_at_birth)
        criteria = Criteria(record, history, knowledge)
        raised = find_raised_risk(person, pack)
        add_lung_threshold(person, criteria, pack, raised)
        yield from raised.statements
        yield from AverageRisk(person, criteria, pack).speak(raised.replaces)
        yield from Monitoring(person, criteria, pack).speak()
        yield from Immunisations(person, criteria, pack).speak()


PREVENTION = PreventionAssessor()
