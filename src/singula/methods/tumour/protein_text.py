"""Reads changes of a protein: HGVS in one or three letters, and what laboratories write in its place."""

from __future__ import annotations

import re
from collections.abc import Callable

from singula.methods.tumour.alteration import (
    ANY,
    DELETION,
    FRAMESHIFT,
    INSERTION,
    MISSENSE,
    SPLICE,
    START_LOST,
    STOP,
    STOP_LOST,
    SYNONYMOUS,
    TRUNCATION,
    UNPARSED,
    Alteration,
)

LETTERS = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G", "His": "H", "Ile": "I",
    "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W", "Tyr": "Y", "Val": "V",
    "Sec": "U", "Ter": "*",
}  # fmt: skip
RESIDUE = "[ACDEFGHIKLMNPQRSTVWYU]"
THREE = re.compile("|".join(LETTERS))
ACCESSION = re.compile(r"^[A-Za-z]{2,}[\w.]*\d[\w.]*:(?=p\.|\()")
PLACE = re.compile(
    rf"^(?P<ref>{RESIDUE}|\*|X)?(?P<start>\d{{1,5}})(?:_(?P<last>{RESIDUE}|\*|X)?(?P<end>\d{{1,5}}))?(?P<rest>\D.*)?$"
)
SEVERAL = re.compile(rf"^(?P<ref>{RESIDUE}{{2,}})(?P<start>\d{{1,5}})(?P<alt>{RESIDUE}+\*?|\*|fs|del)$")
ARROW = re.compile(rf"^(?P<ref>{RESIDUE}+)>(?P<alt>{RESIDUE}+\*?|\*)$")
RANGES = {"mis": MISSENSE, "mut": ANY, "trunc": TRUNCATION, "splice": SPLICE, "ins": INSERTION, "del": DELETION}
EXTENSION = re.compile(rf"^{RESIDUE}?ext[*\-+\d?A-Za-z]*$")
SHIFT = re.compile(rf"^{RESIDUE}?fs(?:[*X]?(?:\d+|\?)?)?$")
REPLACED = re.compile(rf"^(?:delins|indel|>)(?P<alt>{RESIDUE}*\*?)$")
DELETED = re.compile(rf"^del(?:{RESIDUE}*|\d+)$")
DOUBLED = re.compile(rf"^dup(?:{RESIDUE}*|\d+)$")
INSERTED = re.compile(r"^ins(?P<alt>[ACDEFGHIKLMNPQRSTVWYU*]*|\d+)$")
SUBSTITUTED = re.compile(rf"^(?P<alt>{RESIDUE}+|\*|=|\?)$")


def read_protein(text: str) -> Alteration:
    """Read a protein change; what cannot be read is UNPARSED, never an error.

    Parameters
    ----------
    text : str
        Such as ``p.Val600Glu``, ``E746_A750del``, ``X1010_splice``, ``814_852mis``.

    Returns
    -------
    Alteration
        With codons, residues where the text names them, and the consequence in Sequence Ontology terms.
    """
    bare = ACCESSION.sub("", text).removeprefix("p.")
    if bare.startswith("(") and bare.endswith(")"):
        bare = bare[1:-1].removeprefix("p.")
    letters = THREE.sub(lambda match: LETTERS[match.group()], bare)
    several = SEVERAL.match(letters)
    if several:
        return _several(several)
    place = PLACE.match(letters)
    if place is None:
        return UNPARSED
    start, end = int(place["start"]), int(place["end"] or place["start"])
    if end < start:
        return UNPARSED
    rest = place["rest"] or ""
    return _Reader(place["ref"], place["last"], start, end, place["end"] is not None).read(rest, letters)


def _several(match: re.Match[str]) -> Alteration:
    ref, alt, start = match["ref"], match["alt"], int(match["start"])
    end = start + len(ref) - 1
    span = f"p.{ref[0]}{start}_{ref[-1]}{end}"
    if alt in ("fs", "del"):
        return Alteration(
            "protein_change", FRAMESHIFT if alt == "fs" else DELETION, start, end, ref, None, ref[-1], f"{span}{alt}"
        )
    return Alteration(
        "protein_change",
        compare_lengths(len(ref), alt) if ref != alt else SYNONYMOUS,
        start,
        end,
        ref,
        alt,
        ref[-1],
        f"{span}delins{alt}",
    )


def compare_lengths(replaced: int, insert: str) -> str | None:
    """Say what replacing so many residues by an insert is; None where the insert is not known."""
    if "*" in insert:
        return STOP
    if not insert:
        return None
    return INSERTION if len(insert) > replaced else DELETION if len(insert) < replaced else MISSENSE


class _Reader:
    """Reads what stands behind the place of a change."""

    def __init__(self, ref: str | None, last: str | None, start: int, end: int, is_range: bool) -> None:
        self.ref, self.last = (None if one == "X" else one for one in (ref, last))
        self.start, self.end, self.is_range = start, end, is_range
        self.at_stop = ref == "*"

    def read(self, rest: str, letters: str) -> Alteration:
        """Try the forms in turn."""
        forms: tuple[Callable[[str], Alteration | None], ...] = (
            self._position,
            self._extension,
            self._shift,
            self._splice_or_range,
            self._substitution,
            self._replacement,
            self._arrow,
            self._plain_forms,
        )
        for form in forms:
            found = form(rest)
            if found is not None:
                return found
        return UNPARSED

    def _made(self, consequence: str | None, alt: str | None = None, kind: str = "protein_change", text: str = "") -> Alteration:
        ref = None if self.is_range and kind == "protein_change" else self.ref
        first = f"{self.ref or ''}{self.start}"
        span = f"{first}_{self.last or ''}{self.end}" if self.is_range else first
        return Alteration(kind, consequence, self.start, self.end, ref, alt, self.last, f"p.{span}{text}" if text else None)

    def _position(self, rest: str) -> Alteration | None:
        if rest:
            return None
        if self.ref is None or self.at_stop or self.is_range:
            return UNPARSED
        return self._made(None, kind="position")

    def _extension(self, rest: str) -> Alteration | None:
        if not EXTENSION.match(rest):
            return None
        at_start = self.start == 1 and not self.at_stop
        return self._made(INSERTION if at_start else STOP_LOST, text=rest)

    def _shift(self, rest: str) -> Alteration | None:
        if not SHIFT.match(rest):
            return None
        return self._made(STOP_LOST if self.at_stop else FRAMESHIFT, text="fs")

    def _splice_or_range(self, rest: str) -> Alteration | None:
        word = rest.removeprefix("_")
        if word not in RANGES or (word == "del" and not (self.is_range and self.ref is None and self.last is None)):
            return None
        if word == "del":
            return None
        if word == "splice" and not self.is_range:
            return self._made(SPLICE, text="_splice")
        if word == "ins" and (not self.is_range or self.end == self.start + 1):
            return None
        return self._made(RANGES[word], kind="protein_range")

    def _substitution(self, rest: str) -> Alteration | None:
        match = SUBSTITUTED.match(rest)
        if match is None or self.is_range:
            return None
        alt = match["alt"]
        if alt == "?":
            return self._made(START_LOST, alt, text=alt) if self.start == 1 and not self.at_stop else UNPARSED
        if self.at_stop:
            return self._made(STOP_LOST, alt, text=alt)
        if alt in ("=", self.ref):
            return self._made(SYNONYMOUS, alt, text="=")
        if self.start == 1 and self.ref == "M" and len(alt) == 1:
            return self._made(START_LOST, alt, text=alt)
        if len(alt) > 1:
            return self._made(INSERTION, alt, text=f"delins{alt}")
        return self._made(STOP if alt == "*" else MISSENSE, alt, text=alt)

    def _replacement(self, rest: str) -> Alteration | None:
        match = REPLACED.match(rest)
        if match is None:
            return None
        alt = match["alt"]
        consequence = compare_lengths(self.end - self.start + 1, alt)
        return self._made(consequence, alt or None, text=f"delins{alt}")

    def _arrow(self, rest: str) -> Alteration | None:
        match = ARROW.match(rest)
        if match is None:
            return None
        return self._made(compare_lengths(len(match["ref"]), match["alt"]), match["alt"], text=f"delins{match['alt']}")

    def _plain_forms(self, rest: str) -> Alteration | None:
        if DELETED.match(rest):
            return self._made(DELETION, text="del")
        if DOUBLED.match(rest):
            return self._made(INSERTION, text="dup")
        inserted = INSERTED.match(rest)
        if inserted and (self.is_range or inserted["alt"]):
            alt = inserted["alt"]
            known = alt if alt and not alt.isdigit() else None
            return self._made(STOP if "*" in alt else INSERTION, known, text=f"ins{alt}")
        return None
