"""Which bases a laboratory looked at: BED files, 0-based and half-open."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path

from singula.errors import BadInput, quoted
from singula.sources.limits import decode_utf8, lines_bounded, open_bounded
from singula.sources.vcf_header import plain_chromosome


class Regions:
    """Sorted, joined stretches by chromosome.

    Parameters
    ----------
    path : Path
        BED, plain or gzip.

    Raises
    ------
    BadInput
        A line that is no stretch; the message names it.
    """

    def __init__(self, path: Path) -> None:
        stretches: dict[str, list[tuple[int, int]]] = {}
        with open_bounded(path) as stream:
            for number, line in lines_bounded(stream, path.name):
                if not line.strip() or line.startswith((b"#", b"track", b"browser")):
                    continue
                cells = decode_utf8(line, f"{path.name}:{number}").split()
                try:
                    start, end = int(cells[1]), int(cells[2])
                except (IndexError, ValueError):
                    raise BadInput(
                        f"{path.name}:{number}: is no BED line: {quoted(line[:40].decode('utf-8', 'replace'))}"
                    ) from None
                if not 0 <= start <= end:
                    raise BadInput(f"{path.name}:{number}: ends before it starts; BED is 0-based and half-open")
                stretches.setdefault(plain_chromosome(cells[0]), []).append((start, end))
        self.starts: dict[str, list[int]] = {}
        self.ends: dict[str, list[int]] = {}
        for chromosome, pairs in stretches.items():
            self._join(chromosome, sorted(pairs))

    def _join(self, chromosome: str, pairs: list[tuple[int, int]]) -> None:
        starts: list[int] = []
        ends: list[int] = []
        for start, end in pairs:
            if ends and start <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                starts.append(start)
                ends.append(end)
        self.starts[chromosome], self.ends[chromosome] = starts, ends

    def edges_on(self, chromosome: str) -> Callable[[int, int], list[int]]:
        """Return what lists the 1-based positions between two others at which being looked at begins or ends."""
        starts, ends = self.starts.get(chromosome, []), self.ends.get(chromosome, [])

        def edges(first: int, last: int) -> list[int]:
            at = range(max(bisect_right(starts, first) - 1, 0), bisect_right(starts, last))
            return [edge for number in at for edge in (starts[number], starts[number] + 1, ends[number], ends[number] + 1)]

        return edges

    def on(self, chromosome: str) -> Callable[[int], bool]:
        """Return what tells whether a 1-based position of a chromosome was looked at."""
        starts, ends = self.starts.get(chromosome, []), self.ends.get(chromosome, [])

        def contains(position: int) -> bool:
            at = bisect_right(starts, position - 1) - 1
            return at >= 0 and position <= ends[at]

        return contains
