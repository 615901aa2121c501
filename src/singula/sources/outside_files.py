"""Files of calls made elsewhere, recognised by what stands in them: what each row says, or what is wrong with it.

StarPhase (JSON), Aldy (its table of solutions), StellarPGx (its text), the four-column table of PharmCAT, and a laboratory's
table with a header. A row that cannot be used is told with gene, place and remedy; the other rows are kept.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from singula.errors import BadInput, quoted
from singula.sources.limits import decode_utf8, open_bounded, parse_json, read_bounded
from singula.sources.outside_calls import NO_CALL, OutsideCall

HEAD_BYTES = 4096
STARPHASE, ALDY, STELLARPGX, PHARMCAT, LABORATORY = "StarPhase", "Aldy", "StellarPGx", "PharmCAT", "laboratory table"
ALDY_HEAD = re.compile(r"^#Sample\tGene\tSolutionID\tMajor\b", re.IGNORECASE)
STELLARPGX_TITLE = re.compile(r"^(?P<gene>[A-Z][A-Z0-9]+) Star Allele Calling with StellarPGx", re.MULTILINE)
GENE_SYMBOL = re.compile(r"^[A-Z][A-Z0-9]+(-[A-Z0-9]+)?$")
SUBALLELE = re.compile(r"(\*\d+)\.\d+")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "sample": ("sample", "sample id", "patient", "patient id"),
    "gene": ("gene", "gene symbol"),
    "diplotype": ("diplotype", "genotype", "alleles", "star alleles", "result"),
    "phenotype": ("phenotype", "metaboliser status", "metabolizer status", "predicted phenotype"),
    "score": ("activity score", "activity", "score"),
}


@dataclass(frozen=True)
class Given:
    """One row as written, with the place it stands at."""

    where: str
    gene: str
    diplotype: str = ""
    phenotype: str = ""
    score: str = ""
    sample: str | None = None
    program: str | None = None


@dataclass(frozen=True)
class OutsideMistake:
    """A row that cannot be used: its gene, the place, and a sentence that says how to mend it."""

    gene: str
    where: str
    message: str


@dataclass(frozen=True)
class OutsideFile:
    """What one file holds: whose shape it has, the calls, and the rows that are wrong."""

    name: str
    shape: str
    calls: tuple[OutsideCall, ...]
    mistakes: tuple[OutsideMistake, ...] = ()


def read_outside_file(path: Path) -> OutsideFile:
    """Read a file of calls made elsewhere, whatever program or laboratory wrote it.

    Parameters
    ----------
    path : Path
        The file; its shape is told by its content, not its name.

    Returns
    -------
    OutsideFile
        Several calls of one gene are alternatives.

    Raises
    ------
    BadInput
        The file as a whole has none of the known shapes.
    """
    text = decode_utf8(read_bounded(path), path.name)
    shape = shape_of(text) or PHARMCAT
    calls, mistakes = [], []
    for row in _READERS[shape](path.name, text):
        try:
            calls.append(_read_row(row))
        except BadInput as fault:
            mistakes.append(OutsideMistake(row.gene, row.where, f"{row.where}: {fault}"))
    return OutsideFile(path.name, shape, tuple(dict.fromkeys(calls)), tuple(mistakes))


def is_outside_file(path: Path) -> bool:
    """Tell whether a file given as input is one of these and no VCF; the table without a header is taken only with ``.tsv``."""
    with open_bounded(path) as stream:
        head = stream.read(HEAD_BYTES).decode("utf-8", "replace")
    return shape_of(head) is not None or (path.suffix == ".tsv" and "#CHROM" not in head)


def shape_of(text: str) -> str | None:
    """Tell by content which shape a text has; None for the table without a header, and for what is none of these."""
    if text.lstrip().startswith("{"):
        return STARPHASE if '"gene_details"' in text or '"pbstarphase_version"' in text else None
    if ALDY_HEAD.match(text):
        return ALDY
    if STELLARPGX_TITLE.search(text):
        return STELLARPGX
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    found = _columns(_split(first, _delimiter(first)))
    return LABORATORY if "gene" in found and len(found) > 1 else None


def _read_row(row: Given) -> OutsideCall:
    gene = row.gene.strip()
    if not GENE_SYMBOL.match(gene):
        raise BadInput(
            f"the gene column names no gene: {quoted(gene)}; write the HGNC symbol, then diplotype, phenotype, activity score"
        )
    if not (row.diplotype or row.phenotype or row.score):
        raise BadInput(f"{gene} has neither diplotype nor phenotype nor activity score; give one of them")
    if row.score and not _is_score(row.score) and not (row.diplotype or row.phenotype):
        raise BadInput(f"{gene}: the activity score {quoted(row.score)} is no number from 0 up; write it as 1.25")
    diplotype = _read_diplotype(gene, row.diplotype)
    return OutsideCall(gene, diplotype, row.phenotype or None, row.score or None, row.sample, row.program)


def _is_score(text: str) -> bool:
    return re.fullmatch(r"≥?\d+(\.\d+)?", text) is not None


def _read_diplotype(gene: str, text: str) -> str | None:
    if text.lower() in NO_CALL or "NO_MATCH" in text:
        return None
    words = re.sub(rf"{re.escape(gene)}\s*(?=\*)", "", text)
    alleles = [part.strip() for part in words.split("/")]
    if len(alleles) > 2:
        raise BadInput(f"{gene} {quoted(text)} names {len(alleles)} alleles; a person has two, write A/B")
    if "" in alleles:
        raise BadInput(f"{gene} {quoted(text)} leaves one side of the slash empty; write both alleles, as *1/*2")
    starred = [part for allele in alleles for part in allele.split("+") if part.strip().startswith("*")]
    bare = [allele for allele in alleles if starred and re.match(r"\d", allele)]
    if bare:
        raise BadInput(f"{gene} {quoted(text)}: allele {quoted(bare[0])} has no star; write *{bare[0]}")
    odd = [part.strip() for part in starred if not re.match(r"\s*\*\d", part)]
    if odd:
        raise BadInput(f"{gene} {quoted(text)}: {quoted(odd[0])} is no star allele; write a number after the star, as *4")
    return "/".join(_read_copies(allele) if gene == "CYP2D6" else allele for allele in alleles)


def _read_copies(allele: str) -> str:
    """Write a CYP2D6 strand as the tables do: core alleles, ``x`` for copies, equal neighbours counted."""
    words = re.sub(r"\s*[×xX]\s*(?=[≥>N\d])", "x", SUBALLELE.sub(r"\1", allele)).replace(">=", "≥")
    parts = [part.strip() for part in words.split("+")]
    if len(set(parts)) == len(parts):
        return words
    counted: list[tuple[str, int]] = []
    for part in parts:
        if counted and counted[-1][0] == part and "x" not in part:
            counted[-1] = (part, counted[-1][1] + 1)
        else:
            counted.append((part, 1))
    return "+".join(part if count == 1 else f"{part}x{count}" for part, count in counted)


def _starphase(name: str, text: str) -> Iterator[Given]:
    document = parse_json(text.encode(), name)
    genes = document.get("gene_details") if isinstance(document, Mapping) else None
    if not isinstance(genes, Mapping):
        raise BadInput(f"{name}: has no gene_details; give the JSON that StarPhase writes with --output-calls")
    for gene, details in genes.items():
        where = f"{name}: gene_details.{gene}"
        listed = [one for key in ("simple_diplotypes", "diplotypes") if (one := _list_in(details, key))]
        if not listed:
            yield Given(where, str(gene), ".", program=STARPHASE)
        for one in listed[0] if listed else ():
            yield Given(where, str(gene), _starphase_pair(one), program=STARPHASE)


def _list_in(details: Any, key: str) -> Sequence[Any]:
    value = details.get(key) if isinstance(details, Mapping) else None
    return value if isinstance(value, list) else ()


def _starphase_pair(one: Any) -> str:
    if not isinstance(one, Mapping):
        return ""
    pair = [str(one[key]) for key in ("hap1", "hap2") if one.get(key)]
    return str(one.get("diplotype") or "/".join(pair))


def _aldy(name: str, text: str) -> Iterator[Given]:
    told: set[tuple[str, ...]] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [*line.split("\t"), "", "", ""]
        sample, gene, solution, major = (cell.strip() for cell in cells[:4])
        if (sample, gene, solution, major) not in told:
            told.add((sample, gene, solution, major))
            yield Given(f"{name}:{number}", gene, major, sample=sample or None, program=ALDY)


def _stellarpgx(name: str, text: str) -> Iterator[Given]:
    title = STELLARPGX_TITLE.search(text)
    sample = re.search(r"^Sample ID:\s*(\S+)", text, re.MULTILINE)
    lines = text.splitlines()
    places = {line.strip().rstrip(":").lower(): number for number, line in enumerate(lines) if line.strip().endswith(":")}
    result, place = _below(lines, places.get("result"))
    blank = Given(
        f"{name}:{place}",
        title["gene"] if title else "",
        phenotype=_below(lines, places.get("metaboliser status"))[0],
        score=_below(lines, places.get("activity score"))[0],
        sample=sample[1] if sample else None,
        program=STELLARPGX,
    )
    if "*" not in result:
        yield replace(blank, diplotype=".", phenotype="", score="")
    for pair in re.split(r"\s+or\s+|;", result) if "*" in result else ():
        yield replace(blank, diplotype=pair.strip(" []'\""))


def _below(lines: Sequence[str], number: int | None) -> tuple[str, int]:
    """Return the first line with words after a heading, and its number; nothing where the next heading comes first."""
    for place in range(number + 1, len(lines)) if number is not None else ():
        if lines[place].strip():
            words = lines[place].strip()
            return ("" if words.endswith(":") else words), place + 1
    return "", (number or 0) + 1


def _pharmcat(name: str, text: str) -> Iterator[Given]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            gene, diplotype, phenotype, score = ([cell.strip() for cell in line.split("\t")[:4]] + [""] * 4)[:4]
            yield Given(f"{name}:{number}", gene, diplotype, phenotype, score)


def _laboratory(name: str, text: str) -> Iterator[Given]:
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.strip() and not line.startswith("#"))
    delimiter = _delimiter(lines[first])
    places = _columns(_split(lines[first], delimiter))
    for number, line in enumerate(lines[first + 1 :], start=first + 2):
        cells = _split(line, delimiter)
        if not any(cells) or line.startswith("#"):
            continue
        row = {column: cells[place] for column, place in places.items() if place < len(cells)}
        gene, diplotype = row.get("gene", ""), row.get("diplotype", "")
        score = row.get("score", "")
        score = score.replace(",", ".") if delimiter == ";" else score
        yield Given(f"{name}:{number}", gene.upper(), diplotype, row.get("phenotype", ""), score, row.get("sample") or None)


def _delimiter(line: str) -> str:
    return max("\t;,", key=line.count)


def _split(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def _columns(cells: Sequence[str]) -> dict[str, int]:
    named = {cell.lower().replace("_", " "): number for number, cell in reversed(list(enumerate(cells)))}
    return {column: named[word] for column, words in COLUMNS.items() for word in words if word in named}


_READERS = {
    STARPHASE: _starphase,
    ALDY: _aldy,
    STELLARPGX: _stellarpgx,
    PHARMCAT: _pharmcat,
    LABORATORY: _laboratory,
}
