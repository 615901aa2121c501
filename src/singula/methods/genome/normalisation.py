"""One spelling for one variant: shortest, leftmost, and its computed identifier."""

from __future__ import annotations

import base64
import hashlib
import re

from singula.errors import OutOfDomain
from singula.methods.registry import Coefficients, Outputs

BASES = re.compile(r"^[ACGTN]+$")
DIGEST_BYTES = 24


def trim_alleles(position: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Drop what both alleles share at their ends, first on the right, then on the left; each keeps one base."""
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        position, ref, alt = position + 1, ref[1:], alt[1:]
    return position, ref, alt


def left_align(position: int, ref: str, alt: str, window: str, window_start: int) -> tuple[int, str, str]:
    """Shift a variant as far left as the reference window allows, and trim it (Tan 2015)."""
    if ref == alt:
        return position, ref, alt
    while True:
        if ref and alt and ref[-1] == alt[-1] and (min(len(ref), len(alt)) > 1 or position > window_start):
            ref, alt = ref[:-1], alt[:-1]
        elif not ref or not alt:
            if position <= window_start:
                break
            base = window[position - 1 - window_start]
            position, ref, alt = position - 1, base + ref, base + alt
        else:
            break
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        position, ref, alt = position + 1, ref[1:], alt[1:]
    return position, ref, alt


def normalise_variant(
    reference_sequence: str, reference_start: int, position: int, ref: str, alt: str, *, table: Coefficients
) -> Outputs:
    """Left-align and trim one variant against a window of the reference.

    References
    ----------
    Tan A et al. Bioinformatics 2015;31:2202-4. doi:10.1093/bioinformatics/btv112
    """
    window, ref, alt = reference_sequence.upper(), ref.upper(), alt.upper()
    for name, bases in (("reference_sequence", window), ("ref", ref), ("alt", alt)):
        if not BASES.match(bases):
            raise OutOfDomain(f"variant-normalise: {name} has letters other than A, C, G, T and N")
    offset = position - reference_start
    if offset < 0 or window[offset : offset + len(ref)] != ref:
        raise OutOfDomain("variant-normalise: ref is not what the window has at position; is it another build?")
    place, shorter, other = left_align(position, ref, alt, window, reference_start)
    return {"position": place, "ref": shorter, "alt": other}


def compute_vrs_id(refget_accession: str, start: int, end: int, sequence: str, *, table: Coefficients) -> Outputs:
    """Compute the GA4GH VRS 2.0 identifier of an allele that is already fully justified."""
    if end < start:
        raise OutOfDomain(f"vrs-allele-id: end {end} lies before start {start}")
    if not re.fullmatch(r"SQ\.[A-Za-z0-9_-]{32}", refget_accession) or not re.fullmatch(r"[A-Z*-]*", sequence):
        raise OutOfDomain("vrs-allele-id: refget_accession is SQ. and 32 letters, sequence capital letters only")
    reference = f'{{"refgetAccession":"{refget_accession}","type":"SequenceReference"}}'
    location = digest(f'{{"end":{end},"sequenceReference":{reference},"start":{start},"type":"SequenceLocation"}}')
    state = f'{{"sequence":"{sequence}","type":"LiteralSequenceExpression"}}'
    return {"vrs_id": "ga4gh:VA." + digest(f'{{"location":"{location}","state":{state},"type":"Allele"}}')}


def digest(text: str) -> str:
    """Return the sha512t24u digest of a text."""
    return base64.urlsafe_b64encode(hashlib.sha512(text.encode()).digest()[:DIGEST_BYTES]).decode()
