"""VCF rows are found at the positions asked about, by streaming and by index alike."""

from __future__ import annotations

import gzip
import os
import random
from bisect import bisect_left
from pathlib import Path

import pysam
import pytest

from singula.errors import BadInput
from singula.sources.vcf import VcfFile, VcfRow
from singula.sources.vcf_header import read_header_text

HEAD = """\
##fileformat=VCFv4.2
##contig=<ID=chr1,length=248956422>
##contig=<ID=chr10,length=133797422>
##contig=<ID=chrX,length=156040895>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1
"""
ROWS = "chr1\t100\t.\tA\tG\t.\tPASS\tDP=3\tGT\t0/1\nchr1\t101\t.\tC\t<NON_REF>\t.\t.\tEND=200\tGT\t0/0\n"
ROWS += "chrX\t7\t.\tA\t.\t.\t.\t.\tGT\t0\n"


def write_vcf(path: Path, body: str, *, head: str = HEAD) -> Path:
    path.write_text(head + body, encoding="utf-8")
    return path


def found(path: Path, wanted: dict[str, list[int]]) -> list[tuple[str, int, int | None]]:
    with VcfFile(path) as vcf:
        return [(row.chromosome, row.position, row.covers) for row in vcf.rows_at(wanted)]


def make_gvcf(folder: Path, seed: int, padding: int = 0) -> tuple[Path, list[tuple[str, int, int]]]:
    """Write a bgzip gVCF of sites and blocks on three chromosomes; return it with (chromosome, first, last) of every row."""
    chance = random.Random(seed)
    rows: list[tuple[str, int, int]] = []
    lines = []
    for name in ("1", "10", "X"):
        place = chance.randint(1, 50_000)
        while place < 3_000_000:
            last = place + chance.choice((0, 0, 0, chance.randint(0, 400), chance.randint(20_000, 90_000)))
            alt, info = ("<NON_REF>", f"DP=9;END={last}") if last > place else ("G", "DP=9")
            note = f"r{chance.getrandbits(4 * padding):x}" if padding else "."
            lines.append(f"chr{name}\t{place}\t{note}\tA\t{alt}\t.\tPASS\t{info}\tGT\t0/0\n")
            rows.append((name, place, last))
            place = last + chance.randint(1, 3_000)
    plain = write_vcf(folder / "made.vcf", "".join(lines))
    packed = folder / "made.vcf.gz"
    pysam.tabix_compress(str(plain), str(packed), force=True)
    return packed, rows


def expected(rows: list[tuple[str, int, int]], wanted: dict[str, list[int]]) -> list[tuple[str, int, int | None]]:
    answer: list[tuple[str, int, int | None]] = []
    for name, first, last in rows:
        sites = wanted.get(name, [])
        at = bisect_left(sites, first)
        if at < len(sites) and sites[at] == first:
            answer.append((name, first, None))
        else:
            answer.extend((name, first, site) for site in sites[at:] if site <= last)
    return answer


def test_rows_at_positions_and_blocks_over_them_are_found(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "a.vcf", ROWS)
    assert found(path, {"1": [100, 150, 201], "X": [7]}) == [("1", 100, None), ("1", 101, 150), ("X", 7, None)]


def test_windows_line_ends_and_a_last_line_without_end_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.vcf"
    path.write_bytes((HEAD + ROWS).replace("\n", "\r\n").rstrip("\r\n").encode())
    with VcfFile(path) as vcf:
        rows = list(vcf.rows_at({"1": [100], "X": [7]}))
    assert [list(row.fields) for row in rows] == [[b"0/1"], [b"0"]]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("csi", [False, True])
def test_an_index_finds_what_streaming_finds(tmp_path: Path, seed: int, csi: bool) -> None:
    path, rows = make_gvcf(tmp_path, seed)
    chance = random.Random(seed + 100)
    own = chance.sample([first for name, first, _ in rows if name == "10"], 40)
    wanted = {"10": sorted({*own, *(chance.randint(1, 3_100_000) for _ in range(40))}), "X": [2_999_999], "7": [55]}
    streamed = found(path, wanted)
    assert streamed == expected(rows, wanted)
    pysam.tabix_index(str(path), preset="vcf", csi=csi, force=True)
    assert path.with_name(f"{path.name}.{'csi' if csi else 'tbi'}").exists()
    assert found(path, wanted) == streamed


def test_with_an_index_only_the_needed_parts_are_read(tmp_path: Path) -> None:
    path, rows = make_gvcf(tmp_path, 9, padding=4000)
    pysam.tabix_index(str(path), preset="vcf", force=True)
    index = path.with_name(path.name + ".tbi")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(2000)
    path.write_bytes(bytes(data))
    os.utime(index)
    first = rows[0][1]
    assert found(path, {"1": [first]}) == [("1", first, None)]
    index.unlink()
    with pytest.raises(BadInput, match="damaged or cut short"):
        found(path, {"1": [first]})


def test_an_index_older_than_its_file_is_not_believed(tmp_path: Path) -> None:
    path, rows = make_gvcf(tmp_path, 3)
    index = path.with_name(path.name + ".tbi")
    index.write_bytes(gzip.compress(b"nonsense"))
    os.utime(index, (1, 1))
    assert found(path, {"1": [rows[0][1]]}) == [("1", rows[0][1], None)]
    os.utime(index)
    with pytest.raises(BadInput, match="index is damaged; make it anew"):
        found(path, {"1": [rows[0][1]]})


def test_an_index_of_another_file_is_told(tmp_path: Path) -> None:
    path, rows = make_gvcf(tmp_path, 3)
    pysam.tabix_index(str(path), preset="vcf", force=True)
    index = path.with_name(path.name + ".tbi")
    path.write_bytes(gzip.compress(b"".join([HEAD.encode(), ROWS.encode() * 40_000])))
    os.utime(index)
    with pytest.raises(BadInput, match="index beside it is of another file"):
        found(path, {"X": [rows[-1][1]]})


@pytest.mark.parametrize(
    "row", ["chr1\tten\t.\tA\tG\t.\t.\t.\tGT\t0/1\n", "chr1\n", "chr1\t\t.\tA\tG\t.\t.\t.\tGT\t0/1\n", "\t5\tA\n"]
)
def test_a_row_without_a_position_names_its_line(tmp_path: Path, row: str) -> None:
    path = write_vcf(tmp_path / "a.vcf", ROWS + row)
    with pytest.raises(BadInput, match=r"a\.vcf:9: is no VCF row"):
        found(path, {"1": [100]})


def test_a_row_with_missing_columns_names_its_line(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "a.vcf", "chr1\t100\t.\tA\tG\n")
    with pytest.raises(BadInput, match=r"a\.vcf:6: has 5 columns, the header has 10"):
        found(path, {"1": [100]})


def test_chromosomes_in_any_order_and_comments_between_are_read(tmp_path: Path) -> None:
    lines = [f"chr{name}\t{place}\t.\tA\tG\t.\t.\t.\tGT\t0/1\n" for place in (5, 6, 7) for name in ("X", "1", "10")]
    path = write_vcf(tmp_path / "a.vcf", "#note\n\n".join(lines))
    with VcfFile(path) as vcf:
        rows: list[VcfRow] = list(vcf.rows_at({"1": [6], "10": [7]}))
    assert [(row.chromosome, row.position, row.where) for row in rows] == [("1", 6, "18"), ("10", 7, "30")]


@pytest.mark.parametrize(
    ("contigs", "build"),
    [
        ({"chr13": 114364328}, "GRCh38"),
        ({"13": 115169878, "MT": 16569}, "GRCh37"),
        ({"22": 51174940}, None),
        ({"1": 248956422, "2": 5, "3": 5}, None),
        ({"1": 248956422, "2": 242193529, "3": 198295559, "4": 5}, "GRCh38"),
    ],
)
def test_the_build_is_told_by_three_contigs_or_all_that_are_given(contigs: dict[str, int], build: str | None) -> None:
    lines = "".join(f"##contig=<ID={name},length={length}>\n" for name, length in contigs.items())
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    assert read_header_text("a.vcf", f"##fileformat=VCFv4.2\n{lines}{columns}").build == build
