"""The packaged tables of the tumour topic, ready to match with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from singula.knowledge import Knowledge, Pack, Row
from singula.methods.tumour.alteration import Alteration
from singula.methods.tumour.alteration_text import check_reference, read_alteration
from singula.methods.tumour.evaluation import Definitions
from singula.methods.tumour.expression import read_expression
from singula.methods.tumour.matching import TherapyRule
from singula.methods.tumour.tumour_types import TumourTree

PACK = "tumour"
TREE_PACK = "oncotree"
RELEASES = ("civic", "moalmanac", "oncokb")
"""Packs of imported rows. They speak of the tumours they name; only rows of the packaged table are carried over to others."""


@dataclass(frozen=True, eq=False)
class TumourTables:
    """Rules, definitions, tumour types and gene roles of the packaged table, with the rules of imported releases."""

    rules: tuple[TherapyRule, ...]
    definitions: Definitions
    tree: TumourTree
    roles: Mapping[str, frozenset[str]]
    limits: Mapping[str, float]
    pack: Pack
    imported: tuple[Pack, ...] = ()

    @lru_cache(maxsize=65536)  # noqa: B019 (one object per pack lives as long as the process)
    def read(self, text: str, gene: str) -> tuple[Alteration, str]:
        """Read an alteration of a gene and compare its residues with the transcript's."""
        alteration = read_alteration(text, gene, self.definitions.exons)
        return alteration, check_reference(alteration, self.definitions.residues.get(gene, {}))


@lru_cache(maxsize=4)
def load_tumour_tables(knowledge: Knowledge) -> TumourTables:
    """Load the tables of pack ``tumour``.

    Parameters
    ----------
    knowledge : Knowledge
        The packs of this run.

    Returns
    -------
    TumourTables
        With every expression read.
    """
    pack = knowledge.pack(PACK)
    roles: dict[str, set[str]] = {}
    for row in pack.table("gene_roles"):
        roles.setdefault(row.role, set()).add(row.gene)
    tree_pack = _newest_tree(knowledge, pack)
    tree = _tree(tree_pack)
    imported = tuple(knowledge.pack(name) for name in RELEASES if knowledge.has(name))
    return TumourTables(
        rules=tuple(_rule(one, row, tree) for one in (pack, *imported) for row in one.table("therapies")),
        definitions=_definitions(pack),
        tree=tree,
        roles={role: frozenset(genes) for role, genes in roles.items()},
        limits={row.name: row.value for row in pack.table("limits")},
        pack=pack,
        imported=(*imported, *((tree_pack,) if tree_pack is not pack else ())),
    )


def _newest_tree(knowledge: Knowledge, pack: Pack) -> Pack:
    """Return the pack whose tree counts: an imported one that is as new as the packaged tree or newer."""
    if knowledge.has(TREE_PACK) and knowledge.pack(TREE_PACK).date >= str(pack.manifest["oncotree"]):
        return knowledge.pack(TREE_PACK)
    return pack


def _tree(pack: Pack) -> TumourTree:
    rows = pack.table("tumour_types")
    return TumourTree(
        {row.code: row.name for row in rows},
        {row.code: row.parent for row in rows},
        {code: row.code for row in rows for code in row.get("earlier") or ()},
    )


def _rule(pack: Pack, row: Row, tree: TumourTree) -> TherapyRule:
    return TherapyRule(
        id=row.id,
        medicines=row.medicines,
        direction=row.direction,
        expression=row.expression,
        node=read_expression(row.expression),
        tumour_types=tree.current(row.oncotree or ()),
        excluded_types=tree.current(row.exclude_oncotree or ()),
        setting=row.setting or "",
        approval=row.approval or "",
        tier=row.tier,
        source=" ".join(part for part in (row.agency, row.label) if part) or "published evidence",
        citation=pack.citation(row.citation),
        review=row.review,
        pack=pack.name,
        version=pack.version,
        travels=pack.name == PACK,
    )


def _definitions(pack: Pack) -> Definitions:
    residues: dict[str, dict[int, str]] = {}
    for row in pack.table("residues"):
        residues.setdefault(row.gene, {})[row.codon] = row.residue
    classes: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in pack.table("classes"):
        classes[(row.gene, row["class"])] = (*classes.get((row.gene, row["class"]), ()), row.member)
    events = pack.index("gene_events", "event")
    skipping: dict[str, tuple[tuple[int, int], ...]] = {}
    for row in events.get("skipping", ()):
        skipping[row.gene] = (*skipping.get(row.gene, ()), (row.first, row.last))
    substitutions: dict[str, frozenset[int]] = {}
    for row in events.get("skipping_substitution", ()):
        substitutions[row.gene] = substitutions.get(row.gene, frozenset()) | {row.first}
    return Definitions(
        exons={key: (rows[0].first_codon, rows[0].last_codon) for key, rows in pack.index("exons", "gene", "exon").items()},
        residues=residues,
        classes=classes,
        skipping=skipping,
        skipping_substitutions=substitutions,
        itd_codons={row.gene: (row.first, row.last) for row in events.get("itd", ())},
    )
