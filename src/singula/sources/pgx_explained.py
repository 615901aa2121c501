"""How the call of one gene was made, for the methods page: what was read at each position, and how well each pair explains it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from singula.errors import BadInput, quoted
from singula.methods.genome.diplotypes import match_pairs
from singula.methods.genome.gene_call import Options, call_gene
from singula.methods.genome.observed import Genotypes, Observed
from singula.sources.outside_calls import tables_by_gene
from singula.sources.pgx_calls import PgxTables, callable_definitions, show_call
from singula.sources.pgx_genotypes import MISSING, read_pgx_genotypes


def explain_call(path: Path, tables: PgxTables, gene: str) -> dict[str, Any]:
    """Show how the first sample's call of a gene came about.

    Parameters
    ----------
    path : Path
        The VCF.
    tables : PgxTables
        Definitions and phenotype tables, in the file's build.
    gene : str
        The gene.

    Returns
    -------
    dict
        ``positions`` with what was read, ``pairs`` with their scores, best first, ``call`` as the command contract has it.

    Raises
    ------
    BadInput
        No table defines the gene.
    """
    definitions = callable_definitions(tables)
    if gene not in definitions:
        raise BadInput(
            f"{path.name}: no definition of {quoted(gene)} to call from a VCF; there are {', '.join(sorted(definitions))}"
        )
    definition = definitions[gene]
    genotypes = read_pgx_genotypes(path, {gene: definition}, build=tables.build)
    columns = genotypes.genes[gene]
    seen: Genotypes = tuple(None if code == MISSING else genotypes.meanings[code] for code in columns.codes[:, 0])
    call = call_gene(definition, tables_by_gene(tables.phenotypes, gene), seen, Options(), tuple(columns.notes))
    pairs = () if definition.lowest_function or call.status == "not_tested" else match_pairs(definition, seen).pairs
    return {
        "gene": gene,
        "sample": genotypes.header.samples[0],
        "definitions": f"{tables.pack} {definition.version}",
        "alleles": len(definition.alleles),
        "positions": [
            {"rsid": one.label, "place": f"{one.chromosome}:{one.position}", "ref": one.ref, "read": _words(read)}
            for one, read in zip(definition.positions, seen, strict=True)
        ],
        "pairs": [{"pair": one.name, "score": one.score} for one in pairs],
        "call": show_call(definition, call),
    }


def _words(seen: Observed | None) -> str:
    if seen is None:
        return "not read"
    return ("|" if seen.block is not None else "/").join(seen.bases)
