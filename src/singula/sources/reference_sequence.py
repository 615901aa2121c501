"""A reference genome as the user has it: FASTA read by place, and variants spelt leftmost against it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from mmap import ACCESS_READ, mmap
from pathlib import Path

from singula.errors import BadInput
from singula.methods.genome.normalisation import left_align, trim_alleles
from singula.sources.vcf import VcfRow
from singula.sources.vcf_header import plain_chromosome

WINDOW = 256
FASTA_MARK, GZIP_MARK = b">", b"\x1f\x8b"
INDEX_COLUMNS = 5
BASES = frozenset("ACGTN")


@dataclass(frozen=True)
class _Contig:
    length: int
    offset: int
    bases_per_line: int
    bytes_per_line: int


class ReferenceSequence:
    """An uncompressed FASTA; ``FILE.fai`` beside it is used, else the file is read once for its lines.

    Parameters
    ----------
    path : Path
        The FASTA.

    Raises
    ------
    BadInput
        It is compressed, no FASTA, has lines of unequal length, or its index is damaged.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            mark = file.read(2)
            if mark == GZIP_MARK:
                raise BadInput(f"{path.name}: is compressed; unpack it (gunzip) so that it can be read by place")
            if mark[:1] != FASTA_MARK:
                raise BadInput(f"{path.name}: is no FASTA; its first line has to begin with >")
            self._bytes = mmap(file.fileno(), 0, access=ACCESS_READ)
        index = path.with_name(path.name + ".fai")
        self._contigs = _read_index(index) if index.is_file() else _scan(self._bytes, path.name)

    def fetch(self, chromosome: str, first: int, last: int) -> str:
        """Return bases in capitals, 1-based and both ends included; empty where the sequence has none."""
        contig = self._contigs.get(chromosome)
        first = max(first, 1)
        if contig is None or first > contig.length:
            return ""
        start, end = (
            contig.offset + (place - 1) // contig.bases_per_line * contig.bytes_per_line + (place - 1) % contig.bases_per_line
            for place in (first, min(last, contig.length))
        )
        return self._bytes[start : end + 1].replace(b"\n", b"").replace(b"\r", b"").decode("ascii", "replace").upper()

    def align(self, chromosome: str, position: int, ref: str, alt: str) -> tuple[int, str, str]:
        """Return the shortest leftmost spelling; the given one, trimmed, where its REF is not what the sequence has."""
        position, ref, alt = trim_alleles(position, ref, alt)
        if (
            len(ref) == len(alt)
            or not set(ref + alt) <= BASES
            or self.fetch(chromosome, position, position + len(ref) - 1) != ref
        ):
            return position, ref, alt
        while True:
            start = max(position - WINDOW, 1)
            window = self.fetch(chromosome, start, position + len(ref) - 1)
            position, ref, alt = left_align(position, ref, alt, window, start)
            if position > start or start == 1:
                return position, ref, alt

    def furthest(self, chromosome: str, position: int, ref: str, alt: str) -> int:
        """Return the last place at which another spelling of an insertion or deletion may begin."""
        position, ref, alt = self.align(chromosome, position, ref, alt)
        shift = max(ref, alt, key=len)[1:]
        if len(ref) == len(alt) or min(len(ref), len(alt)) > 1 or not shift:
            return position
        after, shifted = position + len(ref), 0
        ahead = self.fetch(chromosome, after, after + WINDOW - 1)
        while ahead:
            for base in ahead:
                if base != shift[shifted % len(shift)]:
                    return position + shifted
                shifted += 1
            ahead = self.fetch(chromosome, after + shifted, after + shifted + WINDOW - 1)
        return position + shifted

    def align_row(self, row: VcfRow) -> VcfRow:
        """Return a row with one ordinary alternative allele spelt leftmost; any other row as it is."""
        if len(row.alts) != 1 or row.end is not None or len(row.ref) == len(row.alts[0]):
            return row
        position, ref, alt = self.align(row.chromosome, row.position, row.ref.upper(), row.alts[0].upper())
        return replace(row, position=position, ref=ref, alts=(alt,))


def _read_index(path: Path) -> dict[str, _Contig]:
    contigs = {}
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        cells = line.split("\t")
        if len(cells) < INDEX_COLUMNS or not all(one.isdigit() for one in cells[1:INDEX_COLUMNS]) or not int(cells[3]):
            raise BadInput(f"{path.name}:{number}: is no line of a FASTA index; make it anew (samtools faidx) or remove it")
        contigs[plain_chromosome(cells[0])] = _Contig(*(int(one) for one in cells[1:INDEX_COLUMNS]))
    return contigs


def _scan(content: mmap, name: str) -> dict[str, _Contig]:
    contigs: dict[str, _Contig] = {}
    chromosome, at, is_last = "", 0, False
    for number, line in enumerate(iter(content.readline, b""), start=1):
        bases = line.rstrip(b"\r\n")
        if bases.startswith(FASTA_MARK):
            words = bases[1:].split()
            chromosome, is_last = plain_chromosome(words[0].decode("utf-8", "replace") if words else ""), False
            contigs[chromosome] = _Contig(0, at + len(line), 0, 0)
        elif bases:
            known = contigs[chromosome]
            if is_last or (known.bases_per_line and len(bases) > known.bases_per_line):
                raise BadInput(f"{name}:{number}: lines of one sequence differ in length; write the FASTA with equal lines")
            is_last = bool(known.bases_per_line) and len(bases) < known.bases_per_line
            contigs[chromosome] = _Contig(
                known.length + len(bases), known.offset, known.bases_per_line or len(bases), known.bytes_per_line or len(line)
            )
        at += len(line)
    return contigs
