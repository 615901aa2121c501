"""What kind of tumour file is this, and what does it hold."""

from __future__ import annotations

from pathlib import Path

from singula.errors import BadInput, quoted
from singula.methods.tumour.tables import TumourTables
from singula.sources.limits import open_bounded
from singula.sources.maf import read_clinical, read_maf
from singula.sources.phenopacket import is_phenopacket, read_phenopacket
from singula.sources.tumour_samples import TumourContext, TumourReading, read_sample_file
from singula.sources.tumour_vcf import read_tumour_vcf

HEAD_BYTES = 65536


def read_tumour_file(
    path: Path, tables: TumourTables, tumour_type: str | None, clinical_file: Path | None, build: str | None
) -> TumourReading:
    """Read a tumour file of any kind that is known here.

    Parameters
    ----------
    path : Path
        Sample JSON, MAF, annotated VCF or Phenopacket, told by content.
    tables : TumourTables
        For alterations and tumour types.
    tumour_type : str, optional
        OncoTree code of samples that name none.
    clinical_file : Path, optional
        Tumour types and biomarkers by sample.
    build : str, optional
        Genome build, where the file does not say.

    Raises
    ------
    BadInput
        No kind of tumour file known here, or nothing in it can be read.
    """
    context = make_context(tables, tumour_type, clinical_file, build)
    with open_bounded(path) as stream:
        head = stream.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf")
    if not head.strip():
        raise BadInput(f"{path.name}: is empty; fetch the file again")
    if head.startswith(b"##fileformat=VCF"):
        return read_tumour_vcf(path, context)
    if head.lstrip().startswith((b"{", b"[")):
        if is_phenopacket(head):
            return read_phenopacket(path, context)
        return read_sample_file(path, context)
    if b"hugo_symbol" in head.lower():
        return read_maf(path, context)
    raise BadInput(
        f"{path.name}: is no tumour file known here (it begins with {quoted(head[:24].decode('utf-8', 'replace'))});"
        " give singula.tumour-sample/1 JSON, MAF, an annotated VCF or a Phenopacket"
    )


def make_context(tables: TumourTables, tumour_type: str | None, clinical_file: Path | None, build: str | None) -> TumourContext:
    """Gather what is known beside a tumour file; BadInput where the tumour type is no OncoTree code."""
    if tumour_type is not None:
        tumour_type = tables.tree.check(tumour_type, "--tumour-type")
    return TumourContext(tables, tumour_type, read_clinical(clinical_file) if clinical_file else {}, build)
