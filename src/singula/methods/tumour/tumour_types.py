"""Which tumour type is a kind of which (OncoTree)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from singula.errors import BadInput, either, quoted

SOLID, BLOOD = "SOLID", ("MYELOID", "LYMPH")


@dataclass(frozen=True, eq=False)
class TumourTree:
    """Tumour types by code: their names and parents, and what codes of earlier releases are called now."""

    names: Mapping[str, str]
    parents: Mapping[str, str | None]
    earlier: Mapping[str, str] = field(default_factory=dict)
    _lines: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)

    def line(self, code: str) -> frozenset[str]:
        """Return a code and all it is a kind of; ``SOLID`` is every tumour outside blood and lymph."""
        if code not in self._lines:
            line, at = set(), code
            while at:
                line.add(at)
                at = self.parents.get(at) or ""
            if not line & set(BLOOD):
                line.add(SOLID)
            self._lines[code] = frozenset(line)
        return self._lines[code]

    def current(self, codes: Sequence[str]) -> tuple[str, ...]:
        """Return codes as this release of the tree calls them."""
        return tuple(code if code in self.names else self.earlier.get(code, code) for code in codes)

    def is_any_of(self, code: str, wanted: Sequence[str]) -> bool:
        """Tell whether a tumour type is one of those wanted, or a kind of one."""
        return not self.line(code).isdisjoint(wanted)

    def check(self, code: str, where: str) -> str:
        """Return a code that is known; BadInput names near ones."""
        if code in self.names:
            return code
        upper = {one.upper(): one for one in self.names}
        if code.upper() in upper:
            return upper[code.upper()]
        if code.upper() in self.earlier:
            return self.earlier[code.upper()]
        by_name = {name.lower(): one for one, name in self.names.items()}
        if code.lower() in by_name:
            return by_name[code.lower()]
        near = get_close_matches(code.upper(), list(self.names), n=3, cutoff=0.5) or sorted(self.names)[:3]
        raise BadInput(f"{where}: the tumour type {quoted(code)} is no OncoTree code; near ones are {either(near)}")
