"""The whole reasoning core: a record and the installed knowledge become one plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points

from singula.assess import BUILT_IN, Assessor, MedicineJudge
from singula.finding import Finding, Statement
from singula.knowledge import Knowledge
from singula.plan.actions import Circumstances
from singula.plan.alternatives import Wishes
from singula.plan.model import Plan
from singula.plan.planner import make_plan
from singula.record import Record

ENTRY_POINTS = "singula.assessors"
TOGETHER = "+"


@lru_cache(maxsize=1)
def find_assessors() -> tuple[Assessor, ...]:
    """Return every assessor: those of this package, then those other packages register, each once, in a fixed order."""
    outside = sorted(point.value for point in entry_points(group=ENTRY_POINTS))
    return tuple(_load(path) for path in dict.fromkeys((*BUILT_IN, *outside)))


def assess(record: Record, knowledge: Knowledge, assessors: Sequence[Assessor] | None = None) -> list[Statement]:
    """Put every medical question to one record.

    Parameters
    ----------
    record : Record
        The person.
    knowledge : Knowledge
        The packs to reason with.
    assessors : sequence of Assessor, optional
        Default is all that are installed.

    Returns
    -------
    list of Statement
        What the assessors say: findings, things weighed, option grids.
    """
    chosen = find_assessors() if assessors is None else assessors
    return [statement for assessor in chosen for statement in assessor.assess(record, knowledge)]


def plan(record: Record, knowledge: Knowledge, assessors: Sequence[Assessor] | None = None) -> Plan:
    """Make one plan for one person.

    Parameters
    ----------
    record : Record
        The person, with the day of the plan and their wishes.
    knowledge : Knowledge
        The packs to reason with.
    assessors : sequence of Assessor, optional
        Default is all that are installed.

    Returns
    -------
    Plan
        The same record, knowledge and day give the same plan.
    """
    chosen = tuple(find_assessors() if assessors is None else assessors)
    judges = tuple(assessor for assessor in chosen if isinstance(assessor, MedicineJudge))
    asked: dict[tuple[str, str], tuple[Finding, ...]] = {}

    def judge(candidate: str, instead_of: str) -> tuple[Finding, ...]:
        question = (candidate, instead_of)
        if question not in asked:
            asked[question] = tuple(_judge_parts(record, knowledge, judges, question))
        return asked[question]

    circumstances = Circumstances(
        as_of=record.as_of,
        in_use={medicine.name: medicine.use for medicine in reversed(record.medicines()) if medicine.name},
        wishes=Wishes(record.person.preferences, _medicines_by_wish(knowledge), record.harmed_by),
        judge=judge,
        knowledge=knowledge,
    )
    return make_plan(record, assess(record, knowledge, chosen), circumstances)


def _judge_parts(
    record: Record, knowledge: Knowledge, judges: Sequence[MedicineJudge], question: tuple[str, str]
) -> Iterator[Finding]:
    """Put each part of a combination to every judge; what is said of a part is said of the combination."""
    candidate, instead_of = question
    parts = candidate.split(TOGETHER)
    for part in parts:
        supposed = record.proposing(part, instead_of=instead_of)
        for one in (finding for judge in judges for finding in judge.judge(supposed, knowledge, part)):
            if len(parts) > 1 and one.topic.name == part:
                yield one.model_copy(update={"topic": one.topic.model_copy(update={"name": candidate})})
            else:
                yield one


@lru_cache(maxsize=2)
def _medicines_by_wish(knowledge: Knowledge) -> Mapping[str, frozenset[str]]:
    """Read which medicines meet which wish (``once-daily``, ``low-cost`` …) from the pack ``medicines``."""
    if not knowledge.has("medicines") or "wishes" not in knowledge.pack("medicines").table_names:
        return {}
    rows = knowledge.pack("medicines").index("wishes", "wish")
    return {wish: frozenset(row.medicine for row in group) for wish, group in rows.items()}


def _load(path: str) -> Assessor:
    module, _, name = path.partition(":")
    assessor: Assessor = getattr(import_module(module), name)
    return assessor
