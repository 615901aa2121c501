"""Medicines that fit everyone of a cohort: each pattern of a gene is called once, each reading judged once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from singula.assess.medicines.reconcile import STANDARD, answer_medicine
from singula.assess.medicines.situation import GeneState, Situation, Taken
from singula.knowledge import Knowledge
from singula.methods.genome.gene_call import GeneCall, split_pair
from singula.methods.genome.phenotypes import translate
from singula.sources.outside_calls import tables_by_gene
from singula.sources.pgx_calls import PgxTables
from singula.sources.pgx_genotypes import Codes
from singula.sources.pgx_patterns import CohortCalls

ADVICE = "pgx_advice"
EVERYONE = "all"
NOTHING = ""


@dataclass(frozen=True)
class Judged:
    """What one medicine's genes ask for: the distinct actions, and which of them each sample has."""

    medicine: str
    actions: tuple[str, ...]
    which: Codes


def judge_cohort(calls: CohortCalls, tables: PgxTables, knowledge: Knowledge) -> Iterator[Judged]:
    """Judge every medicine of the advice pack by the genes alone.

    Parameters
    ----------
    calls : CohortCalls
        The cohort's calls.
    tables : PgxTables
        Phenotype tables, as for the calls.
    knowledge : Knowledge
        Packs ``pgx_advice``, ``medicines`` and ``pgx``.

    Yields
    ------
    Judged
        Medicines in alphabetical order; the action is empty where the genes ask for nothing but the usual dose.
    """
    states = {gene: [_state(call, tables) for call in found] for gene, found in calls.calls.items()}
    for medicine, rows in sorted(knowledge.pack(ADVICE).index("actions", "medicine").items()):
        genes = sorted({gene for row in rows for gene in row.genes.replace("|", "+").split("+") if gene in states})
        if genes:
            yield _judge(medicine, genes, states, calls, knowledge)


def _judge(
    medicine: str, genes: Sequence[str], states: Mapping[str, Sequence[GeneState]], calls: CohortCalls, knowledge: Knowledge
) -> Judged:
    joined = np.zeros(len(calls.samples), dtype=np.int64)
    distinct: dict[str, list[GeneState]] = {}
    for gene in genes:
        numbers: dict[object, int] = {}
        of_pattern = np.array([numbers.setdefault(one.translations, len(numbers)) for one in states[gene]], dtype=np.int64)
        first = {number: state for number, state in zip(of_pattern.tolist()[::-1], states[gene][::-1], strict=True)}
        distinct[gene] = [first[number] for number in range(len(numbers))]
        joined = joined * len(numbers) + of_pattern[calls.which[gene]]
    found, which = np.unique(joined, return_inverse=True)
    actions = []
    for one in found.tolist():
        known, left = {}, int(one)
        for gene in reversed(genes):
            left, number = divmod(left, len(distinct[gene]))
            known[gene] = distinct[gene][number]
        actions.append(_action(medicine, known, knowledge))
    return Judged(medicine, tuple(actions), which.astype(np.int32).ravel())


def _action(medicine: str, genes: Mapping[str, GeneState], knowledge: Knowledge) -> str:
    situation = Situation(
        knowledge=knowledge,
        age_years=None,
        sex=None,
        numbers={},
        conditions={},
        genes={gene: state for gene, state in genes.items() if state.translations},
        medicines=(Taken(medicine, "proposed"),),
    )
    answer = answer_medicine(situation, medicine, with_alternatives=False)
    return NOTHING if answer.action == STANDARD else answer.action


def _state(call: GeneCall, tables: PgxTables) -> GeneState:
    table = tables_by_gene(tables.phenotypes, call.gene)
    read = [translate(table, split_pair(pair)) for pair in call.lookup] if table is not None else []
    return GeneState(call.gene, tuple(dict.fromkeys(one for one in read if one.phenotype)), call.diplotypes or call.lookup)


def show_names(call: GeneCall) -> str:
    """Write a call in one cell: the diplotypes, or the variants found, or the status where nothing is called."""
    return " or ".join(call.diplotypes) or " + ".join(call.components) or call.status


def call_lines(calls: CohortCalls) -> Iterator[str]:
    """Yield the table of calls: one line per sample, for each gene the diplotype and the phenotype."""
    genes = sorted(calls.calls)
    yield "\t".join(["sample", *(name for gene in genes for name in (gene, f"{gene}_phenotype"))])
    columns: list[Iterator[str]] = [iter(calls.samples)]
    for gene in genes:
        texts = [f"{show_names(call)}\t{' or '.join(call.phenotypes)}" for call in calls.calls[gene]]
        columns.append(map(texts.__getitem__, calls.which[gene].tolist()))
    yield from map("\t".join, zip(*columns, strict=True))


def advice_lines(samples: Sequence[str], judged: Sequence[Judged]) -> Iterator[str]:
    """Yield the table of advice: one line per sample, for each medicine the action where it is not the usual dose."""
    yield "\t".join(["sample", *(one.medicine for one in judged)])
    columns: list[Iterator[str]] = [iter(samples)]
    columns.extend(map(one.actions.__getitem__, one.which.tolist()) for one in judged)
    yield from map("\t".join, zip(*columns, strict=True))


Counts = Counter[tuple[str, str, str, str]]
"""Samples by ancestry, gene, what is counted (``diplotype`` or ``phenotype``) and its value."""


def count_calls(calls: CohortCalls, ancestry: Mapping[str, str]) -> Counts:
    """Count diplotypes and phenotypes, of all samples and by ancestry.

    Parameters
    ----------
    calls : CohortCalls
        The cohort's calls.
    ancestry : mapping
        Group by sample; a sample without one counts among all only.

    Returns
    -------
    Counter
        Numbers of samples.
    """
    groups = [EVERYONE, *sorted(set(ancestry.values()))]
    member = np.array([groups.index(ancestry[name]) if name in ancestry else 0 for name in calls.samples], dtype=np.int64)
    counts: Counts = Counter()
    for gene, found in calls.calls.items():
        table = np.bincount(calls.which[gene] * np.int64(len(groups)) + member, minlength=len(found) * len(groups))
        for call, row in zip(found, table.reshape(len(found), len(groups)).tolist(), strict=True):
            for group, number in zip(groups, [sum(row), *row[1:]], strict=True):
                if number:
                    counts[(group, gene, "diplotype", show_names(call))] += number
                    counts[(group, gene, "phenotype", " or ".join(call.phenotypes) or call.status)] += number
    return counts


def frequency_lines(counts: Counts) -> Iterator[str]:
    """Yield the table of frequencies: the share is that of the gene's samples in the same group."""
    totals: Counter[tuple[str, str]] = Counter()
    for (group, gene, what, _), number in counts.items():
        if what == "phenotype":
            totals[(group, gene)] += number
    yield "ancestry\tgene\twhat\tvalue\tsamples\tof\tshare"
    for (group, gene, what, value), number in sorted(counts.items()):
        total = totals[(group, gene)]
        yield f"{group}\t{gene}\t{what}\t{value}\t{number}\t{total}\t{number / total:.6f}"
