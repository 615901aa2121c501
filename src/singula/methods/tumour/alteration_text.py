"""Reads an alteration of any kind: protein changes, exon events, fusions, copy numbers, categories, markers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from singula.methods.tumour.alteration import ANY, DELETION, INSERTION, SKIPPING, TRUNCATION, UNPARSED, Alteration
from singula.methods.tumour.protein_text import read_protein

LONGEST = 500
CATEGORIES = {
    "oncogenic mutations": None, "truncating mutations": TRUNCATION, "gain-of-function mutations": None,
    "loss-of-function mutations": None, "switch-of-function mutations": None, "likely oncogenic mutations": None,
    "activating mutations": None, "inactivating mutations": None, "mutations": ANY, "wild type": None,
}  # fmt: skip
CATEGORY_SPELLINGS = {"wildtype": "wild type", "wild-type": "wild type", "wt": "wild type", "any mutation": "mutations"}
COPY_NUMBERS = {
    "amp": "amplification", "amplification": "amplification", "amplified": "amplification", "gain": "gain",
    "copy number gain": "gain", "deletion": "deletion", "deep deletion": "deletion", "homozygous deletion": "deletion",
    "homdel": "deletion", "loss": "loss", "copy number loss": "loss", "shallow deletion": "loss",
}  # fmt: skip
STRUCTURAL = {
    "itd": "itd", "internal tandem duplication": "itd", "kdd": "kinase_domain_duplication",
    "kinase domain duplication": "kinase_domain_duplication", "viii": "viii", "vii": "vii", "viv": "viv", "v7": "v7",
}  # fmt: skip
MARKERS = {
    "msi-h": ("msi", "high"), "msi-high": ("msi", "high"), "mss": ("msi", "stable"), "msi-l": ("msi", "low"),
    "msi-low": ("msi", "low"), "tmb-h": ("tmb", "high"),
    "tmb-high": ("tmb", "high"), "tmb-l": ("tmb", "low"),
    "tmb-low": ("tmb", "low"), "dmmr": ("mmr", "deficient"), "pmmr": ("mmr", "proficient"),
    "mmr-d": ("mmr", "deficient"), "mmr-p": ("mmr", "proficient"), "hrd": ("hrd", "positive"),
    "hrd-positive": ("hrd", "positive"),
}  # fmt: skip
VARIANT_FORM = re.compile(r"^(?P<gene>[A-Z][A-Z0-9]+)(?P<event>v(?:I{1,3}|IV))$")
EXON = re.compile(
    r"^(?:(?P<gene>[A-Z][A-Z0-9]+)\s+)?ex(?:on)?\.?\s*(?P<number>\d{1,3})[\s_-]*(?P<event>[a-zA-Z ]+)$", re.IGNORECASE
)
EXON_EVENTS = {
    "deletion": DELETION, "deletions": DELETION, "del": DELETION, "insertion": INSERTION, "insertions": INSERTION,
    "ins": INSERTION, "skipping": SKIPPING, "skip": SKIPPING, "mutation": ANY, "mutations": ANY, "mut": ANY,
    "inframe deletion": DELETION, "inframe insertion": INSERTION, "skipping mutation": SKIPPING, "skipping mutations": SKIPPING,
}  # fmt: skip
EXCLUDING = re.compile(r"^(?P<lead>[^{]+?)\s*\{\s*excluding\s+(?P<those>[^}]*)\}$", re.IGNORECASE)
FUSION_WORD = re.compile(r"[\s-]+(?:fusions?|rearrangements?|translocations?)$", re.IGNORECASE)
GENE = re.compile(r"^[A-Z][A-Z0-9orf]*(?:-[A-Z0-9]+)?$")
HYPHENATED = re.compile(r"^(?:HLA-[A-Z0-9]+|NKX\d-\d+|H[1-4]-\d+[A-Z]?|MT-[A-Z0-9]+|KRTAP\d+-\d+|ERVK-\d+|TRAPPC\d+-\d+)$")
ONE_LETTER_LIST = re.compile(r"^(?P<lead>.*\d)(?P<alts>[A-Z*](?:/[A-Z*])+)$")

Exons = Mapping[tuple[str, int], tuple[int, int]]


def read_alteration(text: str, gene: str | None = None, exons: Exons | None = None) -> Alteration:
    """Read an alteration of any kind.

    Parameters
    ----------
    text : str
        As a laboratory or a knowledge base writes it.
    gene : str, optional
        The gene it is about.
    exons : mapping, optional
        First and last codon by gene and exon.

    Returns
    -------
    Alteration
        ``unparsed`` where the text says nothing that can be compared; never an exception.
    """
    bare = text.strip()
    if not bare or len(bare) > LONGEST or not bare.isascii() or not bare.isprintable():
        return UNPARSED
    readers: tuple[Callable[[str, str | None, Exons], Alteration | None], ...] = (
        _category, _marker, _copy_number, _structural, _exon, _list, _protein, _fusion,
    )  # fmt: skip
    for reader in readers:
        found = reader(bare, gene, exons or {})
        if found is not None:
            return found
    return UNPARSED


def _category(text: str, gene: str | None, exons: Exons) -> Alteration | None:
    match = EXCLUDING.match(text)
    lead = (match["lead"] if match else text).lower()
    lead = CATEGORY_SPELLINGS.get(lead, lead)
    if lead not in CATEGORIES:
        return None
    those = re.split(r"\s*[;,]\s*", match["those"].strip()) if match else []
    excluding = tuple(one for one in those if one)
    category = lead.replace(" ", "_").replace("-", "_")
    return Alteration("category", CATEGORIES[lead], category=category, excluding=excluding)


def _marker(text: str, gene: str | None, exons: Exons) -> Alteration | None:
    found = MARKERS.get(text.lower().replace(" ", "-"))
    return Alteration("biomarker", biomarker=found[0], value=found[1]) if found else None


def _copy_number(text: str, gene: str | None, exons: Exons) -> Alteration | None:
    call = COPY_NUMBERS.get(_without_gene(text, gene).lower())
    return Alteration("copy_number", copy_number=call, gene=gene) if call else None


def _structural(text: str, gene: str | None, exons: Exons) -> Alteration | None:
    event = STRUCTURAL.get(_without_gene(text, gene).lower())
    form = VARIANT_FORM.match(text)
    if form:
        return Alteration("structural", structural=form["event"].lower(), gene=gene or form["gene"])
    if event is None and "-" in text:
        lead, _, last = text.rpartition("-")
        event = STRUCTURAL.get(last.lower()) if GENE.match(lead) else None
        gene = gene or lead
    return Alteration("structural", structural=event, gene=gene) if event else None


def _without_gene(text: str, gene: str | None) -> str:
    if gene and text.upper().startswith(gene.upper()):
        rest = text[len(gene) :].lstrip(" -:")
        return rest or text
    return text


def _exon(text: str, gene: str | None, exons: Exons) -> Alteration | None:
    match = EXON.match(_without_gene(text, gene))
    event = EXON_EVENTS.get(" ".join(match["event"].lower().split())) if match else None
    if match is None or event is None:
        return None
    number, gene = int(match["number"]), gene or match["gene"]
    first, last = exons.get((gene or "", number), (None, None))
    return Alteration("exon", event, first, last, exon=number, gene=gene)


def _list(text: str, gene: str | None, exons: Exons) -> Alteration | None:
    if "/" not in text:
        return None
    match = ONE_LETTER_LIST.match(text.removeprefix("p."))
    parts = [f"{match['lead']}{alt}" for alt in match["alts"].split("/")] if match else text.split("/")
    members = [part.strip().removeprefix("p.") for part in parts]
    if any(read_protein(member).kind == "unparsed" for member in members):
        return UNPARSED
    return Alteration("list", members=tuple(members), gene=gene)


def _protein(text: str, gene: str | None, exons: Exons) -> Alteration | None:
    found = read_protein(text)
    if found.kind == "unparsed" and gene and text.upper().startswith(f"{gene.upper()} "):
        found = read_protein(text[len(gene) :].strip())
    return None if found.kind == "unparsed" else found


def _fusion(text: str, gene: str | None, exons: Exons) -> Alteration | None:
    bare = FUSION_WORD.sub("", text)
    named = bare != text
    if text.lower() in ("fusion", "fusions", "rearrangement"):
        return Alteration("fusion", gene=gene)
    if bare.lower().endswith("intragenic"):
        one = bare[: -len("intragenic")].rstrip(" -:")
        return Alteration("fusion", five_prime=one, three_prime=one, gene=gene) if GENE.match(one) else None
    partners = split_partners(bare)
    if partners:
        return Alteration("fusion", five_prime=partners[0], three_prime=partners[1], gene=gene)
    if named and (GENE.match(bare) or HYPHENATED.match(bare)):
        return Alteration("fusion", gene=gene or bare)
    return None


def split_partners(text: str) -> tuple[str, str] | None:
    """Split ``EML4::ALK``, ``EML4--ALK`` or ``EML4-ALK`` into its partners; gene names that carry a hyphen stay whole."""
    for sign in ("::", "--"):
        if sign in text:
            one, _, other = text.partition(sign)
            return (one, other) if _is_gene(one) and _is_gene(other) else None
    pieces = text.split("-")
    splits = [("-".join(pieces[:at]), "-".join(pieces[at:])) for at in range(1, len(pieces))]
    fitting = [(one, other) for one, other in splits if _is_gene(one) and _is_gene(other)]
    known = [pair for pair in fitting if any(HYPHENATED.match(one) for one in pair)]
    return next(iter(known or fitting), None)


def _is_gene(text: str) -> bool:
    return bool(GENE.match(text) if "-" not in text else HYPHENATED.match(text)) and not text.isdigit()


def check_reference(alteration: Alteration, residues: Mapping[int, str]) -> str:
    """Compare the residues a text states with those of the transcript.

    Parameters
    ----------
    alteration : Alteration
        A protein change, range or position.
    residues : mapping
        Known residues of the gene by codon.

    Returns
    -------
    str
        ``mismatch`` if one differs, ``match`` if one agrees, else ``unknown``.
    """
    stated: list[tuple[int, str]] = []
    if alteration.is_protein and alteration.start is not None and alteration.end is not None:
        letters = alteration.ref or (alteration.normalised or "p.")[2:3]
        if letters.isalpha():
            stated.extend((alteration.start + offset, letter) for offset, letter in enumerate(letters))
        if alteration.last_ref:
            stated.append((alteration.end, alteration.last_ref))
    known = [residues[codon] == letter for codon, letter in stated if codon in residues]
    return "unknown" if not known else "match" if all(known) else "mismatch"


def expand_list(alteration: Alteration) -> tuple[Alteration, ...]:
    """Return the members of a slash list, or the alteration itself."""
    if alteration.kind != "list":
        return (alteration,)
    return tuple(replace(read_protein(member), gene=alteration.gene) for member in alteration.members)
