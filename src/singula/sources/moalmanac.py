"""Importer of the Molecular Oncology Almanac: the list of assertions (older) and the referenced tables (newer).

A biomarker the newer tables mark as not present has to be absent. Where a tumour's change is wanted absent and the indication's
own words do not say so, the two contradict each other, and the entry is left out.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from singula.errors import BadInput
from singula.sources.imported_packs import release_date
from singula.sources.limits import MIB, parse_json, read_bounded
from singula.sources.profile_words import ProfileReader, load_profile_reader
from singula.sources.therapy_release import Claim, Release, Source, name_medicine, write_release

PACK, TITLE, LICENCE = "moalmanac", "Molecular Oncology Almanac of {day}", "GPL-2.0 (the source's); a copy of the user's own"
HOW = "fetch it with its dates, or name the file with the day, such as moalmanac-2026-05-07.json"
LEVELS = {"FDA-Approved": "I-A", "Guideline": "I-B", "Clinical trial": "II-C", "Clinical evidence": "II-C", "Preclinical": "II-D"}
TABLES = (
    "about", "biomarkers", "diseases", "documents", "genes", "indications", "propositions", "statements", "therapies",
    "therapy_groups",
)  # fmt: skip
ABSENCE_WORDS = ("without", "absence", "negative", "wild-type", "wild type", "unknown")
UNKNOWN_WORD = "unknown"
NO_BENEFIT, SENSITIVITY, RESISTANCE = "no_benefit", "sensitivity", "resistance"
LUNG, NO_DRIVER = "NSCLC", ("WT(EGFR:sensitising)", "WT(ALK:fusion)")
TRUNCATIONS = ("Nonsense", "Frameshift")
EXON_KINDS = {"Missense": "missense", "Deletion": "inframe_deletion", "Insertion": "inframe_insertion", "Splice Site": "splice"}
DUPLICATION = "Internal Tandem Duplication (ITD)"
STATUS_MARKERS = {
    "Estrogen receptor (ER)": "er", "Progesterone receptor (PR)": "pr", "Human epidermal growth factor receptor 2 (HER2)": "her2",
    "CD19": "cd19", "CD30": "cd30", "CD117": "cd117",
}  # fmt: skip
SCALES = {
    ("PD-L1", "Tumor Proportion Score (TPS)"): ("pdl1_tps_percent", 100),
    ("PD-L1", "Combined Positive Score (CPS)"): ("pdl1_cps", 1),
    ("PD-L1", "Tumor-infiltrating immune cells (TIIC)"): ("pdl1_ic_percent", 100),
    ("CLDN18.2", "Percentage of tumor cells"): ("cldn18_2_percent", 100),
}  # fmt: skip
ARMS = {("5", "q"): "del5q=present", ("17", "p"): "del17p=present"}
AGENCIES = {"fda": "FDA", "ema": "EMA", "hc": "Health Canada", "hse": "HSE", "hpra": "HPRA"}


def import_moalmanac(file: Path, folder: Path) -> Path:
    """Make the pack ``moalmanac`` of a release in either schema.

    Parameters
    ----------
    file : Path
        ``molecular-oncology-almanac.json`` (a list of assertions), or the referenced tables as one JSON object or as a tar of
        ``*.json``; plain or gzip.
    folder : Path
        The knowledge folder.

    Returns
    -------
    Path
        The pack's folder. Prognosis, inferential assertions, deprecated entries and profiles that cannot be matched are left out.

    Raises
    ------
    BadInput
        The file is neither schema.
    """
    document = _read(file)
    release, reader = Release(), load_profile_reader()
    if isinstance(document, list):
        if not document or not all(isinstance(one, Mapping) and "feature_type" in one for one in document):
            raise BadInput(f"{file.name}: is no list of MOAlmanac assertions: an entry has no feature_type")
        day = release_date(file, max(str(one.get("last_updated") or "") for one in document) or None, HOW)
        for one in document:
            _take_assertion(one, release, reader)
    else:
        absent = [name for name in TABLES if name not in document]
        if absent:
            raise BadInput(f"{file.name}: is no MOAlmanac release: it has no table {', '.join(absent)}")
        day = release_date(file, document["about"].get("last_updated"), HOW)
        try:
            _take_statements(document, release, reader)
        except (KeyError, TypeError, StopIteration) as fault:
            raise BadInput(f"{file.name}: a table refers to what is not there: {type(fault).__name__} {fault}") from None
    return write_release(file, folder, Source(PACK, TITLE.format(day=day), LICENCE, day, day), release)


def _read(file: Path) -> Any:
    data = read_bounded(file)
    if data[:1] in (b"[", b"{"):
        return parse_json(data, file.name)
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as packed:
            tables = {}
            for member in packed:
                stem = PurePosixPath(member.name).stem
                content = packed.extractfile(member) if member.isfile() and stem in TABLES else None
                if content is not None:
                    tables[stem] = parse_json(content.read(256 * MIB), member.name)
            return tables
    except tarfile.TarError:
        raise BadInput(f"{file.name}: is neither JSON nor a tar of JSON tables") from None


def _take_assertion(one: Mapping[str, Any], release: Release, reader: ProfileReader) -> None:
    names = [name_medicine(part) for part in str(one.get("therapy_name") or "").split("+") if part.strip()]
    if not names:
        return
    entry = f"MOA-{one.get('assertion_id')}"
    tier = LEVELS.get(str(one.get("predictive_implication")))
    direction = _direction(one)
    expression = _expression_of(one, reader)
    tumour_types = reader.read_disease(
        str(one.get("oncotree_code") or ""), str(one.get("oncotree_term")), str(one.get("disease"))
    )
    reasons = {
        "it is deprecated": one.get("_deprecated"),
        f"its evidence is {one.get('predictive_implication')}": tier is None,
        "it states neither sensitivity nor resistance": direction is None,
        f"its {one.get('feature_type')} cannot be matched": expression is None,
        f"the disease {one.get('disease') or '(none)'} is no tumour type known here": not tumour_types,
    }
    why = next((words for words, holds in reasons.items() if holds), None)
    if why or tier is None or direction is None or expression is None:
        release.leave_out(entry, str(why))
        return
    label = one.get("source_type") == "FDA"
    release.claims.append(
        Claim(
            id=entry,
            medicines=tuple(names),
            direction=direction,
            expression=expression,
            tumour_types=tumour_types,
            level=str(one["predictive_implication"]),
            tier=tier,
            citation=f"MOAlmanac assertion {one.get('assertion_id')} ({one.get('source_type')} {one.get('publication_date')})",
            pmid=str(one.get("pmid") or ""),
            agency="MOAlmanac (FDA)" if label else "MOAlmanac",
            approval="regular" if label and tier == LEVELS["FDA-Approved"] else "",
            setting=str(one.get("context") or "").lower(),
        )
    )


def _direction(one: Mapping[str, Any]) -> str | None:
    """Return what an assertion says; a 0 for sensitivity says that the medicine does not help."""
    if str(one.get("therapy_resistance")) == "1":
        return RESISTANCE
    return {"1": SENSITIVITY, "0": NO_BENEFIT}.get(str(one.get("therapy_sensitivity")))


def _expression_of(one: Mapping[str, Any], reader: ProfileReader) -> str | None:
    """Return the expression of an assertion, or of a newer biomarker whose fields have the same names."""
    kind, gene = str(one.get("feature_type") or one.get("biomarker_type")), str(one.get("gene") or "")
    if kind == "Rearrangement":
        genes = [str(one[name]) for name in ("gene1", "gene2") if one.get(name)]
        return f"{genes[0]}:fusion" if len(genes) == 1 else "::".join(genes) or None
    if kind in ("Somatic Variant", "Germline Variant"):
        return _variant(one, gene, "germline" if kind.startswith("Germline") else "", reader)
    if kind == "Copy Number":
        return reader.read_alteration(gene, str(one.get("direction")))
    fixed = {
        "Microsatellite Stability": {"MSI-High": "msi=high", "Microsatellite instability-high (MSI-H)": "msi=high",
                                     "Microsatellite stable (MSS)": "msi=stable"}.get(str(one.get("status"))),
        "Mismatch Repair": {"Deficient": "mmr=deficient", "Proficient": "mmr=proficient"}.get(str(one.get("status"))),
        "Homologous Recombination": "hrd=positive" if one.get("status") == "Deficient" else None,
        "Wild type": f"WT({gene}:oncogenic_mutation OR {gene}:fusion)",
        "Copy Number (arm level)": ARMS.get((str(one.get("chromosome")), str(one.get("arm")))),
    }  # fmt: skip
    if kind in ("Tumor mutational burden", "Mutational Burden"):
        least = one.get("minimum_mutations_per_megabase") or one.get("mutations_per_mb")
        return f"tmb_per_mb>={least}" if least else None
    return _protein(one) if kind == "Protein expression" else fixed.get(kind)


def _variant(one: Mapping[str, Any], gene: str, origin: str, reader: ProfileReader) -> str | None:
    change, exon, kind = (str(one.get(name) or "") for name in ("protein_change", "exon", "variant_annotation"))
    if change:
        return reader.read_alteration(gene, change.removeprefix("p."), origin)
    if kind == DUPLICATION:
        return f"{gene}:itd"
    if origin:
        return f"{gene}:pathogenic@germline"
    if exon and kind not in TRUNCATIONS:
        skipped = (gene, int(exon)) == ("MET", 14) and kind in ("Splice Site", "Deletion")
        return f"{gene}:exon({exon}):{'skipping' if skipped else EXON_KINDS.get(kind, 'any_mutation')}"
    if kind in TRUNCATIONS:
        return f"{gene}:truncating"
    if kind == "Splice Site":
        return f"{gene}:pathogenic"
    known = reader.read_profile(str(one.get("name") or ""))
    return known or f"{gene}:{'pathogenic' if one.get('requires_oncogenic') else 'oncogenic_mutation'}"


def _protein(one: Mapping[str, Any]) -> str | None:
    marker, unit, value = str(one.get("marker")), str(one.get("unit")), one.get("value")
    if marker in STATUS_MARKERS and unit == "status" and isinstance(value, str):
        return f"{STATUS_MARKERS[marker]}={value.lower()}"
    scale = SCALES.get((marker, unit))
    if scale is None or not isinstance(value, int | float):
        return None
    return f"{scale[0]}{one.get('equality')}{value * scale[1]:g}"


def _take_statements(tables: Mapping[str, Any], release: Release, reader: ProfileReader) -> None:
    by_id = {name: {one["id"]: one for one in tables[name]} for name in TABLES if isinstance(tables[name], list)}
    for one in tables["statements"]:
        entry = f"MOA-statement-{one['id']}"
        proposition = by_id["propositions"][one["proposition_id"]]
        indication = by_id["indications"][one["indication_id"]]
        document = by_id["documents"][indication["document_id"]]
        disease = by_id["diseases"][proposition["conditionQualifier_id"]]
        tumour_types = reader.read_disease(disease["primary_coding_id"].removeprefix("oncotree:"), disease["name"])
        words = indication["indication"].lower()
        markers = [by_id["biomarkers"][number] for number in proposition["biomarkers"]]
        read = [_read_biomarker(marker, by_id["genes"], words, reader) for marker in markers]
        refused = next((why for _, why in read if why), None)
        if all(str(atom).startswith("WT(") for atom, _ in read) and not any(_is_absent(marker) for marker in markers):
            refused = "it rests on wild type alone"
        direction = {"predictSensitivityTo": SENSITIVITY, "predictResistanceTo": RESISTANCE}.get(proposition["predicate"])
        if refused or not tumour_types or direction is None or one["direction"] != "supports" or document["status"] != "Active":
            release.leave_out(entry, refused or _why_not(disease, tumour_types, document))
            continue
        release.claims.append(
            Claim(
                id=entry,
                medicines=tuple(_medicines(proposition, by_id)),
                direction=direction,
                expression=_guard([str(atom) for atom, _ in read], tumour_types, reader),
                tumour_types=tumour_types,
                level="Approval",
                tier="I-A",
                citation=f"{document['name']} {document.get('publication_date') or ''}".strip(),
                agency=f"MOAlmanac ({AGENCIES.get(document['agent_id'], document['agent_id'])})",
                approval="regular",
                setting=str(indication.get("raw_cancer_type") or "").lower(),
            )
        )


def _why_not(disease: Mapping[str, Any], tumour_types: Sequence[str], document: Mapping[str, Any]) -> str:
    if not tumour_types:
        return f"the disease {disease['name']} is no tumour type known here"
    return f"its document is {document['status']}" if document["status"] != "Active" else "it supports no prediction"


def _read_biomarker(
    marker: Mapping[str, Any], genes: Mapping[Any, Mapping[str, Any]], words: str, reader: ProfileReader
) -> tuple[str | None, str | None]:
    """Return the expression of a biomarker, or why it has none."""
    fields = {part["name"]: part["value"] for part in marker["extensions"]}
    named = [str(genes[number]["name"]) for number in marker.get("genes") or ()]
    if fields.get("biomarker_type") == "Rearrangement":
        expression = reader.read_profile(marker["name"]) or (f"{named[0]}:fusion" if len(named) == 1 else None)
    else:
        expression = _expression_of({**fields, "gene": named[0] if named else "", "name": marker["name"]}, reader)
    if expression is None:
        return None, f"the biomarker {marker['name']} cannot be matched"
    if not _is_absent(marker):
        return expression, None
    if not any(word in words for word in ABSENCE_WORDS):
        return None, f"the biomarker {marker['name']} is marked absent and the indication does not say so"
    if "=" in expression:
        return expression.replace("=present", "=absent"), None
    return f"NOT {expression}" if UNKNOWN_WORD in words else f"WT({expression})", None


def _guard(atoms: Sequence[str], tumour_types: Sequence[str], reader: ProfileReader) -> str:
    """Join the parts of a profile. A PD-L1 score opens nothing in a lung cancer whose driver is present or untested."""
    lung = any(reader.tables.tree.is_any_of(code, (LUNG,)) for code in tumour_types)
    drivers = NO_DRIVER if lung and any(atom.startswith("pdl1_") for atom in atoms) else ()
    return " AND ".join(dict.fromkeys((*atoms, *drivers)))


def _is_absent(marker: Mapping[str, Any]) -> bool:
    return any(part["name"] == "_present" and part["value"] is False for part in marker["extensions"])


def _medicines(proposition: Mapping[str, Any], by_id: Mapping[str, Mapping[Any, Any]]) -> Iterator[str]:
    single = proposition["therapy_id"]
    numbers = [single] if single is not None else by_id["therapy_groups"][proposition["therapy_group_id"]]["therapies"]
    yield from (name_medicine(by_id["therapies"][number]["name"]) for number in numbers)
