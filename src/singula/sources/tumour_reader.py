"""Tumour files in a person's folder: each sample becomes one specimen of the record, with everything the laboratory stated."""

from __future__ import annotations

import re
from pathlib import Path

from singula.knowledge import Knowledge
from singula.sources.draft import Draft

SCHEMA = "singula.tumour-sample/1"
TUMOUR_VCF = re.compile(rb"##(?:tumor_sample|SAMPLE=<ID=TUMOU?R)|\t(?:TUMOU?R|tumou?r)(?=[\t\r\n])")


class TumourReader:
    """Reads sample JSON, MAF, Phenopackets about a tumour, and VCFs with a tumour column.

    What reads them is loaded with the first such file; most people have none.
    """

    format = "tumour"

    def recognises(self, head: bytes, name: str) -> bool:
        """Tell a tumour file by its schema, its columns, its diagnosis or its sample names."""
        if head.lstrip(b"\xef\xbb\xbf").startswith(b"##fileformat=VCF"):
            return bool(TUMOUR_VCF.search(head))
        if SCHEMA.encode() in head:
            return True
        if b"interpretations" in head:
            from singula.sources.phenopacket import is_phenopacket

            return is_phenopacket(head)
        return not head.lstrip().startswith((b"{", b"[")) and b"hugo_symbol" in head.lower()

    def read(self, path: Path, draft: Draft, knowledge: Knowledge) -> None:
        """Read every sample into the draft; a file that names no tumour type leaves it to the person's conditions."""
        from singula.sources.tumour_record import read_specimens

        read_specimens(path, draft, knowledge)


READER = TumourReader()
