"""What a VCF says about itself before its rows: samples, contigs, build, kind, annotations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from singula.errors import BadInput, quoted
from singula.sources.limits import decode_utf8

FIXED_COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
CONTIG = re.compile(r"##contig=<(.*)>")
ANNOTATION = re.compile(r"##INFO=<ID=(?P<key>CSQ|ANN),.*?(?:Format: |annotations: ')(?P<fields>[^'\">]+)")
CONTIG_FIELD = re.compile(r'(\w+)=("[^"]*"|[^,]*)')
BUILD_WORDS = (("GRCh38", ("grch38", "hg38", "b38")), ("GRCh37", ("grch37", "hg19", "b37", "hs37d5")))
CONTIGS = (*(str(number) for number in range(1, 23)), "X", "Y")
LENGTHS = {
    "GRCh37": (249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022, 141213431,
               135534747, 135006516, 133851895, 115169878, 107349540, 102531392, 90354753, 81195210, 78077248, 59128983,
               63025520, 48129895, 51304566, 155270560, 59373566),
    "GRCh38": (248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636, 138394717,
               133797422, 135086622, 133275309, 114364328, 107043718, 101991189, 90338345, 83257441, 80373285, 58617616,
               64444167, 46709983, 50818468, 156040895, 57227415),
}  # fmt: skip
BUILD_LENGTHS = {
    (contig, length): build for build, lengths in LENGTHS.items() for contig, length in zip(CONTIGS, lengths, strict=True)
}
ENOUGH_CONTIGS = 3
MOST_SAMPLES = 1_000_000


@dataclass(frozen=True)
class VcfHeader:
    """What a VCF says about itself; ``build`` is None where neither contigs nor words tell.

    ``annotation`` names the INFO key of VEP's or SnpEff's annotations and their fields, where there are some.
    """

    samples: tuple[str, ...]
    build: str | None
    contigs: Mapping[str, int] = field(default_factory=dict)
    contradiction: str | None = None
    annotation: tuple[str, tuple[str, ...]] | None = None


def plain_chromosome(name: str) -> str:
    """Return a chromosome's name without ``chr``; the mitochondrion is ``MT``."""
    bare = name[3:] if name[:3].lower() == "chr" else name
    return "MT" if bare.upper() in ("M", "MT") else bare


def read_header(lines: Iterable[tuple[int, bytes]], name: str) -> tuple[VcfHeader, int]:
    """Read numbered lines up to the column line.

    Parameters
    ----------
    lines : iterable of (int, bytes)
        Of one file, from its first line; what follows the column line is left in it.
    name : str
        How messages name the file.

    Returns
    -------
    tuple
        The header, and the number of its last line.

    Raises
    ------
    BadInput
        No VCF, no column line, or a damaged one.
    """
    meta = _Meta()
    for number, line in lines:
        if number == 1 and not line.removeprefix(b"\xef\xbb\xbf").startswith(b"##fileformat=VCF"):
            raise BadInput(f"{name}:1: is no VCF: the first line has to be ##fileformat=VCFv4.x")
        if line.startswith(b"##"):
            meta.read(decode_utf8(line, f"{name}:{number}"))
            continue
        if line.startswith(b"#CHROM"):
            return meta.finish(f"{name}:{number}", decode_utf8(line, f"{name}:{number}")), number
        break
    raise BadInput(f"{name}: has no #CHROM line; the file is cut short or no VCF")


def read_header_text(name: str, text: str) -> VcfHeader:
    """Read a header that is at hand as text."""
    return read_header(enumerate((line.encode() for line in text.splitlines()), start=1), name)[0]


class _Meta:
    """What the lines above the columns have said so far."""

    def __init__(self) -> None:
        self.contigs: dict[str, int] = {}
        self.words: set[str] = set()
        self.annotation: tuple[str, tuple[str, ...]] | None = None

    def read(self, text: str) -> None:
        """Read one line."""
        match, annotated = CONTIG.match(text), ANNOTATION.match(text)
        if annotated:
            self.annotation = (annotated["key"], tuple(one.strip() for one in annotated["fields"].split("|")))
        lowered = text.lower()
        if match:
            fields = dict(CONTIG_FIELD.findall(match.group(1)))
            length = fields.get("length", "")
            self.contigs[plain_chromosome(fields.get("ID", ""))] = int(length) if length.isdigit() else 0
        if match or lowered.startswith(("##reference", "##assembly", "##genome")):
            self.words.update(build for build, names in BUILD_WORDS if any(one in lowered for one in names))

    def _builds_by_length(self) -> set[str]:
        """Return the builds the contigs' lengths name: three have to agree, or all that are given."""
        given = [item for item in self.contigs.items() if item[0] in CONTIGS and item[1]]
        matched = [BUILD_LENGTHS[item] for item in given if item in BUILD_LENGTHS]
        builds = set(matched)
        return builds if len(builds) > 1 or len(matched) >= min(ENOUGH_CONTIGS, len(given)) else set()

    def finish(self, where: str, text: str) -> VcfHeader:
        """Read the column line and conclude."""
        columns = text.split("\t")
        if tuple(columns[:8]) != FIXED_COLUMNS:
            wanted = " ".join(FIXED_COLUMNS)
            raise BadInput(f"{where}: the column line is damaged: {quoted(text)}; it has to begin {wanted}")
        samples = tuple(columns[9:])
        if len(samples) > MOST_SAMPLES:
            raise BadInput(f"{where}: names {len(samples)} samples, over the limit of {MOST_SAMPLES}; split it")
        if len(set(samples)) != len(samples):
            twice = next(one for one in samples if samples.count(one) > 1)
            raise BadInput(f"{where}: the sample {quoted(twice)} is named twice; rename one")
        by_length = self._builds_by_length()
        builds = by_length or self.words
        several = ", ".join(sorted(by_length | self.words))
        return VcfHeader(
            samples,
            next(iter(builds)) if len(builds) == 1 else None,
            self.contigs,
            f"contigs and header words name several builds: {several}" if len(builds) > 1 else None,
            self.annotation,
        )
