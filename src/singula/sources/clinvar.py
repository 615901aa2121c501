"""ClinVar releases: which alleles are pathogenic, how well reviewed, for which condition.

A release is read from its VCF, or from a pack an earlier import made; what is conflicting or uncertain is counted, not dropped.
"""

from __future__ import annotations

import gzip
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from singula.errors import BadInput, KnowledgeMissing
from singula.knowledge import Knowledge, load_knowledge
from singula.methods.genome.normalisation import trim_alleles
from singula.sources.limits import VCF, lines_bounded, open_bounded
from singula.sources.vcf_header import plain_chromosome, read_header

PACK = "clinvar"
ALLELE = re.compile(r"^[ACGT]+$")
FILE_DATE = re.compile(rb"##fileDate=(\S+)")
MANIFEST = """\
title = "ClinVar: pathogenic alleles of the release of {date}"
version = "{date}"
date = "{date}"
licence = "Public domain; cite ClinVar with the release date"
checked = "As released; not compared again"
build = "{build}"

[counts]
{counts}
"""
COLUMNS = ("chrom", "pos", "ref", "alt", "variation_id", "classification", "stars", "gene", "condition", "consequences")


@dataclass(frozen=True)
class ClinVarEntry:
    """One pathogenic allele of a release, trimmed."""

    chromosome: str
    position: int
    ref: str
    alt: str
    variation_id: str
    classification: str
    stars: int
    gene: str
    condition: str
    consequences: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The allele as ``chrom-pos-ref-alt`` in the release's build."""
        return f"{self.chromosome}-{self.position}-{self.ref}-{self.alt}"


@dataclass
class ClinVarRelease:
    """What one release says: pathogenic alleles, and how many others there are by class."""

    build: str
    date: str
    entries: list[ClinVarEntry] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def read_clinvar_vcf(path: Path, knowledge: Knowledge) -> ClinVarRelease:
    """Read a release's VCF.

    Parameters
    ----------
    path : Path
        Plain or gzip, as ClinVar distributes it.
    knowledge : Knowledge
        For ClinVar's words, pack ``germline``.

    Raises
    ------
    BadInput
        No ClinVar VCF, or its build is not stated.
    """
    words = _words(knowledge)
    with open_bounded(path, VCF) as stream:
        lines = lines_bounded(stream, path.name, VCF)
        kept: list[tuple[int, bytes]] = []

        def watched() -> Iterator[tuple[int, bytes]]:
            for number, line in lines:
                kept.append((number, line))
                yield number, line

        header, _ = read_header(watched(), path.name)
        date = next((match.group(1).decode() for _, line in kept if (match := FILE_DATE.match(line))), "")
        if header.build is None:
            raise BadInput(f"{path.name}: does not say its genome build; fetch the release's VCF again")
        release = ClinVarRelease(header.build, date)
        for number, line in lines:
            if line:
                _take_line(release, line, words, (path.name, number))
    if not release.counts:
        raise BadInput(f"{path.name}: holds no ClinVar record (no CLNSIG)")
    return release


def _words(knowledge: Knowledge) -> tuple[dict[bytes, tuple[str, bool]], dict[bytes, int]]:
    pack = knowledge.pack("germline")
    classes = {row.clnsig.encode(): (row.classification, row.is_finding) for row in pack.table("clinvar_classes")}
    return classes, {row.clnrevstat.encode(): row.stars for row in pack.table("clinvar_stars")}


def _take_line(
    release: ClinVarRelease, line: bytes, words: tuple[dict[bytes, tuple[str, bool]], dict[bytes, int]], where: tuple[str, int]
) -> None:
    classes, stars = words
    significance = _field(line, b"CLNSIG=")
    classification, is_finding = (
        classes.get(significance.split(b"|")[0], ("other", False)) if significance else ("no_classification", False)
    )
    release.counts[classification] += 1
    if not is_finding:
        return
    cells = line.split(b"\t", 8)
    if len(cells) < 8 or not cells[1].isdigit():
        raise BadInput(f"{where[0]}:{where[1]}: is no VCF row; fetch the release again")
    ref, alt = cells[3].decode().upper(), cells[4].decode().upper()
    if not ALLELE.match(ref) or not ALLELE.match(alt):
        return
    position, ref, alt = trim_alleles(int(cells[1]), ref, alt)
    condition, gene, consequence = (
        (_field(cells[7], key) or b"").decode("utf-8", "replace") for key in (b"CLNDN=", b"GENEINFO=", b"MC=")
    )
    release.entries.append(
        ClinVarEntry(
            chromosome=plain_chromosome(cells[0].decode()),
            position=position,
            ref=ref,
            alt=alt,
            variation_id=cells[2].decode(),
            classification=classification,
            stars=stars.get(_field(cells[7], b"CLNREVSTAT=") or b"", 0),
            gene=gene.split("|")[0].split(":")[0],
            condition=_condition(condition),
            consequences=tuple(one.split("|")[-1] for one in consequence.split(",") if one),
        )
    )


def _field(line: bytes, key: bytes) -> bytes | None:
    """Return an INFO field of a line by its key with the equals sign; None where it has none."""
    at = line.find(key)
    while at > 0 and line[at - 1] not in b";\t":
        at = line.find(key, at + 1)
    if at < 0:
        return None
    end = line.find(b";", at)
    return line[at + len(key) : end if end >= 0 else len(line)].split(b"\t")[0]


def _condition(text: str) -> str:
    names = [one.replace("_", " ") for one in text.split("|") if one not in ("not_provided", "not_specified", "")]
    return "; ".join(dict.fromkeys(names))


def find_clinvar(named: Path | None, knowledge: Knowledge) -> ClinVarRelease:
    """Return the release a user named (a VCF or a pack's folder), else the imported one.

    Raises
    ------
    KnowledgeMissing
        None is named and none was imported; the message says how to import one.
    """
    if named is not None and (named / "manifest.toml").is_file():
        return _read_pack(named)
    if named is not None:
        return read_clinvar_vcf(named, knowledge)
    if knowledge.has(PACK):
        return _read_pack(knowledge.pack(PACK).folder)
    raise KnowledgeMissing(
        "no ClinVar release is installed; name one with --clinvar FILE, or: singula kb import clinvar FILE --to DIR"
    )


def _read_pack(folder: Path) -> ClinVarRelease:
    import tomllib

    manifest = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))
    release = ClinVarRelease(manifest["build"], manifest["version"], counts=Counter(manifest.get("counts", {})))
    for file in sorted(folder.glob("pathogenic/*.tsv.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            next(lines)
            for line in lines:
                cells = line.rstrip("\n").split("\t")
                release.entries.append(
                    ClinVarEntry(
                        cells[0],
                        int(cells[1]),
                        cells[2],
                        cells[3],
                        cells[4],
                        cells[5],
                        int(cells[6]),
                        cells[7],
                        cells[8],
                        tuple(cells[9].split(",")) if cells[9] else (),
                    )
                )
    return release


def import_clinvar(file: Path, folder: Path) -> Path:
    """Make the pack ``clinvar`` of a release: its pathogenic alleles by chromosome, the others counted.

    Parameters
    ----------
    file : Path
        The release's VCF.
    folder : Path
        The knowledge folder.

    Returns
    -------
    Path
        The pack's folder; it appears whole or not at all.
    """
    release = read_clinvar_vcf(file, load_knowledge())
    made = Path(tempfile.mkdtemp(dir=folder, prefix=".clinvar-"))
    (made / "pathogenic").mkdir()
    by_chromosome: dict[str, list[ClinVarEntry]] = {}
    for entry in release.entries:
        by_chromosome.setdefault(entry.chromosome, []).append(entry)
    for chromosome, entries in by_chromosome.items():
        with gzip.open(made / "pathogenic" / f"{chromosome}.tsv.gz", "wt", encoding="utf-8", compresslevel=3) as out:
            out.write("\t".join(COLUMNS) + "\n")
            for one in sorted(entries, key=lambda entry: (entry.position, entry.ref, entry.alt)):
                cells = (
                    one.chromosome, str(one.position), one.ref, one.alt, one.variation_id, one.classification, str(one.stars),
                    one.gene, one.condition, ",".join(one.consequences),
                )  # fmt: skip
                out.write("\t".join(cells) + "\n")
    counts = "\n".join(f"{name} = {count}" for name, count in sorted(release.counts.items()))
    (made / "manifest.toml").write_text(MANIFEST.format(date=release.date, build=release.build, counts=counts), encoding="utf-8")
    target = folder / PACK
    if target.exists():
        shutil.rmtree(target)
    return made.rename(target)
