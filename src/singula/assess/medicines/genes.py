"""Which guideline rows about genes apply to a medicine of this person, under the medicines taken beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from singula.assess.medicines.advice import Gap, Piece
from singula.assess.medicines.phenoconversion import Effective, effective_state
from singula.assess.medicines.situation import GeneState, Situation
from singula.knowledge import Pack, Row
from singula.methods.genome.phenotypes import Translation

PACK = "pgx_advice"
SCORE_RULE = re.compile(r"^AS(?:(?P<sign>>=|<=|>|<)|=)(?P<low>\d+(?:\.\d+)?)(?:\.\.(?P<high>\d+(?:\.\d+)?))?$")
ABBREVIATIONS = {
    "UM": "Ultrarapid Metabolizer", "RM": "Rapid Metabolizer", "NM": "Normal Metabolizer", "IM": "Intermediate Metabolizer",
    "PM": "Poor Metabolizer", "Possible IM": "Possible Intermediate Metabolizer",
}  # fmt: skip
NOT_TESTED = "not tested"
CERTAIN_CONTEXTS = ("general",)
CONVERTING_BODY = "CPIC"


@dataclass(frozen=True)
class Reading:
    """One possible state of all genes: translation in effect, translation as inherited, and diplotype, by gene.

    Only CPIC applies its rows to phenotypes changed by inhibitors; the rows of other bodies speak of the inherited ones.
    """

    effective: dict[str, Translation]
    inherited: dict[str, Translation]
    diplotypes: dict[str, str]

    def translations(self, body: str) -> dict[str, Translation]:
        """Return the translations a body's rows speak of."""
        return self.effective if body == CONVERTING_BODY else self.inherited


@dataclass(frozen=True)
class GeneAdvice:
    """What the gene rows say about one medicine under every possible reading."""

    readings: tuple[tuple[Piece, ...], ...]
    effective: dict[str, Effective]
    gaps: tuple[Gap, ...]
    genes: tuple[str, ...]

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The pieces of the first reading; where readings differ the caller chooses."""
        return self.readings[0] if self.readings else ()


def advise_by_genes(situation: Situation, medicine: str) -> GeneAdvice:
    """Collect the gene rows for one medicine.

    Parameters
    ----------
    situation : Situation
        The person's situation.
    medicine : str
        The medicine asked about.

    Returns
    -------
    GeneAdvice
        One list of pieces per possible reading of ambiguous genes; genes not tested are gaps, or pieces where guidance asks to
        test before the first dose.
    """
    pack = situation.knowledge.pack(PACK)
    rows = pack.index("actions", "medicine").get(medicine, ())
    genes = sorted({gene for row in rows for gene in _genes_of(row)})
    effective = {gene: effective_state(situation, situation.genes[gene], medicine) for gene in genes if gene in situation.genes}
    known = {gene: situation.genes[gene] for gene in genes if gene in situation.genes}
    readings = [_pieces(situation, pack, rows, reading, medicine) for reading in _readings(known, effective)]
    unique = tuple(dict.fromkeys(tuple(reading) for reading in readings))
    gaps = tuple(_gap(situation, gene, medicine) for gene in genes if gene not in situation.genes)
    return GeneAdvice(unique or ((),), effective, gaps, tuple(genes))


def _genes_of(row: Row) -> tuple[str, ...]:
    return _split_genes(row.genes)


@cache
def _split_genes(genes: str) -> tuple[str, ...]:
    return tuple(re.split(r"[+|]", genes))


def _gap(situation: Situation, gene: str, medicine: str) -> Gap:
    return Gap(f"{gene} genotype", f"whether the usual dose of {situation.display_of(medicine)} fits", medicine)


def _readings(known: dict[str, GeneState], effective: dict[str, Effective]) -> Iterator[Reading]:
    genes = sorted(known)
    choices = [range(max(len(effective[gene].translations), 1)) for gene in genes]
    for picked in product(*choices):
        yield Reading(
            {gene: effective[gene].translations[number] for gene, number in zip(genes, picked, strict=True)},
            {gene: known[gene].translations[number] for gene, number in zip(genes, picked, strict=True)},
            {gene: _diplotype(known[gene], number) for gene, number in zip(genes, picked, strict=True)},
        )


def _diplotype(state: GeneState, number: int) -> str:
    return state.diplotypes[number] if number < len(state.diplotypes) else ""


def _pieces(situation: Situation, pack: Pack, rows: Sequence[Row], reading: Reading, medicine: str) -> list[Piece]:
    matched = [row for row in rows if _context_fits(situation, row, medicine) and _matches(row, reading, situation)]
    whole = [row for row in matched if "+" in row.genes]
    covered = {gene for row in whole for gene in _genes_of(row)}
    kept = [
        row
        for row in matched
        if "+" in row.genes or not (covered >= set(_genes_of(row)) and row.body in {one.body for one in whole})
    ]
    specific = {(row.genes, row.body) for row in kept if row.context not in CERTAIN_CONTEXTS}
    kept = [row for row in kept if row.context not in CERTAIN_CONTEXTS or (row.genes, row.body) not in specific]
    return [_piece(situation, pack, row, reading) for row in kept]


def _matches(row: Row, reading: Reading, situation: Situation) -> bool:
    genes = _genes_of(row)
    if row.key == NOT_TESTED:
        return all(gene not in situation.genes for gene in genes)
    if "+" in row.genes:
        keys = row.key.split("+") if row.key != "any" else ["any"] * len(genes)
        return len(keys) == len(genes) and all(
            _one_matches(key, gene, reading, row.body) for key, gene in zip(keys, genes, strict=True)
        )
    return any(_one_matches(row.key, gene, reading, row.body) for gene in genes)


def _one_matches(key: str, gene: str, reading: Reading, body: str) -> bool:
    translation = reading.translations(body).get(gene)
    if translation is None:
        return False
    if key == "any":
        return True
    return any(_key_fits(part.strip(), translation, reading.diplotypes.get(gene, "")) for part in key.split("|"))


def _key_fits(key: str, translation: Translation, diplotype: str) -> bool:
    rule = SCORE_RULE.match(key)
    if rule:
        return translation.activity_score is not None and _score_fits(rule, float(translation.activity_score.removeprefix("≥")))
    if key.startswith("*") and "/" in key:
        return sorted(key.split("/")) == sorted(part.strip() for part in diplotype.split("/"))
    phenotype = translation.phenotype or ""
    wanted = ABBREVIATIONS.get(key, key)
    if key.endswith((" positive", " negative")):
        return wanted in phenotype
    if wanted.lower() == phenotype.lower() or (key.endswith(" risk") and phenotype.lower().startswith(key)):
        return True
    return phenotype.startswith("Likely ") and phenotype.removeprefix("Likely ") == wanted


def _score_fits(rule: re.Match[str], score: float) -> bool:
    low = float(rule["low"])
    if rule["high"]:
        return low <= score <= float(rule["high"])
    comparisons = {">=": score >= low, "<=": score <= low, ">": score > low, "<": score < low}
    return comparisons.get(rule["sign"] or "", score == low)


def _context_fits(situation: Situation, row: Row, medicine: str) -> bool:
    rules = situation.knowledge.pack(PACK).index("contexts", "context").get(row.context, ())
    if not rules:
        return bool(row.context == "general")
    return any(_context_rule_fits(situation, rule, medicine) for rule in rules)


def _context_rule_fits(situation: Situation, rule: Row, medicine: str) -> bool:
    conditions = rule.conditions or ()
    if rule.kind == "condition":
        return any(name in situation.conditions for name in conditions)
    if rule.kind == "not-condition":
        return not any(name in situation.conditions for name in conditions)
    taken = next((one for one in situation.taken if one.name == medicine), None)
    days = taken.days_since_start if taken is not None and taken.use == "active" else None
    if rule.kind == "days-over":
        return days is not None and days > rule.number
    if rule.kind == "days-not-over":
        return days is None or days <= rule.number
    age = situation.age_years.value if situation.age_years else None
    if rule.kind == "age-from":
        return age is None or age >= rule.number
    if rule.kind == "age-below":
        return age is not None and age < rule.number
    return False


def _piece(situation: Situation, pack: Pack, row: Row, reading: Reading) -> Piece:
    genes = [gene for gene in _genes_of(row) if gene in reading.effective] or _genes_of(row)
    states = [situation.genes[gene] for gene in genes if gene in situation.genes]
    reason = pack.index("reasons", "reason").get(row.reason_code or "", ())
    shown = ", ".join(_shown(gene, reading, row.key) for gene in genes)
    name = situation.display_of(row.medicine)
    why = f": {reason[0].clinician}" if reason else ""
    return Piece(
        medicine=row.medicine,
        action=row.action,
        strength=row.strength,
        body=row.body,
        text=f"{name}, {shown}{why}",
        patient_text=reason[0].patient if reason else f"Your genes were looked at for {name}.",
        pathway=" + ".join(genes),
        row=row,
        pack=pack,
        level=row.cpic_level,
        year=row.year,
        pmid=row.pmid,
        percent_low=row.percent_low,
        percent_high=row.percent_high,
        max_mg_per_day=row.max_mg_per_day,
        alternatives=row.alternatives or (),
        inputs=tuple(dict.fromkeys(fact for state in states for fact in state.inputs)),
    )


def _shown(gene: str, reading: Reading, key: str) -> str:
    translation = reading.effective.get(gene)
    if translation is None:
        return f"{gene} not tested"
    if key.endswith((" positive", " negative")):
        return f"{gene}{key}" if key in (translation.phenotype or "") else f"{gene} typed"
    words = (translation.phenotype or "").replace("Metabolizer", "metaboliser").replace("Function", "function")
    return f"{gene} {words[:1].lower()}{words[1:]}" if words and not words.startswith(("*", "-")) else f"{gene} {words}"
