"""Hand-written synthetic plans and records: every effect, long and hostile texts, nothing at all, right-to-left."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from singula.finding import (
    Benefit,
    Certainty,
    DoseChange,
    Due,
    Evidence,
    Excluded,
    Missing,
    Option,
    OptionGrid,
    Population,
    ReasonCode,
    Strength,
)
from singula.plan.model import (
    Action,
    Conflict,
    NotAdvised,
    Plan,
    PlanPerson,
    QualityNote,
    RankedAlternative,
    Target,
    UsedFact,
    UsedPack,
)
from singula.record import Coding, Concept, Genotype, Medicine, Observation, Person, Quantity, Record, When
from singula.record.facts import Allergy, Condition, Variant
from singula.record.person import Identifier

DAY = date(2026, 11, 26)
CPIC = Evidence(
    source="CPIC", level="A", citation="CPIC guideline for clopidogrel and CYP2C19, 2022", pack="pgx", pack_version="2026.11",
    review="checked", year=2022,
)  # fmt: skip
HOUSE = Evidence(source="USPSTF", level="B", citation="Colorectal cancer screening, 2021", pack="screening",
                 pack_version="2026.11", review="unchecked")  # fmt: skip
BENEFIT = Benefit(
    outcome="heart attack or stroke", method="prevent-2023", horizon_years=10, risk_percent=16.0, relative_risk=0.75,
    risk_percent_with=12.0, arr_percent=4.0, nnt=25, effect_source="CTT 2010", harms=("muscle ache in some people",),
)  # fmt: skip


def record() -> Record:
    """A synthetic woman with a stent, clopidogrel, omeprazole, and genes tested."""
    facts = (
        Medicine(id="m1", name="clopidogrel", ingredients=("clopidogrel",), dose=Quantity(number=75, unit="mg"), doses_per_day=1,
                 concept=Concept(codings=(Coding(system="http://www.nlm.nih.gov/research/umls/rxnorm", code="32968",
                                                 display="clopidogrel"),))),
        Genotype(id="g1", name="cyp2c19", gene="CYP2C19", diplotype="*2/*2", phenotype="Poor Metabolizer",
                 when=When(text="2026-02-01")),
        Genotype(id="g2", gene="SLCO1B1", diplotype="*1/*1", phenotype="Normal Function"),
        Genotype(id="g3", gene="CYP2D6", call_status="not-called"),
        Variant(id="v1", gene="BRCA2", hgvs_c="NM_000059.4:c.5946del", chromosome="chr13", assembly="GRCh38",
                zygosity="heterozygous", source_class="germline", significance="Pathogenic", ref="GT", alt="G"),
        Observation(id="o1", name="creatinine", value=Quantity(number=1.1, unit="mg/dL"), when=When(text="2026-10-02"),
                    concept=Concept(codings=(Coding(system="http://loinc.org", code="2160-0", display="Creatinine"),))),
        Condition(id="c1", name="coronary-stent", concept=Concept(text="Coronary stent")),
        Allergy(id="a1", name="penicillin", concept=Concept(text="Penicillin")),
    )  # fmt: skip
    person = Person(id="synthetic-1", name="Anna Example", sex_at_birth="female", birth_date=When(text="1961-04-12"),
                    identifiers=(Identifier(system="urn:synthetic", value="1"),))  # fmt: skip
    return Record(person=person, as_of=DAY, facts=facts)


def action(kind: str, target: Target, summary: str, **rest: Any) -> Action:
    """One action with everything that need not be said each time."""
    settings: dict[str, Any] = {
        "id": f"{kind}-{target.name}", "kind": kind, "target": target, "summary": summary, "strength": Strength.STRONG,
        "certainty": Certainty.HIGH, "urgency": 2, "evidence": (CPIC,), "findings": (f"f-{kind}-{target.name}",),
        "patient_text": "Ask your doctor about this at your next visit.",
    }  # fmt: skip
    return Action(**(settings | rest))


def medicine(name: str) -> Target:
    return Target(type="medicine", name=name, display=name.capitalize())


def full_plan() -> Plan:
    """A plan with every kind of action and every section filled."""
    due = Due(date=date(2026, 3, 1), status="overdue", interval_months=120, until_age_years=75)
    colon = Target(type="service", name="colonoscopy", display="Colonoscopy (colorectal cancer screening)")
    actions = (
        action(
            "switch", medicine("clopidogrel"), "Replace clopidogrel: CYP2C19 poor metaboliser, it is not activated", urgency=0,
            detail="Two loss-of-function alleles.\nA stent needs reliable platelet inhibition.", inputs=("m1", "g1", "c1"),
            strength=Strength.CONTRAINDICATED, labels=("genetics",),
            patient_text="Your body does not turn clopidogrel into its working form. Ask your doctor about another medicine.",
            alternatives=(
                RankedAlternative(name="ticagrelor", display="Ticagrelor", rank=1, reason="no finding against it"),
                RankedAlternative(name="prasugrel", display="Prasugrel", rank=None, reason="earlier stroke"),
            ),
            applies_to=(Population(shown_in="adults with acute coronary syndrome", fits="partly", note="Stable disease"),),
        ),
        action("change-dose", medicine("omeprazole"), "Halve omeprazole", dose=DoseChange(pathway="CYP2C19", percent_low=-50,
               percent_high=-25, max_mg_per_day=20), inputs=("g1",), urgency=1),
        action("start", medicine("rosuvastatin"), "Start rosuvastatin", benefit=BENEFIT, inputs=("g2", "o1"), urgency=1,
               certainty=Certainty.MODERATE),
        action("stop", medicine("ibuprofen"), "Stop ibuprofen: it raises blood pressure"),
        action("avoid", medicine("codeine"), "Avoid codeine"),
        action("screen", colon, "Colonoscopy is overdue", due=due, evidence=(HOUSE,)),
        action("test", Target(type="gene", name="cyp2d6", display="CYP2D6 genotype"), "Test CYP2D6", strength=Strength.WEAK,
               certainty=Certainty.VERY_LOW, missing=(Missing(what="CYP2D6 genotype", would_change="codeine advice"),)),
        action("refer", Target(type="service", name="genetic-counselling", display="Genetic counselling"), "Refer",
               inputs=("v1",)),
        action("counsel", Target(type="behaviour", name="tobacco", display="Tobacco"), "Offer help to stop smoking"),
        action("treat", Target(type="condition", name="hypertension", display="High blood pressure"), "Treat to target",
               option="dash-diet"),
        action("monitor", medicine("warfarin"), "Check INR weekly", due=Due(date=DAY, interval_months=1)),
        action("inform", Target(type="gene", name="slco1b1", display="SLCO1B1"), "SLCO1B1 is normal", urgency=3),
    )  # fmt: skip
    grid = OptionGrid(
        id="grid-1", assessor="lifestyle", problem="hypertension", display="High blood pressure",
        ranked=(
            Option(option="dash-diet", display="DASH diet", kind="counsel", why="diet score is low", expected_sbp_mmhg=-6.7,
                   adherence_probability=0.4, burden=2.0, burden_words="cooking daily", score=1.3, numbers=BENEFIT,
                   evidence=(HOUSE,)),
            Option(option="sodium", display="Less salt", kind="counsel", why="sodium 170 mmol/d"),
        ),
        excluded=(Excluded(option="potassium", display="Potassium salt", reason="potassium is 5.1 mmol/L"),),
        combined={"naive_sum_sbp_mmhg": -12.0, "expected_sbp_mmhg": -9.0}, inputs=("o1",),
    )  # fmt: skip
    considered = NotAdvised(
        kind="start", target=medicine("aspirin"), summary="Aspirin for primary prevention", reason="bleeding outweighs benefit",
        reason_code=ReasonCode.HARM_OUTWEIGHS_BENEFIT, evidence=(HOUSE,), next_due=date(2027, 1, 2), inputs=("o1",),
    )  # fmt: skip
    conflict = Conflict(target=medicine("clopidogrel"), kind="direction", rule="contraindication > preference",
                        winner="Replace clopidogrel", losers=("Prefer clopidogrel for cost",))  # fmt: skip
    facts = tuple(
        UsedFact(id=fact.id, kind=fact.kind.value, display=fact.display or fact.id, value="1.1 mg/dL", when="2026-10-02",
                 source="record.json Observation/1")
        for fact in record().facts
    )  # fmt: skip
    return Plan(
        person=PlanPerson(id="synthetic-1", name="Anna Example", sex="female", birth_date="1961-04-12", age_years=65,
                          synthetic=True),
        as_of=DAY, singula_version="0.1.0", actions=actions, options=(grid,), considered=(considered,), conflicts=(conflict,),
        missing=(Missing(what="CYP2D6 genotype", would_change="codeine and metoprolol advice", because="not tested"),),
        quality=(QualityNote(severity="warning", where="labs.csv:4", message="creatinine 80 mg/dL is not plausible"),),
        facts=facts, knowledge=(UsedPack(pack="pgx", version="2026.11", date="2026-11-26", title="Genes and medicines"),),
    )  # fmt: skip


def empty_plan() -> Plan:
    """A plan with nothing in it."""
    return Plan(person=PlanPerson(id="nobody"), as_of=DAY, singula_version="0.1.0", actions=())


def empty_record() -> Record:
    """A record with nothing in it."""
    return Record(person=Person(id="nobody"), as_of=DAY)


KEPT = {"id", "kind", "type", "status", "fits", "review", "severity", "strength", "certainty", "reason_code", "cost_tier",
        "inputs", "schema_", "rank", "source_class", "zygosity", "assembly", "unit", "text_date"}  # fmt: skip


def with_text(plan: Plan, text: str) -> Plan:
    """The same plan with this text in every free string field."""
    return Plan.model_validate(_filled(plan.model_dump(by_alias=True), text))


def record_with_text(text: str) -> Record:
    """The synthetic record with this text in its names and words."""
    base = record()
    facts = tuple(
        fact.model_copy(update={"concept": Concept(text=text), **({"diplotype": text, "gene": text} if fact.id == "g1" else {})})
        for fact in base.facts
    )
    person = base.person.model_copy(update={"name": text, "identifiers": (Identifier(system="urn:x", value=text),)})
    return base.model_copy(update={"facts": facts, "person": person})


def _filled(value: Any, text: str, name: str = "") -> Any:
    if isinstance(value, BaseModel):
        return value
    if isinstance(value, dict):
        return {key: one if key in {*KEPT, "schema"} else _filled(one, text, key) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_filled(one, text, name) for one in value)
    if isinstance(value, str):
        return text[:140] if name == "summary" else text
    return value
