"""What is known of one person as far as medicines go, gathered once: numbers, conditions, genes, medicines in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from singula.errors import MethodError
from singula.knowledge import Knowledge
from singula.knowledge.pack import Row
from singula.methods.genome.core_definitions import core_phenotypes
from singula.methods.genome.definitions import PhenotypeTable
from singula.methods.genome.phenotypes import Translation, phenotype_of_score, score_text, translate
from singula.methods.registry import run_method
from singula.record import Allergy, Condition, GenePhenotype, Genotype, Medicine, Record, Status, Unknown

PACK = "medicines"
NUMBERS = (
    "potassium", "sodium", "qtc", "inr", "neutrophils", "platelets", "lvef", "creatinine", "uacr", "alt", "creatine-kinase",
    "g6pd-activity-percent", "systolic-blood-pressure", "hba1c",
)  # fmt: skip
PREGNANT = ("pregnancy",)
SMOKING = "tobacco-smoking"


@dataclass(frozen=True)
class Fact:
    """A number or statement and the ids of the facts it rests on."""

    value: float
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class GeneState:
    """What is known of one gene: the translations that remain possible, and where they come from."""

    gene: str
    translations: tuple[Translation, ...]
    diplotypes: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_ambiguous(self) -> bool:
        """Whether several translations remain possible."""
        return len(self.translations) > 1


@dataclass(frozen=True)
class Taken:
    """One medicine in time."""

    name: str
    use: str
    dose_mg_per_day: float | None = None
    days_since_start: float | None = None
    days_since_stop: float | None = None
    inputs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Situation:
    """One person's situation; absent entries are not known."""

    knowledge: Knowledge
    age_years: Fact | None
    sex: str | None
    numbers: Mapping[str, Fact]
    conditions: Mapping[str, tuple[str, ...]]
    genes: Mapping[str, GeneState]
    medicines: tuple[Taken, ...]
    allergies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ancestry: str | None = None
    labels_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def taken(self) -> tuple[Taken, ...]:
        """Medicines in use or proposed."""
        return tuple(one for one in self.medicines if one.use in ("active", "proposed"))

    @cached_property
    def acting(self) -> Mapping[str, Taken]:
        """Medicines that still act: in use, proposed, or stopped less than their washout ago."""
        washout = {row.medicine: row.days for row in self.knowledge.pack(PACK).table("washout")}
        still: dict[str, Taken] = {}
        for one in self.medicines:
            stopped_lately = (
                one.use == "stopped"
                and one.days_since_stop is not None
                and one.days_since_stop <= washout.get(one.name, washout["*"])
            )
            if one.use in ("active", "proposed") or stopped_lately:
                still.setdefault(one.name, one)
        return still

    def classes_of(self, medicine: str) -> tuple[str, ...]:
        """Return the classes of a medicine; none where the pack does not know it."""
        row = _medicine_row(self.knowledge, medicine)
        return row.classes or () if row else ()

    def display_of(self, medicine: str) -> str:
        """Return a medicine's name for readers."""
        row = _medicine_row(self.knowledge, medicine)
        return row.display if row else medicine.replace("-", " ").capitalize()

    def labels(self, inputs: tuple[str, ...]) -> tuple[str, ...]:
        """Join the labels of facts."""
        return tuple(sorted({label for fact in inputs for label in self.labels_of.get(fact, ())}))


def read_situation(record: Record, knowledge: Knowledge) -> Situation:
    """Gather a record's situation.

    Parameters
    ----------
    record : Record
        The person.
    knowledge : Knowledge
        Packs ``medicines`` and ``pgx``.

    Returns
    -------
    Situation
        Derived values (filtration, clearance) are computed where their inputs are known, and stay absent otherwise.
    """
    numbers = _numbers(record)
    age = Fact(float(record.age_years)) if record.age_years is not None else None
    numbers.update(_kidneys(record, numbers, age))
    return Situation(
        knowledge=knowledge,
        age_years=age,
        sex=record.person.sex_at_birth,
        numbers=numbers,
        conditions=_conditions(record),
        genes=read_genes(record, knowledge),
        medicines=tuple(_taken(record, one) for one in record.medicines("active", "proposed", "stopped")),
        allergies=_allergies(record),
        ancestry=record.person.ancestry.self_reported[0] if record.person.ancestry.self_reported else None,
        labels_of={fact.id: fact.labels for fact in record.facts if fact.labels},
    )


@lru_cache(maxsize=1000)
def _medicine_row(knowledge: Knowledge, medicine: str) -> Row | None:
    rows = knowledge.pack(PACK).index("medicines", "medicine").get(medicine, ())
    return rows[0] if rows else None


def _numbers(record: Record) -> dict[str, Fact]:
    found = {}
    for name in NUMBERS:
        latest = record.latest(name)
        if not isinstance(latest, Unknown) and latest.canonical is not None:
            found[name] = Fact(latest.canonical.number, (latest.id,))
    for name, shown in (("body-weight", "weight"), ("body-height", "height")):
        latest = record.latest(name)
        if not isinstance(latest, Unknown) and latest.canonical is not None:
            found[shown] = Fact(latest.canonical.number, (latest.id,))
    return found


def _kidneys(record: Record, numbers: Mapping[str, Fact], age: Fact | None) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    creatinine, weight, sex = numbers.get("creatinine"), numbers.get("weight"), record.person.sex_at_birth
    stated = record.latest("egfr")
    if not isinstance(stated, Unknown) and stated.canonical is not None:
        found["egfr"] = Fact(stated.canonical.number, (stated.id,))
    if creatinine is None or age is None or sex is None:
        return {**found, **({"crcl": found["egfr"]} if "egfr" in found else {})}
    inputs = {"age_years": age.value, "sex": sex, "creatinine_mg_per_dl": creatinine.value}
    try:
        if "egfr" not in found:
            answer = run_method("egfr-ckd-epi-2021", inputs)
            found["egfr"] = Fact(answer["egfr_ml_per_min_per_1_73m2"], creatinine.inputs)
        if weight is not None:
            answer = run_method("creatinine-clearance-cockcroft-gault", {**inputs, "weight_kg": weight.value})
            clearance = float(answer["creatinine_clearance_ml_per_min"])
            found["crcl"] = Fact(clearance, (*creatinine.inputs, *weight.inputs))
    except MethodError:
        return found
    if "crcl" not in found:
        found["crcl"] = found["egfr"]
    return found


def _conditions(record: Record) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for fact in record.facts:
        if fact.name is None or not fact.is_present:
            continue
        is_problem = isinstance(fact, Condition) and (fact.active or fact.name in ("stroke", "tia", "peptic-ulcer"))
        if is_problem or (fact.name == "coronary-stent"):
            found.setdefault("stent" if fact.name == "coronary-stent" else fact.name, []).append(fact.id)
    for name, yes, meaning in (("pregnancy-status", "pregnant", "pregnancy"), ("lactation-status", "lactating", "breastfeeding")):
        latest = record.latest(name)
        if not isinstance(latest, Unknown) and yes in str(getattr(latest.value, "display", latest.value)).lower().split():
            found.setdefault(meaning, []).append(latest.id)
    return {name: tuple(ids) for name, ids in found.items()}


def _allergies(record: Record) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for fact in record.of_shape(Allergy):
        if fact.is_present and fact.status is Status.PRESENT:
            found.setdefault(f"{fact.name or ''} {fact.display}".lower().strip(), []).append(fact.id)
    return {words: tuple(ids) for words, ids in found.items()}


def _taken(record: Record, medicine: Medicine) -> Taken:
    as_of = record.as_of
    started = (as_of - medicine.started.last_day).days if medicine.started else None
    stopped = (as_of - medicine.stopped.last_day).days if medicine.stopped else None
    dose = medicine.dose_mg_per_day
    return Taken(medicine.name or "", medicine.use, dose, started, stopped, (medicine.id,), medicine.labels)


def read_genes(record: Record, knowledge: Knowledge) -> dict[str, GeneState]:
    """Read the state of every gene a record speaks of; several facts about one gene count as alternatives only if they stand."""
    tables = core_phenotypes(knowledge)
    found: dict[str, GeneState] = {}
    for fact in record.facts:
        if isinstance(fact, Genotype | GenePhenotype) and fact.is_present and fact.gene and fact.gene not in found:
            state = _gene_state(fact, tables.get(fact.gene), knowledge)
            if state.translations:
                found[fact.gene] = state
    return found


def _gene_state(fact: Genotype | GenePhenotype, table: PhenotypeTable | None, knowledge: Knowledge) -> GeneState:
    diplotypes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    if isinstance(fact, Genotype):
        diplotypes = fact.candidates or ((fact.diplotype,) if fact.diplotype else ())
        missing = fact.missing_positions
    given = _given(fact, table)
    translations = [given] if given else [_translate(fact.gene, one, table, knowledge) for one in diplotypes]
    unique = tuple(dict.fromkeys(one for one in translations if one.phenotype))
    return GeneState(fact.gene, unique, diplotypes, (fact.id,), fact.labels, missing)


def _given(fact: Genotype | GenePhenotype, table: PhenotypeTable | None) -> Translation | None:
    if fact.activity_score is not None and table is not None and table.is_activity_gene:
        text = str(fact.activity_score)
        score = float(text.removeprefix("≥"))
        return Translation(phenotype_of_score(table, score), text if "≥" in text else score_text(score))
    return Translation(fact.phenotype) if fact.phenotype else None


def _translate(gene: str, diplotype: str, table: PhenotypeTable | None, knowledge: Knowledge) -> Translation:
    alleles = tuple(part.strip() for part in diplotype.split("/"))
    if gene.startswith("HLA-"):
        return Translation(" ".join(_hla_status(gene, alleles, knowledge)))
    if table is None:
        return Translation(None)
    return translate(table, alleles if gene != "MT-RNR1" else alleles[:1])


def _hla_status(gene: str, alleles: tuple[str, ...], knowledge: Knowledge) -> list[str]:
    if any(allele.endswith(("positive", "negative")) for allele in alleles):
        return list(alleles)
    typed = {":".join(allele.split(":")[:2]) for allele in alleles}
    rows = knowledge.pack("pgx").index("hla_alleles", "gene").get(gene, ())
    return [f"{row.allele} {'positive' if row.allele in typed else 'negative'}" for row in rows]
