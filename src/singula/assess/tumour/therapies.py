"""Therapies a tumour opens, those it closes, and those another tumour's label would open, as statements and one grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from singula.assess.tumour.specimens import Specimen
from singula.finding import (
    SUMMARY_LIMIT,
    Alternative,
    Certainty,
    Considered,
    Effect,
    Evidence,
    Excluded,
    Finding,
    Missing,
    Option,
    OptionGrid,
    ReasonCode,
    Statement,
    Strength,
    Topic,
    stable_id,
)
from singula.methods.tumour.matching import Matched, NotOffered, Therapy, TherapyRule, match_therapies
from singula.methods.tumour.sample import PATHOGENIC
from singula.methods.tumour.tables import TumourTables
from singula.record import Record

NAME, PROBLEM = "tumour", "tumour-therapy"
SENSITIVITY, TOGETHER = "sensitivity", "+"
FIRM = ("I-A", "I-B")
UNTYPED = "type not stated"
EARLY, ADVANCED = "early", "advanced"
ADVANCED_WORDS = ("metastatic", "advanced", "unresectable", "recurrence", "progressed", "progression")
EARLY_WORDS = ("adjuvant", "early", "after resection")
NODE_POSITIVE, NODES = "node-positive", "positive_nodes"


class Board:
    """What a tumour board needs of one specimen.

    Parameters
    ----------
    record : Record
        The person.
    specimen : Specimen
        The sample.
    tables : TumourTables
        The therapy table.
    """

    def __init__(self, record: Record, specimen: Specimen, tables: TumourTables) -> None:
        self.record, self.specimen, self.tables = record, specimen, tables
        self.sample = specimen.sample
        self.matched: Matched = match_therapies(self.sample, tables.rules, tables.definitions, tables.tree)
        self.tumour = (
            tables.tree.names.get(self.sample.tumour_type, self.sample.tumour_type) if specimen.type_is_known else UNTYPED
        )

    def speak(self) -> Iterator[Statement]:
        """Yield the profile, labelled therapies, those closed, the grid, and what the germline should be asked."""
        labelled = [one for one in self.matched.therapies if _opens(one) and one.same_tumour and one.tier in FIRM]
        yield self._profile(labelled)
        overruled = {row for one in self.matched.conflicts for row in one.overruled}
        fitting = [one for one in labelled if self._fits(one) and one.rule.id not in overruled]
        if fitting:
            yield self._choose(fitting)
        for one in self.matched.therapies:
            if not _opens(one):
                yield self._closed(one)
        yield from (self._weighed(one) for one in self.matched.considered)
        if self.matched.therapies:
            yield self._grid()
        yield from self._germline()

    def _profile(self, labelled: Sequence[Therapy]) -> Finding:
        opened = ", ".join(dict.fromkeys(_display(one) for one in labelled)) or "no labelled therapy is opened"
        carried = [one for one in self.matched.therapies if _opens(one) and not one.same_tumour]
        return Finding(
            id=stable_id(NAME, "profile", *self.specimen.inputs),
            assessor=NAME,
            topic=Topic(
                type="biomarker", name=f"tumour-profile-{self.sample.tumour_type}", display=f"Tumour profile, {self.tumour}"
            ),
            effect=Effect.INFORM,
            strength=Strength.MODERATE,
            certainty=Certainty.MODERATE,
            summary=_short(f"{self.tumour}: {opened}"),
            detail="\n".join(self._lines(carried)),
            patient_text="Your tumour was tested for changes. Ask your cancer team what they mean for your treatment.",
            evidence=(self._evidence_of_pack(),),
            inputs=self.specimen.inputs,
            missing=tuple(self._missing()),
            labels=self._labels(),
            urgency=1,
        )

    def _lines(self, carried: Sequence[Therapy]) -> Iterator[str]:
        found = [f"{one.gene} {one.text}" + (f" ({one.vaf:.0%})" if one.vaf is not None else "") for one in self.sample.variants]
        found += ["::".join(part or "?" for part in (one.five_prime, one.three_prime)) for one in self.sample.fusions]
        found += [f"{one.gene} {one.event}" for one in (*self.sample.copy_number, *self.sample.structural)]
        yield f"Found: {', '.join(dict.fromkeys(found)) or 'nothing'}."
        if self.sample.biomarkers:
            yield f"Markers: {', '.join(f'{name} {value}' for name, value in sorted(self.sample.biomarkers.items()))}."
        changed = {one.gene for one in self.sample.variants}
        negative = sorted(self.sample.tested_genes - changed)
        if negative:
            yield f"Tested without a finding: {', '.join(negative)}."
        if carried:
            yield f"Labelled for another tumour (off label here): {', '.join(dict.fromkeys(_display(one) for one in carried))}."
        for conflict in self.matched.conflicts:
            yield f"Sources disagree on {', '.join(conflict.rows)}: {conflict.rule}."
        for one in self.sample.variants:
            if "reference_mismatch" in one.flags:
                yield f"{one.gene} {one.text}: the residue is not that of the transcript in use; it is not matched."

    def _missing(self) -> Iterator[Missing]:
        if not self.specimen.type_is_known:
            yield Missing(
                what="tumour type", would_change="which therapies are labelled", because="no file and no condition states it"
            )
        for words in self.matched.missing:
            what, _, change = words.partition(": ")
            yield Missing(what=what, would_change=change or "which therapies are open", because="not tested")
        if not self.sample.tested_genes:
            yield Missing(
                what="the genes the panel covers",
                would_change="whether what was not found is truly absent",
                because="not stated by the laboratory",
            )

    def _fits(self, one: Therapy) -> bool:
        """Tell whether line and extent of the disease speak for or at least not against a therapy."""
        extent = self.sample.pathology.get("extent")
        words = one.rule.setting.lower()
        against = {EARLY: ADVANCED_WORDS, ADVANCED: EARLY_WORDS}.get(str(extent), ())
        if NODE_POSITIVE in words and self.sample.pathology.get(NODES) == 0:
            return False
        return one.setting_met is not False and not any(word in words for word in against)

    def _choose(self, fitting: Sequence[Therapy]) -> Finding:
        """Put the labelled therapies as choices of one action; the planner judges each for this person and ranks them."""
        ordered = sorted(fitting, key=lambda one: (one.setting_met is not True, FIRM.index(one.tier), len(one.rule.medicines)))
        choices = {_name(one): one for one in reversed(ordered)}
        named = [_name(one) for one in ordered if choices[_name(one)] is one]
        first = choices[named[0]]
        return Finding(
            id=stable_id(NAME, "choose", *self.specimen.inputs),
            assessor=NAME,
            topic=Topic(type="condition", name=f"treat-{self.sample.tumour_type}", display=self.tumour),
            effect=Effect.TREAT,
            strength=Strength.STRONG if first.tier == FIRM[0] else Strength.MODERATE,
            certainty=Certainty.HIGH if first.rule.review == "checked" else Certainty.MODERATE,
            summary=_short(f"{self.tumour}: {len(named)} labelled {'therapies fit' if len(named) > 1 else 'therapy fits'}"),
            detail="\n".join(f"{_display(choices[name])}: {self._why(choices[name])}." for name in named),
            patient_text="Your tumour has a mark that some medicines act on. Ask your cancer team about them.",
            evidence=tuple(dict.fromkeys(self._evidence(choices[name]) for name in named)),
            alternatives=tuple(
                Alternative(name=name, display=_display(choices[name]), reason=self._why(choices[name])) for name in named
            ),
            inputs=self.specimen.inputs,
            labels=self._labels(),
            urgency=1,
        )

    @staticmethod
    def _why(one: Therapy) -> str:
        setting = f"; {one.rule.setting}" if one.rule.setting else ""
        unknown = "" if one.setting_met or not one.rule.setting else " (whether this fits is not stated)"
        return f"tier {one.tier}{setting}{unknown}"

    def _closed(self, one: Therapy) -> Statement:
        words = "resistance is known" if one.rule.direction == "resistance" else "no benefit is known"
        in_use = {medicine.name for medicine in self.record.medicines()}
        if set(one.rule.medicines) & in_use and len(one.rule.medicines) == 1:
            return Finding(
                id=stable_id(NAME, one.rule.id, *self.specimen.inputs),
                assessor=NAME,
                topic=Topic(type="medicine", name=one.rule.medicines[0], display=_display(one)),
                effect=Effect.AVOID,
                strength=Strength.STRONG if one.tier in FIRM else Strength.MODERATE,
                certainty=Certainty.HIGH if one.rule.review == "checked" else Certainty.MODERATE,
                summary=_short(f"{_display(one)}: {words} with {one.rule.expression}"),
                detail=one.reason,
                patient_text=f"Your tumour has a mark that makes {_display(one)} unlikely to help.",
                evidence=(self._evidence(one),),
                inputs=self.specimen.inputs,
                labels=self._labels(),
                urgency=1,
            )
        return self._considered(one.rule.id, one.rule.medicines, f"{words}: {one.reason}", self._evidence(one))

    def _weighed(self, one: NotOffered) -> Considered:
        evidence = _evidence(one.rule, one.rule.tier)
        return self._considered(one.rule.id, one.rule.medicines, one.why, evidence)

    def _considered(self, row: str, medicines: Sequence[str], reason: str, evidence: Evidence) -> Considered:
        shown = " + ".join(one.capitalize() for one in medicines)
        return Considered(
            id=stable_id(NAME, row, *self.specimen.inputs),
            assessor=NAME,
            kind="start",
            topic=Topic(type="medicine", name=TOGETHER.join(medicines), display=shown),
            summary=_short(f"{shown}: {reason}"),
            reason=reason,
            reason_code=ReasonCode.CONTRAINDICATED,
            evidence=(evidence,),
            inputs=self.specimen.inputs,
            labels=self._labels(),
        )

    def _grid(self) -> OptionGrid:
        ranked = [one for one in self.matched.therapies if _opens(one)]
        closed = [one for one in self.matched.therapies if not _opens(one)]
        return OptionGrid(
            id=stable_id(NAME, PROBLEM, *self.specimen.inputs),
            assessor=NAME,
            problem=PROBLEM,
            display=f"Therapies by tier, {self.tumour}",
            ranked=tuple(
                Option(
                    option=one.rule.id,
                    display=_display(one),
                    kind="treat",
                    why=f"{self._why(one)}{'' if one.same_tumour else ', off label here'}: {one.reason}",
                    evidence=(self._evidence(one),),
                )
                for one in ranked
            ),
            excluded=tuple(
                Excluded(
                    option=one.rule.id, display=_display(one), reason=f"{one.rule.direction.replace('_', ' ')}: {one.reason}"
                )
                for one in closed
            ),
            inputs=self.specimen.inputs,
            labels=self._labels(),
        )

    def _germline(self) -> Iterator[Finding]:
        for gene in sorted({one.gene for one in self.sample.variants if self._asks_germline(one.gene)}):
            yield Finding(
                id=stable_id(NAME, "germline", gene, *self.specimen.inputs),
                assessor=NAME,
                topic=Topic(type="gene", name=f"germline-{gene}", display=f"{gene}: is it inherited?"),
                effect=Effect.REFER,
                strength=Strength.MODERATE,
                certainty=Certainty.MODERATE,
                summary=_short(f"{gene} pathogenic in the tumour at a share that may be inherited: offer germline testing"),
                patient_text=f"The change in {gene} may run in your family. A blood test can tell.",
                evidence=(self._evidence_of_pack(),),
                inputs=self.specimen.inputs,
                labels=self._labels(),
                urgency=2,
            )

    def _asks_germline(self, gene: str) -> bool:
        if gene not in self.tables.roles["germline-follow-up"]:
            return False
        return any(
            one.gene == gene
            and one.origin != "germline"
            and one.classification in PATHOGENIC
            and (one.vaf or 0) >= self.tables.limits["germline_vaf"]
            for one in self.sample.variants
        )

    def _labels(self) -> tuple[str, ...]:
        facts = self.record.fact_index
        return tuple(sorted({label for one in self.specimen.inputs if one in facts for label in facts[one].labels}))

    def _evidence(self, one: Therapy) -> Evidence:
        return _evidence(one.rule, one.tier)

    def _evidence_of_pack(self) -> Evidence:
        pack = self.tables.pack
        title = str(pack.manifest["title"])
        return Evidence(source="Therapy table", citation=title, pack=pack.name, pack_version=pack.version, review="unchecked")


def _evidence(rule: TherapyRule, level: str | None) -> Evidence:
    return Evidence(
        source=rule.source,
        level=level,
        citation=rule.citation,
        pack=rule.pack,
        pack_version=rule.version,
        review="checked" if rule.review == "checked" else "unchecked",
    )


def _opens(one: Therapy) -> bool:
    return one.rule.direction == SENSITIVITY


def _direction(one: Therapy) -> str:
    return one.rule.direction.replace("_", " ")


def _name(one: Therapy) -> str:
    return TOGETHER.join(one.rule.medicines)


def _display(one: Therapy) -> str:
    return " + ".join(medicine.capitalize() for medicine in one.rule.medicines)


def _short(text: str) -> str:
    return text if len(text) <= SUMMARY_LIMIT else f"{text[: SUMMARY_LIMIT - 1]}…"
