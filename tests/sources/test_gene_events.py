"""Copy-number, fusion and panel tables beside the variants: what they add, what they only say, and what they get wrong."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from singula.cli.main import main
from singula.knowledge import load_knowledge
from singula.methods.tumour.sample import Fusion, GeneEvent, TumourSample
from singula.methods.tumour.tables import load_tumour_tables
from singula.sources.gene_events import add_events, add_panel, read_panel
from singula.sources.tumour_samples import TumourContext, TumourReading

MAF = "Hugo_Symbol\tTumor_Sample_Barcode\tHGVSp_Short\nTP53\ts1\tp.R175H\n"


def read(*paths: Path, samples: tuple[str, ...] = ()) -> TumourReading:
    context = TumourContext(load_tumour_tables(load_knowledge()), "LUAD")
    context.reading.samples.extend(TumourSample(name, "LUAD") for name in samples)
    add_events(context.reading, paths, context)
    return context.reading


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(row.replace("|", "\t") for row in rows) + "\n")
    return path


def test_a_matrix_of_calls_gives_what_it_says_for_each_sample(tmp_path: Path) -> None:
    rows = ("Gene Symbol|Locus ID|Cytoband|a|b", "MET|0|0|2|0", "CDK4|0|0|-2|1", "ERBB2|0|0|NA|-1")
    found = {one.sample_id: one.copy_number for one in read(write(tmp_path / "cna.txt", *rows)).samples}
    assert found["a"] == (GeneEvent("MET", "amplification"), GeneEvent("CDK4", "deletion"))
    assert found["b"] == (GeneEvent("CDK4", "gain"), GeneEvent("ERBB2", "loss"))


def test_a_call_that_is_none_is_told_by_line_and_column_and_the_rest_is_read(tmp_path: Path) -> None:
    rows = ("Tumor_Sample_Barcode|Hugo_Symbol|Copy_Number_Alteration", "s|MET|much", "s|ERBB2|Amplification", "|CDK4|2")
    reading = read(write(tmp_path / "cna.txt", *rows), samples=("s",))
    assert reading.samples[0].copy_number == (GeneEvent("ERBB2", "amplification"),)
    assert "cna.txt:2: column copy_number_alteration is 'much'; expected -2 to 2" in reading.refused[0].replace('"', "'")
    assert reading.refused[1].startswith("cna.txt:4: Tumor_Sample_Barcode is empty")


def test_fusions_are_read_from_names_and_from_two_columns_and_a_break_within_a_gene_is_none(tmp_path: Path) -> None:
    names = write(
        tmp_path / "f.txt", "Tumor_Sample_Barcode|Fusion", "s|ALK-EML4", "s|MLL2-intragenic", "s|NKX2-1-X99", "s|no pair"
    )
    pairs = write(tmp_path / "sv.txt", "Tumor_Sample_Barcode|GeneA|GeneB|Sv_Type", "s|CD74|ROS1|FUSION", "s|EGFR|EGFR|DELETION")
    reading = read(names, pairs, samples=("s",))
    assert reading.samples[0].fusions == (Fusion("ALK", "EML4"), Fusion("NKX2-1", "X99"), Fusion("CD74", "ROS1"))
    assert [words.partition(":")[0] for words in reading.notes["s"]] == ["MLL2", "EGFR"]
    assert len(reading.refused) == 1
    assert "expected two genes" in reading.refused[0]


@pytest.mark.shared
def test_the_annotators_example_tables_are_read(shared: Path) -> None:
    folder = shared / "samples/tumour/annotator"
    tables = [folder / f"annotator_example_{name}.txt" for name in ("cna", "individual_cna", "fusions", "sv")]
    reading = read(*tables)
    assert reading.refused == []
    samples = {one.sample_id: one for one in reading.samples}
    assert Fusion("ALK", "EML4") in samples["TCGA-05-4417-01"].fusions
    assert GeneEvent("MET", "amplification") in samples["TCGA-02-0033-01"].copy_number


@pytest.mark.shared
@pytest.mark.parametrize(("name", "size"), [("f1cdx_324_genes.csv", 324), ("msk_impact_505_genes.csv", 505)])
def test_a_panel_makes_absence_wild_type(shared: Path, name: str, size: int) -> None:
    genes = read_panel(shared / "samples/tumour/panels" / name)
    assert len(genes) == size
    reading = TumourReading(samples=[TumourSample("s", "COADREAD")])
    add_panel(reading, genes)
    assert {"KRAS", "NRAS"} <= reading.samples[0].tested_genes


def test_the_command_line_takes_the_tables_beside_a_maf(tmp_path: Path) -> None:
    maf = tmp_path / "a.maf"
    maf.write_text(MAF)
    fusions = write(tmp_path / "f.txt", "Tumor_Sample_Barcode|Fusion", "s1|EML4::ALK")
    panel = write(tmp_path / "panel.txt", "ALK", "EGFR")
    words = ("tumour", "annotate", str(maf), "--tumour-type", "LUAD", "--events", str(fusions), "--panel", str(panel), "--json")
    with redirect_stdout(printed := io.StringIO()):
        assert main([*words]) == 0
    (sample,) = json.loads(printed.getvalue())["samples"]
    assert {"alectinib"} <= {medicine for one in sample["therapies"] for medicine in one["medicines"]}
    assert not [words for words in sample["missing"] if "which genes were tested" in words]


@pytest.mark.parametrize(
    ("markers", "name", "expected"),
    [
        ({"her2_ihc": "2+"}, "her2", None),
        ({"her2_ihc": "2+", "her2_ish": "amplified"}, "her2", "positive"),
        ({"her2_ihc": "2+", "her2_ish": "not amplified"}, "her2", "low"),
        ({"her2_ihc": "1+"}, "her2", "low"),
        ({"her2_ihc": "0"}, "her2", "negative"),
        ({"her2_ihc": "0", "her2": "ultralow"}, "her2", "ultralow"),
        ({"msi": "MSI-H"}, "msi", "high"),
        ({"msi": "MSS"}, "msi", "stable"),
        ({"mmr": "dMMR"}, "mmr", "deficient"),
        ({"pdl1_cps": 10}, "pdl1_tps_percent", None),
    ],
)
def test_a_marker_is_read_as_laboratories_write_it(markers: dict[str, Any], name: str, expected: str | None) -> None:
    assert TumourSample("s", "BRCA", biomarkers=markers).marker(name) == expected
