"""Which gene a variant lies in: by the file's own annotation, else by gene coordinates of the installed package genmod."""

from __future__ import annotations

import gzip
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from singula.sources.vcf_header import plain_chromosome

FILES = {"GRCh37": "ensembl_genes_37.txt.gz", "GRCh38": "ensembl_genes_38.txt.gz"}


@dataclass(frozen=True)
class GenePlaces:
    """Genes by chromosome, sorted by where they begin."""

    starts: Mapping[str, list[int]]
    genes: Mapping[str, list[tuple[int, int, str]]]
    longest: Mapping[str, int]

    def at(self, chromosome: str, position: int) -> list[str]:
        """Return the genes over a position."""
        at = bisect_right(self.starts.get(chromosome, []), position)
        found = []
        while at > 0 and self.genes[chromosome][at - 1][0] >= position - self.longest[chromosome]:
            at -= 1
            _, end, symbol = self.genes[chromosome][at]
            if end >= position:
                found.append(symbol)
        return found


@lru_cache(maxsize=2)
def load_gene_places(build: str) -> GenePlaces | None:
    """Load the coordinates of a build; None where the package is not installed."""
    spec = find_spec("genmod")
    if spec is None or spec.origin is None or build not in FILES:
        return None
    path = Path(spec.origin).parent / "annotations" / FILES[build]
    if not path.is_file():
        return None
    genes: dict[str, list[tuple[int, int, str]]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if len(cells) >= 4 and cells[1].isdigit() and "PATCH" not in cells[0]:
                genes.setdefault(plain_chromosome(cells[0]), []).append((int(cells[1]), int(cells[2]), cells[3].split()[0]))
    for found in genes.values():
        found.sort()
    return GenePlaces(
        {name: [one[0] for one in found] for name, found in genes.items()},
        genes,
        {name: max(end - start for start, end, _ in found) for name, found in genes.items()},
    )
