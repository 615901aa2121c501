"""What other knowledge bases call an alteration, a profile or a disease, in the words of the therapy table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from singula.knowledge import Knowledge, load_knowledge
from singula.methods.tumour.alteration import ANY, DELETION, FRAMESHIFT, INSERTION, MISSENSE, SKIPPING, SPLICE, Alteration
from singula.methods.tumour.alteration_text import expand_list, read_alteration
from singula.methods.tumour.tables import TumourTables, load_tumour_tables

CODING = re.compile(r"\s*\(c\.[^()]*\)")
JOINS = re.compile(r"(\(|\)|\bAND\b|\bOR\b|\bNOT\b)")
CAPITALS = re.compile(r"(?<=\d)(?:DELINS|DEL|INS|DUP|FS)(?=[A-Z*\d]*$)|(?<=[A-Z])FS(?=\*?\d*$)")
PARTNERS = re.compile(r"^(?P<five>[A-Za-z0-9-]+)::(?P<three>[A-Za-z0-9-]+)(?:\s+(?:fusion|rearrangement))?$", re.IGNORECASE)
ANY_PARTNER = "v"
KIND_WORDS = {
    MISSENSE: "missense", INSERTION: "inframe_insertion", DELETION: "inframe_deletion", FRAMESHIFT: "frameshift",
    SPLICE: "splice", SKIPPING: "skipping", ANY: "any_mutation", "feature_truncation": "truncating",
}  # fmt: skip
CATEGORY_WORDS = {
    "mutations": "{gene}:oncogenic_mutation", "mutation": "{gene}:oncogenic_mutation",
    "oncogenic_mutations": "{gene}:oncogenic_mutation", "activating_mutations": "{gene}:oncogenic_mutation",
    "gain_of_function_mutations": "{gene}:oncogenic_mutation", "truncating_mutations": "{gene}:truncating",
    "loss_of_function_mutations": "{gene}:pathogenic", "inactivating_mutations": "{gene}:pathogenic",
    "wild_type": "WT({gene}:oncogenic_mutation)",
}  # fmt: skip
CATEGORY_SPELLINGS = {
    "mutation": "mutations", "oncogenic mutation": "oncogenic mutations", "activating mutation": "activating mutations",
    "truncating mutation": "truncating mutations", "loss-of-function": "loss-of-function mutations",
    "gain-of-function": "gain-of-function mutations", "inactivating mutation": "inactivating mutations",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class ProfileReader:
    """Reads profiles and diseases of other knowledge bases with the packaged names and exons."""

    tables: TumourTables
    words: dict[str, str]
    diseases: dict[str, tuple[str, ...]]

    def read_profile(self, text: str, origin: str = "") -> str | None:
        """Return the expression of a profile such as ``EGFR L858R AND NOT EGFR T790M``; None where a part cannot be matched.

        Parameters
        ----------
        text : str
            Gene and alteration, joined with AND, OR, NOT and brackets.
        origin : str, optional
            ``germline`` where the change has to be inherited.
        """
        whole = CODING.sub("", text).strip()
        if self._known(whole) is None and JOINS.search(whole):
            parts = [one.strip() for one in JOINS.split(whole) if one.strip()]
            read = [one if JOINS.fullmatch(one) else self._read_part(one, origin) for one in parts]
            return None if None in read else " ".join(str(one) for one in read)
        return self._read_part(whole, origin)

    def read_alteration(self, gene: str, text: str, origin: str = "") -> str | None:
        """Return the expression of one alteration of a gene; None where it is in no form that can be matched."""
        known = self._known(f"{gene} {text}") or self._known(text)
        if known:
            return known
        partners = PARTNERS.match(text)
        if partners:
            return _write_fusion(partners["five"], partners["three"])
        spelled = CAPITALS.sub(lambda match: match[0].lower(), text)
        spelled = CATEGORY_SPELLINGS.get(spelled.lower(), spelled)
        found = read_alteration(spelled, gene, self.tables.definitions.exons)
        atoms = [_write(gene, one) for one in expand_list(found)]
        if None in atoms:
            return None
        marked = [f"{one}@{origin}" if origin and one and not one.startswith("WT(") and "=" not in one else one for one in atoms]
        return str(marked[0]) if len(marked) == 1 else f"({' OR '.join(str(one) for one in marked)})"

    def read_disease(self, *names: str) -> tuple[str, ...]:
        """Return the OncoTree codes of a disease by code or by name; empty where none is known."""
        for name in names:
            if name in self.tables.tree.names:
                return (name,)
            found = self.diseases.get(" ".join(name.lower().split()))
            if found:
                return found
        return ()

    def _read_part(self, text: str, origin: str) -> str | None:
        known = self._known(text)
        if known:
            return known
        partners = PARTNERS.match(text)
        if partners:
            return _write_fusion(partners["five"], partners["three"])
        gene, _, rest = text.partition(" ")
        return self.read_alteration(gene, rest.strip(), origin) if rest else None

    def _known(self, text: str) -> str | None:
        found = self.words.get(text.upper())
        return found if found is None or " OR " not in found else f"({found})"


def load_profile_reader(knowledge: Knowledge | None = None) -> ProfileReader:
    """Load the names of alterations and diseases from pack ``tumour``."""
    tables = load_tumour_tables(knowledge or load_knowledge())
    by_name = {name.lower(): (code,) for code, name in tables.tree.names.items()}
    named = {str(row.name): tuple(row.oncotree) for row in tables.pack.table("disease_names")}
    words = {str(row.words): str(row.expression) for row in tables.pack.table("alteration_words")}
    return ProfileReader(tables, words, {**by_name, **named})


def _write_fusion(five: str, three: str) -> str | None:
    if five.lower() == ANY_PARTNER:
        return None if three.lower() == ANY_PARTNER else f"{three.upper()}:fusion"
    if three.lower() == ANY_PARTNER:
        return f"{five.upper()}:fusion"
    return None if five == three else f"{five.upper()}::{three.upper()}"


def _write(gene: str, one: Alteration) -> str | None:
    writer: Callable[[str, Alteration], str | None] | None = WRITERS.get(one.kind)
    return None if writer is None or one.excluding else writer(gene, one)


def _write_change(gene: str, one: Alteration) -> str | None:
    if one.consequence in (MISSENSE, INSERTION, DELETION, "stop_gained") and one.normalised:
        return f"{gene}:{one.normalised.removeprefix('p.')}"
    return _write_range(gene, one) if one.consequence in (FRAMESHIFT, SPLICE) else None


def _write_range(gene: str, one: Alteration) -> str | None:
    kind = KIND_WORDS.get(str(one.consequence))
    return f"{gene}:range({one.start}-{one.end}):{kind}" if kind and one.start else None


def _write_exon(gene: str, one: Alteration) -> str | None:
    kind = KIND_WORDS.get(str(one.consequence))
    return f"{gene}:exon({one.exon}):{kind}" if kind else None


def _write_joined(gene: str, one: Alteration) -> str | None:
    return _write_fusion(one.five_prime, one.three_prime) if one.five_prime and one.three_prime else f"{one.gene or gene}:fusion"


def _write_category(gene: str, one: Alteration) -> str | None:
    form = CATEGORY_WORDS.get(str(one.category))
    return form.format(gene=gene) if form else None


WRITERS: dict[str, Callable[[str, Alteration], str | None]] = {
    "protein_change": _write_change,
    "protein_range": _write_range,
    "position": lambda gene, one: f"{gene}:codon({one.start})",
    "exon": _write_exon,
    "fusion": _write_joined,
    "copy_number": lambda gene, one: f"{gene}:{one.copy_number}",
    "structural": lambda gene, one: f"{gene}:{one.structural}",
    "category": _write_category,
    "biomarker": lambda gene, one: f"{one.biomarker}={one.value}" if one.biomarker != "tmb" else None,
}
"""How each kind of alteration is written as an atom."""
