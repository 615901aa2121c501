"""Short tandem repeats: normal, intermediate or expanded."""

from __future__ import annotations

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs


def classify_repeat(locus: str, repeat_count: int, *, table: Coefficients) -> Outputs:
    """Class one allele of a repeat locus by its count; a clinic's own words (premutation, reduced penetrance) come as a note."""
    known = table["loci"].get(locus)
    if known is None:
        raise OutOfDomain(f"repeat-expansion-class: locus {locus!r} is not in the catalogue of {len(table['loci'])} loci")
    normal, expanded = known
    status = "normal" if repeat_count <= normal else "full_mutation" if repeat_count >= expanded else "intermediate"
    note = next((words for low, high, words in table["notes"].get(locus, ()) if low <= repeat_count <= high), None)
    return {"status": status, **({"note": note} if note else {})}
