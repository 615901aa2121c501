"""The Task Force's data file is read, superseded by date, compared, and changes the rules it speaks of."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from singula.assess.prevention.assessor import PREVENTION
from singula.assess.prevention.latest_release import current_rules
from singula.cli.main import main
from singula.errors import BadInput
from singula.finding import Considered, Finding
from singula.knowledge import Pack, load_knowledge
from singula.knowledge.importers.markup import plain_text
from singula.knowledge.importers.uspstf import import_uspstf
from singula.knowledge.verification import verify_packs
from tests.assess.prevention.people import person

MAY_2024, MARCH_2027 = "1714683195", "1803000000"
GENERAL = {"7": {"topicYear": "2021", "pubDate": "2021-05-18", "specific": "[1929]"}}
COLON: dict[str, Any] = {
    "id": 1929,
    "title": "Colorectal Cancer: Screening -- Adults aged 45 to 49 years",
    "grade": "B",
    "gradeVer": 1,
    "gender": "men and women",
    "sex": "men and women",
    "ageRange": [45, 49],
    "text": "Screen<br>adults &lt;50<script>alert(1)</script>.",
    "risk": "['41']",
    "bmi": "O,OB",
    "general": 7,
}


def write(path: Path, moment: str, *entries: dict[str, Any]) -> Path:
    risks = {"41": {"code": "TOBACCO", "name": "Tobacco user"}}
    data = {"lastUpdated": moment, "specificRecommendations": entries, "generalRecommendations": GENERAL, "risks": risks}
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_a_row_has_columns_and_prose_without_markup(tmp_path: Path) -> None:
    pack = Pack(import_uspstf(write(tmp_path / "a.json", MAY_2024, COLON), tmp_path))
    assert pack.date == "2024-05-02"
    assert dict(pack.table("recommendations")[0]) == {
        "id": 1929, "topic": "Colorectal Cancer", "who": "Adults aged 45 to 49 years", "kind": "Screening", "grade": "B",
        "grade_version": 1, "sex": "any", "age_min": 45, "age_max": 49, "risks": ("tobacco user",),
        "weights": ("overweight", "obese"), "published": "2021-05-18", "year": 2021, "citation": "uspstf-data",
        "review": "checked",
    }  # fmt: skip
    assert pack.document("prose")["prose"]["1929"] == {"text": "Screen adults <50 ."}


def test_an_upper_age_of_99_is_none_and_a_changed_or_unknown_row_is_unchecked(tmp_path: Path) -> None:
    endless, new = {**COLON, "ageRange": [45, 99]}, {**COLON, "id": 999999}
    rows = Pack(import_uspstf(write(tmp_path / "a.json", MAY_2024, endless, new), tmp_path)).table("recommendations")
    assert [(row.age_max, row.review) for row in rows] == [(None, "unchecked"), (49, "unchecked")]


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>a&nbsp;b</p>\r\n<p>c</p>", "a b c"),
        ("a<img src=x onerror=alert(1)>b", "a b"),
        ("<style>p{}</style>x<svg><script>y</script></svg>", "x"),
        ("&lt;script&gt;", "<script>"),
        ("a\u202eb\x00", "a b"),
    ],
)
def test_markup_becomes_words(markup: str, words: str) -> None:
    assert plain_text(markup) == words


def test_older_data_does_not_replace_newer_and_newer_replaces_older(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old.json", MAY_2024, COLON), write(tmp_path / "new.json", MARCH_2027, COLON)
    import_uspstf(old, tmp_path)
    assert Pack(import_uspstf(new, tmp_path)).date == "2027-02-19"
    with pytest.raises(BadInput, match="newer data stays"):
        import_uspstf(old, tmp_path)
    assert Pack(tmp_path / "uspstf").date == "2027-02-19"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b"\x1f\x8bnot gzip",
        b'{"lastUpdated": "x", "specificRecommendations": []}',
        b'{"lastUpdated": "1", "specificRecommendations": [{"id": 1}]}',
        json.dumps({"lastUpdated": "1", "specificRecommendations": [{**COLON, "grade": "Z"}]}).encode(),
        json.dumps({"lastUpdated": "1", "specificRecommendations": [{**COLON, "ageRange": [45]}]}).encode(),
    ],
)
def test_what_is_no_such_data_is_refused_and_leaves_nothing(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.json").write_bytes(content)
    assert main(["kb", "import", "uspstf", str(tmp_path / "a.json"), "--to", str(tmp_path / "kb")]) == 3
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert list((tmp_path / "kb").iterdir()) == []


def test_a_diff_lists_changed_grades_and_ages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, moment, entry in (("old", MAY_2024, COLON), ("new", MARCH_2027, {**COLON, "grade": "A", "ageRange": [40, 49]})):
        (tmp_path / name).mkdir()
        import_uspstf(write(tmp_path / f"{name}.json", moment, entry), tmp_path / name)
    assert main(["kb", "diff", str(tmp_path / "old"), str(tmp_path / "new"), "--json"]) == 0
    change = json.loads(capsys.readouterr().out)["changes"][0]
    assert (change["table"], change["key"]) == ("recommendations", "1929")
    assert change["before"] == {"age_min": 45, "grade": "B", "review": "checked"}
    assert change["after"] == {"age_min": 40, "grade": "A", "review": "unchecked"}


@pytest.mark.parametrize(
    ("changes", "moment", "age", "expected"),
    [
        ({"grade": "A", "ageRange": [40, 49]}, MARCH_2027, 41, ("due", "A", "uspstf", "unchecked")),
        ({"grade": "D"}, MARCH_2027, 46, ("harm-outweighs-benefit", "D", "uspstf", "unchecked")),
        ({"grade": "C"}, MARCH_2027, 46, ("individual-choice", "C", "uspstf", "unchecked")),
        ({"grade": "D"}, MAY_2024, 46, ("due", "B", "prevention", "checked")),
        ({}, MARCH_2027, 46, ("due", "B", "prevention", "checked")),
    ],
)
def test_newer_data_changes_what_is_due_and_older_data_does_not(
    tmp_path: Path, changes: dict[str, Any], moment: str, age: int, expected: tuple[str, ...]
) -> None:
    import_uspstf(write(tmp_path / "a.json", moment, {**COLON, **changes}), tmp_path)
    told = [
        (one.due.status if isinstance(one, Finding) and one.due else getattr(one, "reason_code", ""), *one.evidence[:1])
        for one in PREVENTION.assess(person("male", age), load_knowledge(tmp_path))
        if isinstance(one, Finding | Considered) and one.topic.name == "colorectal-cancer-screening"
    ]
    assert [(what, by.level, by.pack, by.review) for what, by in told] == [expected]


@pytest.mark.shared
def test_the_release_of_may_2024_agrees_with_every_structured_rule(shared: Path, tmp_path: Path) -> None:
    pack = Pack(import_uspstf(shared / "samples/risk/uspstf/uspstf_api_2024-05.json.gz", tmp_path))
    rows = pack.table("recommendations")
    assert Counter(row.grade for row in rows) == {"A": 14, "B": 40, "C": 8, "D": 23, "I": 58}
    assert verify_packs(load_knowledge(tmp_path)) == []
    assert current_rules(load_knowledge(tmp_path)) == current_rules(load_knowledge())
    prose = json.dumps(pack.document("prose"))
    assert "<p" not in prose
    assert "style=" not in prose
    with gzip.open(shared / "samples/risk/uspstf/uspstf_api_2024-05.json.gz") as stream:
        assert len(json.load(stream)["specificRecommendations"]) == len(rows)
