"""What is known about one person: immutable facts with unit, time, provenance, quality and security label."""

from singula.record.coding import Coding, Concept
from singula.record.facts import (
    Allergy,
    Biomarker,
    Condition,
    Fact,
    FamilyCondition,
    GeneCall,
    GenePhenotype,
    Genotype,
    Immunisation,
    Kind,
    Medicine,
    Observation,
    Procedure,
    Source,
    Status,
    TumourChange,
    TumourSpecimen,
    Variant,
)
from singula.record.genome import GeneCoverage, GenomeAssay, Site, SiteStatus
from singula.record.history import EarlierAction, EarlierPlan, Outcome, Relative
from singula.record.person import Ancestry, Goal, Identifier, Person, Preference
from singula.record.quantity import Quantity
from singula.record.record import Problem, Record
from singula.record.unknown import Unknown
from singula.record.when import When

__all__ = [
    "Allergy",
    "Ancestry",
    "Biomarker",
    "Coding",
    "Concept",
    "Condition",
    "EarlierAction",
    "EarlierPlan",
    "Fact",
    "FamilyCondition",
    "GeneCall",
    "GeneCoverage",
    "GenePhenotype",
    "GenomeAssay",
    "Genotype",
    "Goal",
    "Identifier",
    "Immunisation",
    "Kind",
    "Medicine",
    "Observation",
    "Outcome",
    "Person",
    "Preference",
    "Problem",
    "Procedure",
    "Quantity",
    "Record",
    "Relative",
    "Site",
    "SiteStatus",
    "Source",
    "Status",
    "TumourChange",
    "TumourSpecimen",
    "Unknown",
    "Variant",
    "When",
]
