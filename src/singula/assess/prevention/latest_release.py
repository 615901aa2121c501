"""The structured rules, brought up to a newer release of the Task Force's data where one was imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from singula.knowledge import Knowledge
from singula.knowledge.pack import Pack, Row

RELEASE = "uspstf"
COMPARED = ("grade", "sex", "age_min", "age_max")
KIND_OF_GRADE = {"C": "consider", "D": "avoid"}
WITHOUT_ACTION = ("consider", "avoid", "unclear")
SILENT = "I"


@dataclass(frozen=True)
class _Statement:
    """What the newer data says, and which data that is."""

    row: Row
    release: Pack


@dataclass(frozen=True)
class _Bounds:
    """All rules made of one statement, and the age that means no end."""

    family: Sequence[Row]
    endless: int


@lru_cache(maxsize=4)
def current_rules(knowledge: Knowledge) -> Mapping[str, tuple[Row, ...]]:
    """Return the rules by service.

    Parameters
    ----------
    knowledge : Knowledge
        Pack ``prevention``, and the imported pack ``uspstf`` where there is one.

    Returns
    -------
    mapping
        A rule whose grade, sex or ages read otherwise in data newer than the rule is changed accordingly and marked unchecked;
        one that now has insufficient evidence is left out; everything else stays as it was compared.
    """
    pack = knowledge.pack("prevention")
    rules = pack.table("rules")
    if knowledge.has(RELEASE):
        rules = tuple(_superseded(pack, knowledge.pack(RELEASE)))
    by_service: dict[str, list[Row]] = {}
    for rule in rules:
        by_service.setdefault(rule.service, []).append(rule)
    return {service: tuple(group) for service, group in by_service.items()}


def _superseded(pack: Pack, release: Pack) -> Iterator[Row]:
    compared = {row.rule: row for row in pack.table("sources")}
    newer = {row.id: row for row in release.table("recommendations")}
    siblings = pack.index("sources", "source_id")
    rules = {rule.id: rule for rule in pack.table("rules")}
    endless = max(rule.age_max for rule in pack.table("rules"))
    for rule in pack.table("rules"):
        was = compared.get(rule.id)
        now = newer.get(was.source_id) if was else None
        if was is None or now is None or release.date <= was.as_of or all(was[name] == now[name] for name in COMPARED):
            yield rule
        elif now.grade != SILENT:
            family = [rules[one.rule] for one in siblings[was.source_id]]
            yield _changed(rule, was, _Statement(now, release), _Bounds(family, endless))


def _changed(rule: Row, was: Row, statement: _Statement, bounds: _Bounds) -> Row:
    """Change what the source changed; of several rules made of one statement only the outermost ages move."""
    now, release, family = statement.row, statement.release, bounds.family
    row = Row(rule)
    if now.grade != was.grade:
        fallback = "screen" if rule.kind in WITHOUT_ACTION else rule.kind
        row.update(grade=now.grade, kind=KIND_OF_GRADE.get(now.grade, fallback))
    if now.sex != was.sex:
        row["sex"] = now.sex
    if now.age_min != was.age_min and rule.age_min == min(one.age_min for one in family):
        row["age_min"] = now.age_min
    if now.age_max != was.age_max and rule.age_max == max(one.age_max for one in family):
        row["age_max"] = bounds.endless if now.age_max is None else now.age_max
    row.update(review="unchecked", year=now.year or rule.year, pack=release.name, pack_version=release.version)
    row["citation"] = f"USPSTF {now.id}, {now.topic}, data of {release.date}".replace(";", ",")
    return row
