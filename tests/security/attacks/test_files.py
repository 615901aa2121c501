"""Attacks 8, 9 and 15: hostile files, hostile markup in files, names that lead elsewhere."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from singula.cli.main import main
from tests.govern.conftest import Shop
from tests.security.attacks.conftest import corpus
from tests.security.broken_inputs import HEADER, ROW
from tests.serve.real import RealServer
from tests.serve.requests import person

MEASURED = """\
import resource, sys
from singula.cli.main import main
code = main(sys.argv[1:])
print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""
MOST_KIB = 1_500_000
BOMBS = {
    "long-line.vcf.gz": HEADER + b"chr10\t94781859\t.\tG\tA\t.\tPASS\t" + b"A" * 50_000_000 + b"\tGT\t0/1\n",
    "many-samples.vcf.gz": HEADER.replace(b"\tS\n", b"".join(b"\tS%d" % number for number in range(2_500_000)) + b"\n") + ROW,
    "repeated.vcf.gz": HEADER + ROW * 600_000,
    "many-alleles.vcf.gz": HEADER + ROW.replace(b"\tA\t", b"\t" + b",".join([b"A"] * 200_000) + b"\t"),
    "far.vcf.gz": HEADER + ROW.replace(b"94781859", b"9" * 40),
    "deep.json": b"[" * 2_000_000,
    "digits.json": b'{"resourceType":"Patient","id":"p","x":' + b"9" * 100_000 + b"}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_attack_08_a_bomb_ends_in_one_line_and_little_memory(name: str, tmp_path: Path) -> None:
    data = BOMBS[name]
    (tmp_path / name).write_bytes(gzip.compress(data, 1) if name.endswith(".gz") else data)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "record", "show", str(tmp_path / name), "--json"],
        capture_output=True, text=True, check=False, env=os.environ,
    )  # fmt: skip
    *lines, last = done.stderr.strip().splitlines()
    code, peak = map(int, last.split())
    assert peak < MOST_KIB
    assert "Traceback" not in done.stderr
    assert code in (0, 3)
    assert code == 0 or (len(lines) == 1 and len(lines[0]) <= 500 and name in lines[0])


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>'


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("laughs.xml", LAUGHS),
        ("xxe.xml", b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'),
        ("dtd.xml", b'<?xml version="1.0"?><!DOCTYPE l SYSTEM "http://127.0.0.1:9/l.dtd"><l/>'),
        ("nested.xml", b"<a>" * 100_000),
        ("deep.json", b'{"a":' * 200 + b"1" + b"}" * 200),
        ("infinite.json", b'{"resourceType":"Patient","id":"p","x":1e999}'),
        ("twice.json", b'{"resourceType":"Patient","id":"p","id":"q"}'),
    ],
)
def test_attack_09_hostile_documents_are_refused(
    name: str, data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(data)
    assert main(["record", "show", str(tmp_path / name), "--json"]) == 3
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert "root:" not in printed.out + printed.err


@pytest.mark.shared
def test_attack_15_a_name_leads_nowhere_else(shared: Path, real: RealServer, shop: Shop) -> None:
    before = {path for path in Path("/tmp").glob("*escape*")}
    names = corpus(shared, "unsafe_names", "name")
    told = shop.load(*[{**person("px")[0], "id": name} for name in names])
    safe = [one for one in told["patients"] if not all(sign.isascii() and (sign.isalnum() or sign in "-.") for sign in one)]
    assert safe == []
    doc = real.token("doc")
    from urllib.parse import quote

    for name in names:
        if name in (".", ".."):
            continue
        part = quote(name, safe="")
        for where in (f"/static/{part}", f"/fhir/Binary/{part}", f"/people/{part}/plan", f"/fhir/$export-file/{part}/Patient"):
            answer = real.get(where, doc)
            assert 400 <= answer.status_code < 500, (where, answer.status_code)
            assert "escape" not in answer.headers.get("location", "")
    assert {path for path in Path("/tmp").glob("*escape*")} == before
    inside = {path.resolve() for path in (shop.folder / "store").rglob("*")}
    assert all((shop.folder / "store").resolve() in path.parents for path in inside)


def test_attack_15_an_output_is_written_where_it_was_named(shop: Shop, tmp_path: Path) -> None:
    shop.load({"resourceType": "Patient", "id": "..", "gender": "female"})
    told = shop.run("export", "..", "-o", str(tmp_path / "x.zip"))
    assert [one["path"] for one in told["files"]] == ["fhir/Patient.ndjson", "consent.json", "access-log.ndjson"]
    assert json.loads((shop.folder / "in.json").read_text())["type"] == "collection"
