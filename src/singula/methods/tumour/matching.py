"""Which therapies a tumour's findings open or close: same tumour or another, label or less, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from singula.methods.tumour.evaluation import Answer, Definitions, atoms_of, evaluate_expression
from singula.methods.tumour.expression import Atom, GeneAtom, JoinedAtom, Junction, MarkerAtom, Node
from singula.methods.tumour.sample import BENIGN, TumourSample, TumourVariant
from singula.methods.tumour.setting import is_setting_met
from singula.methods.tumour.tumour_types import TumourTree

SENSITIVITY, WITHDRAWN = "sensitivity", "withdrawn"
CARRIED_TIER, UNCERTAIN_TIER, BENIGN_TIER = "II-C", "III", "IV"
TIERS = ("I-A", "I-B", "II-C", "II-D", "III", "IV")
ORDER_RULE = "resistance on a label > sensitivity on a label > guideline > literature; a combination is judged as a whole"
WEAKEST_TIER = "II-D"
FURTHER = "a further change, which the other does not speak of"
STANDING = ("what says it", "the tumour it speaks of", "how exactly it names the change")
FIRM_TIERS = ("I-A", "I-B")
NEGATIVE_SIGNS = ("not", "wt")
PROTEIN_MARKERS_OF = {"hr": ("er", "pr", "hr"), "her2": ("her2", "her2_ihc")}


@dataclass(frozen=True, eq=False)
class TherapyRule:
    """One row of the therapy table or of an imported release; ``travels``: it may be carried over to another tumour."""

    id: str
    medicines: tuple[str, ...]
    direction: str
    expression: str
    node: Node
    tumour_types: tuple[str, ...]
    excluded_types: tuple[str, ...]
    setting: str
    approval: str
    tier: str
    source: str
    citation: str
    review: str
    pack: str
    version: str
    travels: bool

    @cached_property
    def together(self) -> tuple[str, ...]:
        """The medicines in one order, so that sources which list them otherwise agree."""
        return tuple(sorted(self.medicines))

    @cached_property
    def triggers(self) -> frozenset[str]:
        """Genes and markers of which at least one has to be there for the row to be true; empty where absence alone can do."""
        return frozenset(_triggers(self.node))


@dataclass(frozen=True)
class Therapy:
    """A row that is true of this tumour."""

    rule: TherapyRule
    tier: str
    same_tumour: bool
    setting_met: bool | None
    reason: str
    answer: Answer


@dataclass(frozen=True)
class NotOffered:
    """A row that is true and is no option."""

    rule: TherapyRule
    why: str


@dataclass(frozen=True)
class TherapyConflict:
    """Rows about the same medicines that disagree in this tumour."""

    rule: str
    rows: tuple[str, ...]
    overruled: tuple[str, ...] = ()


@dataclass
class Matched:
    """Everything the therapy table says of one tumour."""

    therapies: list[Therapy] = field(default_factory=list)
    considered: list[NotOffered] = field(default_factory=list)
    conflicts: list[TherapyConflict] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def _triggers(node: Node) -> Iterable[str]:
    if isinstance(node, Junction):
        return () if node.sign in NEGATIVE_SIGNS else [word for part in node.parts for word in _triggers(part)]
    return words_of(node)


def words_of(atom: Atom) -> tuple[str, ...]:
    """Return the genes or the marker an atom speaks of."""
    if isinstance(atom, MarkerAtom):
        return PROTEIN_MARKERS_OF.get(atom.marker, (atom.marker,))
    return atom.genes if isinstance(atom, GeneAtom) else (atom.five_prime, atom.three_prime)


def signals_of(sample: TumourSample) -> frozenset[str]:
    """Return the genes in which something was found, and the markers that have a value."""
    genes = {variant.gene for variant in sample.variants}
    genes.update(one for fusion in sample.fusions for one in (fusion.five_prime, fusion.three_prime) if one)
    genes.update(event.gene for event in (*sample.copy_number, *sample.structural))
    return frozenset(genes | {name for name, value in sample.biomarkers.items() if value is not None})


def match_therapies(sample: TumourSample, rules: Sequence[TherapyRule], definitions: Definitions, tree: TumourTree) -> Matched:
    """Match one tumour against the therapy table.

    Parameters
    ----------
    sample : TumourSample
        The tumour.
    rules : sequence of TherapyRule
        The table.
    definitions : Definitions
        What its expressions refer to.
    tree : TumourTree
        Which tumour type is a kind of which.

    Returns
    -------
    Matched
        Therapies best tier first; resistance never travels to another tumour type, an exclusion beats everything.
    """
    matched = Matched()
    signals = signals_of(sample)
    true_here: list[tuple[TherapyRule, Answer]] = []
    true_elsewhere: list[tuple[TherapyRule, Answer]] = []
    excluded = {rule.together for rule in rules if tree.is_any_of(sample.tumour_type, rule.excluded_types)}
    for rule in rules:
        here = tree.is_any_of(sample.tumour_type, rule.tumour_types)
        if rule.triggers and not rule.triggers & signals:
            continue
        answer = evaluate_expression(rule.node, sample, definitions)
        if answer.value:
            (true_here if here else true_elsewhere).append((rule, answer))
        elif answer.value is None and answer.could_be and here and rule.direction == SENSITIVITY and rule.approval != WITHDRAWN:
            _tell_missing(matched, rule, answer)
    _take_same_tumour(matched, true_here, excluded, sample)
    _take_carried_over(matched, true_elsewhere, excluded, sample, [rule for rule, _ in true_here])
    matched.therapies.sort(
        key=lambda one: (TIERS.index(one.tier), not one.same_tumour, one.rule.direction != SENSITIVITY, one.rule.id)
    )
    matched.conflicts = _find_conflicts(matched.therapies)
    matched.missing = list(dict.fromkeys(matched.missing))
    return matched


def _take_same_tumour(
    matched: Matched, found: Sequence[tuple[TherapyRule, Answer]], excluded: set[tuple[str, ...]], sample: TumourSample
) -> None:
    for rule, answer in found:
        if rule.approval == WITHDRAWN:
            matched.considered.append(NotOffered(rule, f"{rule.source}: withdrawn from the market for this use"))
        elif rule.direction == SENSITIVITY and rule.together in excluded:
            matched.considered.append(NotOffered(rule, f"{rule.source}: {sample.tumour_type} is excluded by the label"))
        else:
            reason = f"{describe_match(rule, answer)} in {sample.tumour_type}: {rule.source}"
            setting_met = is_setting_met(rule.setting, sample.prior_therapies)
            matched.therapies.append(Therapy(rule, rule.tier, True, setting_met, reason, answer))


def _take_carried_over(
    matched: Matched,
    found: Sequence[tuple[TherapyRule, Answer]],
    excluded: set[tuple[str, ...]],
    sample: TumourSample,
    here: Sequence[TherapyRule],
) -> None:
    closed = {rule.together for rule in here if rule.direction != SENSITIVITY}
    offered = {rule.together for rule in here if rule.direction == SENSITIVITY and rule.approval != WITHDRAWN}
    for rule, answer in found:
        if rule.direction != SENSITIVITY or not answer.genomic or not rule.travels:
            continue
        why = None
        if rule.approval == WITHDRAWN:
            why = f"{rule.source}: withdrawn from the market"
        elif rule.together in excluded:
            why = f"{rule.source}: {sample.tumour_type} is excluded by a label of the same medicines"
        elif rule.together in closed:
            why = f"in {sample.tumour_type} the same medicines are known not to work"
        if why is not None:
            matched.considered.append(NotOffered(rule, why))
        elif rule.together not in offered:
            offered.add(rule.together)
            labelled = f"{rule.source} for {', '.join(rule.tumour_types)}"
            reason = f"{describe_match(rule, answer)}: {labelled}, carried over to {sample.tumour_type}"
            setting_met = is_setting_met(rule.setting, sample.prior_therapies)
            matched.therapies.append(Therapy(rule, CARRIED_TIER, False, setting_met, reason, answer))


def describe_match(rule: TherapyRule, answer: Answer) -> str:
    """Say what was found that makes a row true."""
    found = [f"{variant.gene} {variant.text}" for variant in answer.variants]
    return ", ".join(found) if found else rule.expression


def _tell_missing(matched: Matched, rule: TherapyRule, answer: Answer) -> None:
    medicines = " + ".join(rule.medicines)
    if answer.untested:
        genes = _join(answer.untested)
        matched.missing.append(f"{genes} not tested: wild type cannot be shown, {medicines} not judged")
    if answer.unknown_origin:
        genes = _join(answer.unknown_origin)
        matched.missing.append(f"{genes}: germline or somatic is not known, {medicines} not judged")


def _join(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _find_conflicts(therapies: Sequence[Therapy]) -> list[TherapyConflict]:
    by_medicines: dict[tuple[str, ...], list[Therapy]] = {}
    for one in therapies:
        by_medicines.setdefault(one.rule.together, []).append(one)
    groups = [group for group in by_medicines.values() if len({one.rule.direction == SENSITIVITY for one in group}) > 1]
    return [_decide(group) for group in groups]


def _decide(group: Sequence[Therapy]) -> TherapyConflict:
    """Say which row of those that disagree stands, and by what: a further change, its kind, its tumour, how exactly it speaks."""
    opening = [one for one in group if one.rule.direction == SENSITIVITY]
    closing = [one for one in group if one.rule.direction != SENSITIVITY]
    parents = {variant for one in opening for variant in one.answer.variants}
    further = [one for one in closing if one.tier != WEAKEST_TIER and not parents.issuperset(one.answer.variants)]
    best = min(further or group, key=_standing)
    against = opening if best in closing else closing
    rival = min(against, key=_standing)
    compared = zip(STANDING, _standing(best), _standing(rival), strict=True)
    step = FURTHER if further else next((words for words, one, other in compared if one != other), None)
    rows = tuple(one.rule.id for one in group)
    if step is None:
        return TherapyConflict(f"{ORDER_RULE}; here no rule decides between {best.rule.id} and {rival.rule.id}", rows)
    words = f"{ORDER_RULE}; here {best.rule.id} ({best.rule.source}) stands over {rival.rule.id} ({rival.rule.source}) by {step}"
    return TherapyConflict(words, rows, tuple(one.rule.id for one in against))


def _standing(one: Therapy) -> tuple[int, int, int]:
    """Rank a row: what says it, the same tumour before another, an exact change before a codon before a group."""
    guideline = FIRM_TIERS[1]
    kind = 3 if one.tier not in FIRM_TIERS else 2 if one.tier == guideline else int(one.rule.direction == SENSITIVITY)
    named = [atom.what for atom in atoms_of(one.rule.node) if isinstance(atom, GeneAtom)]
    exact = min((_exactness(what) for what in named), default=2)
    return kind, int(not one.same_tumour), exact


def _exactness(what: str) -> int:
    return 1 if what.startswith(("codon(", "range(", "exon(")) else 0 if what[:1].isupper() else 2


def tier_variants(sample: TumourSample, matched: Matched) -> Mapping[TumourVariant, str]:
    """Give each variant the best tier of the therapies it opens or closes; III where nothing is known, IV where it is benign."""
    best: dict[TumourVariant, str] = {}
    for therapy in matched.therapies:
        for variant in therapy.answer.variants:
            if variant not in best or TIERS.index(therapy.tier) < TIERS.index(best[variant]):
                best[variant] = therapy.tier
    for variant in sample.variants:
        silent = variant.classification in BENIGN or variant.alteration.consequence == "synonymous_variant"
        best.setdefault(variant, BENIGN_TIER if silent else UNCERTAIN_TIER)
    return best


def genes_asked(rules: Sequence[TherapyRule]) -> frozenset[str]:
    """Return every gene some row speaks of."""
    atoms = [atom for rule in rules for atom in atoms_of(rule.node)]
    return frozenset(word for atom in atoms if isinstance(atom, GeneAtom | JoinedAtom) for word in words_of(atom))
