"""The small pharmacogenomic record (``singula.pgx-record/1``): genotypes, medicines, conditions and a few numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from singula.errors import BadInput, quoted
from singula.knowledge import Knowledge
from singula.record import (
    Ancestry,
    Concept,
    Condition,
    Fact,
    GenePhenotype,
    Genotype,
    Kind,
    Medicine,
    Observation,
    Person,
    Quantity,
    Record,
    Source,
    When,
)
from singula.sources.labels import GENETICS
from singula.sources.limits import lines_bounded, open_bounded, parse_json, read_bounded
from singula.sources.terminology import Terminology, terminology_of

SCHEMA = "singula.pgx-record/1"
LABS: Mapping[str, tuple[str, str]] = {
    "egfr_ml_per_min_per_1_73m2": ("egfr", "mL/min/{1.73_m2}"),
    "creatinine_mg_per_dl": ("creatinine", "mg/dL"),
    "alt_u_per_l": ("alt", "U/L"),
    "g6pd_activity_percent": ("g6pd-activity-percent", "%"),
    "tpmt_activity": ("tpmt-activity", "U/mL"),
    "inr": ("inr", "1"),
    "potassium_mmol_per_l": ("potassium", "mmol/L"),
    "sodium_mmol_per_l": ("sodium", "mmol/L"),
    "qtc_ms": ("qtc", "ms"),
    "neutrophils_1e9_per_l": ("neutrophils", "10*9/L"),
    "platelets_1e9_per_l": ("platelets", "10*9/L"),
    "weight_kg": ("body-weight", "kg"),
    "height_cm": ("body-height", "cm"),
}
USES = ("proposed", "active", "stopped")


def read_pgx_records(path: Path, knowledge: Knowledge, as_of: date) -> Iterator[Record]:
    """Read a file of one record (JSON) or one record a line (JSON lines).

    Parameters
    ----------
    path : Path
        The file.
    knowledge : Knowledge
        For names.
    as_of : date
        The day the records stand for.

    Yields
    ------
    Record
        One per person; a record that cannot be read is BadInput naming file and line.
    """
    if path.name.endswith((".jsonl", ".ndjson")):
        with open_bounded(path) as stream:
            for number, line in lines_bounded(stream, path.name):
                if line.strip():
                    where = f"{path.name}:{number}"
                    yield read_pgx_record(parse_json(line, where), where, knowledge, as_of)
        return
    yield read_pgx_record(parse_json(read_bounded(path), path.name), path.name, knowledge, as_of)


def read_pgx_record(document: Any, where: str, knowledge: Knowledge, as_of: date) -> Record:
    """Read one parsed record; see ``read_pgx_records``."""
    if not isinstance(document, Mapping):
        raise BadInput(f"{where}: is no object of schema {SCHEMA}")
    document = document.get("inputs", document) if "schema" not in document else document
    if document.get("schema") != SCHEMA:
        raise BadInput(
            f"{where}: schema is {quoted(document.get('schema'))}; this command reads {SCHEMA}, FHIR bundles and VCF files"
        )
    person = document.get("person") or {}
    reader = _Reader(where, terminology_of(knowledge), as_of)
    age = person.get("age_years")
    birth = When(text=f"{as_of.year - int(age)}-01-01") if isinstance(age, int | float) else None
    facts = [
        *(reader.genotype(number, one) for number, one in enumerate(document.get("genotypes") or ())),
        *(reader.medicine(number, one) for number, one in enumerate(document.get("medicines") or ())),
        *(reader.condition(number, one) for number, one in enumerate(document.get("conditions") or ())),
        *reader.labs({**(document.get("labs") or {}), **{k: person[k] for k in ("weight_kg", "height_cm") if k in person}}),
    ]
    ancestry = person.get("ancestry")
    return Record(
        person=Person(
            id=str(document.get("id") or "person-1"),
            sex_at_birth=person.get("sex") if person.get("sex") in ("female", "male") else None,
            birth_date=birth,
            ancestry=Ancestry(self_reported=(str(ancestry),) if ancestry else ()),
        ),
        as_of=as_of,
        facts=tuple(fact for fact in facts if fact is not None),
    )


class _Reader:
    """Turns the parts of one record into facts."""

    def __init__(self, where: str, terminology: Terminology, as_of: date) -> None:
        self.where, self.terminology, self.as_of = where, terminology, as_of

    def source(self, place: str) -> tuple[Source, ...]:
        """Say where a fact stands."""
        return (Source(input=self.where, where=place, reader="pgx-record", trust=2),)

    def genotype(self, number: int, one: Mapping[str, Any]) -> Fact:
        """Read one gene: a diplotype, candidates, a phenotype or an activity score."""
        place, gene = f"genotypes[{number}]", str(one.get("gene") or "")
        base = {"id": place, "sources": self.source(place), "labels": (GENETICS,), "concept": Concept(text=gene)}
        if not gene:
            raise BadInput(f"{self.where}: {place} names no gene")
        if one.get("candidates"):
            return Genotype(**base, gene=gene, candidates=tuple(map(str, one["candidates"])), call_status="ambiguous")
        diplotype = one.get("diplotype")
        if diplotype and str(diplotype).endswith((" positive", " negative")):
            return GenePhenotype(**base, gene=gene, phenotype=str(diplotype))
        if diplotype:
            return Genotype(**base, gene=gene, diplotype=str(diplotype))
        if one.get("phenotype") or one.get("activity_score") is not None:
            return GenePhenotype(**base, gene=gene, phenotype=one.get("phenotype"), activity_score=one.get("activity_score"))
        raise BadInput(f"{self.where}: {place} ({gene}) gives neither diplotype, candidates, phenotype nor activity_score")

    def medicine(self, number: int, one: Mapping[str, Any]) -> Fact:
        """Read one medicine with its times."""
        place, words = f"medicines[{number}]", str(one.get("name") or "")
        use = one.get("status", "active")
        if use not in USES:
            raise BadInput(f"{self.where}: {place} has status {quoted(use)}; write proposed, active or stopped")
        names = self.terminology.ingredients_in(words) or (words.strip().lower().replace(" ", "-"),)
        dose = one.get("dose_mg_per_day")
        return Medicine(
            id=place,
            sources=self.source(place),
            concept=Concept(text=words),
            name=names[0],
            ingredients=names,
            use=use,
            dose=Quantity(number=float(dose), unit="mg") if isinstance(dose, int | float) else None,
            doses_per_day=1.0 if isinstance(dose, int | float) else None,
            started=self._days_ago(one.get("started_days_ago")),
            stopped=self._days_ago(one.get("stopped_days_ago")),
        )

    def _days_ago(self, days: Any) -> When | None:
        return When(text=(self.as_of - timedelta(days=float(days))).isoformat()) if isinstance(days, int | float) else None

    def condition(self, number: int, one: Any) -> Fact:
        """Read one condition: plain words, or an object with code and display."""
        place = f"conditions[{number}]"
        words = one if isinstance(one, str) else str(one.get("display") or one.get("text") or one.get("code") or "")
        row = self.terminology.condition(Concept(text=words)) or self._condition_in(words)
        return Condition(id=place, sources=self.source(place), concept=Concept(text=words), name=row.name if row else None)

    def _condition_in(self, words: str) -> Any:
        lowered = words.lower()
        if "percutaneous coronary intervention" in lowered or "stent" in lowered:
            return self.terminology.conditions["stent"]
        found = [row for word, row in self.terminology.condition_words.items() if word in lowered]
        return max(found, key=lambda row: len(row.name), default=None)

    def labs(self, values: Mapping[str, Any]) -> Iterator[Fact]:
        """Read the numbers; a name this schema does not have is refused."""
        for name, value in values.items():
            if name not in LABS:
                raise BadInput(f"{self.where}: labs has no {quoted(name)}; it has {', '.join(LABS)}")
            if isinstance(value, int | float) and not isinstance(value, bool):
                own, unit = LABS[name]
                quantity = Quantity(number=float(value), unit=unit)
                yield Observation(
                    id=f"labs.{name}",
                    kind=Kind.MEASUREMENT,
                    sources=self.source(f"labs.{name}"),
                    concept=Concept(text=self.terminology.analyte_names[own].display),
                    name=own,
                    value=quantity,
                    canonical=quantity,
                )
