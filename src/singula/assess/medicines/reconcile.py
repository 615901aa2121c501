"""Everything said about one medicine becomes one answer: action, dose, alternatives, sources, and whether doubt matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from singula.assess.medicines.advice import PROTECTIVE, Gap, Piece
from singula.assess.medicines.genes import GeneAdvice, advise_by_genes
from singula.assess.medicines.phenoconversion import Effective
from singula.assess.medicines.rules import apply_rules
from singula.assess.medicines.safety import check_allergies
from singula.assess.medicines.situation import Situation, Taken
from singula.assess.medicines.warfarin import warfarin_dose

STRENGTHS = ("contraindicated", "label", "strong", "moderate", "weak", "optional")
NEWER_BY_YEARS = 3
RULED_OUT = ("avoid", "alternative")
STANDARD = "standard"
TEST_FIRST = "test_first"


@dataclass(frozen=True)
class Doses:
    """What is asked of the dose: percentages of the usual dose, a cap, a target."""

    percent_low: float | None = None
    percent_high: float | None = None
    max_mg_per_day: float | None = None
    target_mg_per_day: float | None = None


@dataclass(frozen=True)
class Offer:
    """An alternative that was put to the same engine."""

    medicine: str
    why: str


@dataclass(frozen=True)
class MedicineAnswer:
    """The answer for one medicine; ``actions`` lists what each possible reading of the genes asks for."""

    medicine: str
    action: str
    strength: str
    doses: Doses
    pieces: tuple[Piece, ...]
    alternatives: tuple[Offer, ...] = ()
    rejected: tuple[Offer, ...] = ()
    effective: dict[str, Effective] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    rule: str = ""
    changes_advice: bool = False
    actions: tuple[str, ...] = ()
    decided_by: tuple[str, ...] = ()

    @property
    def is_ruled_out(self) -> bool:
        """Whether the medicine should not be used."""
        return self.action in RULED_OUT


def answer_medicine(situation: Situation, medicine: str, *, with_alternatives: bool = True) -> MedicineAnswer:
    """Answer one medicine for one person.

    Parameters
    ----------
    situation : Situation
        The person's situation; the medicine is one of those taken, or asked about as if it were proposed.
    medicine : str
        The medicine.
    with_alternatives : bool
        Whether alternatives are looked for and judged; False inside such a judgement.

    Returns
    -------
    MedicineAnswer
        The most protective answer over all possible readings of ambiguous genes.
    """
    by_genes = advise_by_genes(situation, medicine)
    rule_pieces, gaps = apply_rules(situation, medicine)
    other = [*rule_pieces, *check_allergies(situation, medicine), *warfarin_dose(situation, medicine)]
    answers = [_combine(medicine, [*reading, *other], situation) for reading in by_genes.readings]
    chosen = min(answers, key=lambda one: (PROTECTIVE.index(one.action), _severity(one)))
    actions = tuple(dict.fromkeys(one.action for one in answers))
    differs = len({(one.action, one.doses) for one in answers}) > 1
    chosen = replace(
        chosen,
        effective=by_genes.effective,
        gaps=(*by_genes.gaps, *gaps),
        changes_advice=differs,
        actions=actions,
        decided_by=_deciders(situation, by_genes) if differs else (),
    )
    return _with_alternatives(situation, chosen) if with_alternatives and chosen.is_ruled_out else chosen


def _severity(answer: MedicineAnswer) -> float:
    return answer.doses.percent_low or 0.0


def _deciders(situation: Situation, by_genes: GeneAdvice) -> tuple[str, ...]:
    found: list[str] = []
    for gene in by_genes.genes:
        state = situation.genes.get(gene)
        if state is not None and state.is_ambiguous:
            found.extend(state.missing or (f"phase or further positions of {gene}",))
    return tuple(dict.fromkeys(found))


def _combine(medicine: str, pieces: Sequence[Piece], situation: Situation) -> MedicineAnswer:
    if not pieces:
        return MedicineAnswer(medicine, STANDARD, "", Doses(), (), rule="")
    action, lead, rule = _decide(pieces)
    carried = [piece for piece in pieces if piece.action == action]
    dose_pieces = [piece for piece in pieces if piece.action in ("reduce_dose", "increase_dose", action)]
    doses = _doses(action, dose_pieces)
    return MedicineAnswer(medicine, action, lead.strength, doses, tuple(_ordered(pieces, carried)), rule=rule)


def _ordered(pieces: Sequence[Piece], carried: Sequence[Piece]) -> list[Piece]:
    first = sorted(carried, key=lambda one: (STRENGTHS.index(one.strength), one.row.get("id") or ""))
    rest = [piece for piece in pieces if piece not in carried]
    return [*first, *sorted(rest, key=lambda one: (PROTECTIVE.index(one.action), one.row.get("id") or ""))]


def _decide(pieces: Sequence[Piece]) -> tuple[str, Piece, str]:
    """Choose the action: a contraindication, else the more protective one, unless the weaker is newer by years and strong."""
    forbidden = [piece for piece in pieces if piece.action == "avoid" and piece.strength in ("contraindicated", "label")]
    if forbidden:
        return "avoid", forbidden[0], "a contraindication decides"
    ranked = sorted(pieces, key=lambda one: (PROTECTIVE.index(one.action), STRENGTHS.index(one.strength)))
    lead = ranked[0]
    gene_pieces = [piece for piece in pieces if piece.kind == "gene" and piece.pathway == lead.pathway]
    for weaker in gene_pieces:
        newer = weaker.year and lead.year and weaker.year - lead.year >= NEWER_BY_YEARS
        if newer and weaker.strength == "strong" and weaker.action != lead.action:
            return weaker.action, weaker, f"{weaker.body} {weaker.year} is newer by {NEWER_BY_YEARS} years or more and strong"
    bodies = {piece.action for piece in gene_pieces}
    rule = "the more protective action decides" if len(bodies) > 1 else ""
    return lead.action, lead, rule


def _doses(action: str, pieces: Sequence[Piece]) -> Doses:
    ranges: dict[str, tuple[float, float]] = {}
    for piece in pieces:
        if piece.percent_low is None or piece.percent_high is None:
            continue
        low, high = piece.percent_low, piece.percent_high
        if action in ("increase_dose",) and low < 0:
            continue
        known = ranges.get(piece.pathway)
        ranges[piece.pathway] = (low, high) if known is None else _meet(known, (low, high))
    caps = [piece.max_mg_per_day for piece in pieces if piece.max_mg_per_day is not None]
    targets = [piece.target_mg_per_day for piece in pieces if piece.target_mg_per_day is not None]
    lowest, highest = _multiply(list(ranges.values()))
    return Doses(lowest, highest, min(caps, default=None), min(targets, default=None))


def _meet(one: tuple[float, float], two: tuple[float, float]) -> tuple[float, float]:
    """Intersect two ranges of percentages; where they do not overlap the smaller dose counts."""
    low, high = max(one[0], two[0]), min(one[1], two[1])
    return (low, high) if low <= high else min(one, two)


def _multiply(ranges: Sequence[tuple[float, float]]) -> tuple[float | None, float | None]:
    if not ranges:
        return None, None
    if len(ranges) == 1:
        return ranges[0]
    low = high = 1.0
    for one in ranges:
        low, high = low * (1 + one[0] / 100), high * (1 + one[1] / 100)
    return round((low - 1) * 100, 1), round((high - 1) * 100, 1)


def _with_alternatives(situation: Situation, answer: MedicineAnswer) -> MedicineAnswer:
    named = dict.fromkeys(name for piece in answer.pieces for name in piece.alternatives)
    named.update(dict.fromkeys(_same_purpose(situation, answer.medicine)))
    offers, rejected = [], []
    for name in named:
        if name == answer.medicine:
            continue
        parts = name.split("/")
        if not all(situation.classes_of(part) for part in parts):
            offers.append(Offer(name, "named by the guideline; not judged here"))
            continue
        judged = [answer_medicine(supposing(situation, part, answer.medicine), part, with_alternatives=False) for part in parts]
        against = next((one for one in judged if one.is_ruled_out), None)
        if against is not None:
            rejected.append(Offer(name, _why(against)))
        else:
            offers.append(Offer(name, "; ".join(dict.fromkeys(_why(one) for one in judged))))
    return replace(answer, alternatives=tuple(offers), rejected=tuple(rejected))


def _why(judged: MedicineAnswer) -> str:
    if judged.action == STANDARD:
        return "no finding against it"
    return judged.pieces[0].text if judged.pieces else judged.action


def _same_purpose(situation: Situation, medicine: str) -> list[str]:
    choices = situation.knowledge.pack("medicines")
    rows = choices.index("choices", "medicine").get(medicine, ())
    found: list[str] = []
    for row in rows:
        fits = not row.conditions or any(name in situation.conditions for name in row.conditions)
        if fits or len(rows) == 1:
            group = sorted(choices.index("choices", "indication")[row.indication], key=lambda one: one.rank)
            found.extend(one.medicine for one in group if one.medicine != medicine)
    return found


def supposing(situation: Situation, candidate: str, instead_of: str) -> Situation:
    """Return the situation with one medicine proposed in place of another."""
    kept = tuple(one for one in situation.medicines if one.name not in (instead_of, candidate))
    return Situation(
        situation.knowledge,
        situation.age_years,
        situation.sex,
        situation.numbers,
        situation.conditions,
        situation.genes,
        (*kept, Taken(candidate, "proposed")),
        situation.allergies,
        situation.ancestry,
        situation.labels_of,
    )
