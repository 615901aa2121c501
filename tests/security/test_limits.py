"""Safe reading: bounds on size, ratio, depth, digits, lines and XML, each told in one line."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singula.errors import BadInput, UnsafeInput
from singula.sources.limits import DEFAULT, Limits, lines_bounded, open_bounded, parse_json, parse_xml, read_bounded

SMALL = Limits(line_bytes=10, unpacked_bytes=1000, ratio=5.0, ratio_after_bytes=100, json_depth=3, number_digits=5)


def test_gzip_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    for name, data in (("plain.gz", b"hello"), ("packed.txt", gzip.compress(b"hello"))):
        (tmp_path / name).write_bytes(data)
        assert read_bounded(tmp_path / name) == b"hello"


def test_members_of_a_gzip_file_count_together(tmp_path: Path) -> None:
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"a" * 90) * 40)
    with pytest.raises(UnsafeInput, match=r"unpacks to more than|times its size"):
        read_bounded(tmp_path / "bomb.gz", SMALL)
    (tmp_path / "parts.gz").write_bytes(gzip.compress(b"one ") + gzip.compress(b"two"))
    assert read_bounded(tmp_path / "parts.gz") == b"one two"


def test_a_plain_file_over_the_bound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"a" * 1001)
    with pytest.raises(UnsafeInput, match="split it"):
        read_bounded(tmp_path / "large", SMALL)
    (tmp_path / "large").write_bytes(b"a" * 1000)
    assert len(read_bounded(tmp_path / "large", SMALL)) == 1000


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere: cannot be read"):
        open_bounded(tmp_path / "nowhere")


def test_lines_are_numbered_and_bounded() -> None:
    assert list(lines_bounded(io.BytesIO(b"a\r\nb\n\nc"), "f", SMALL)) == [(1, b"a"), (2, b"b"), (3, b""), (4, b"c")]
    with pytest.raises(UnsafeInput, match="f:2: the line is longer"):
        list(lines_bounded(io.BytesIO(b"a\n" + b"b" * 11), "f", SMALL))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"[[[[1]]]]", "nested deeper than 3"),
        (b"123456", "out of range"),
        (b"0.12345", "out of range"),
        (b'{"a":1,"a":2}', "'a' stands twice"),
        (b'{"a":{"b":1,"b":2}}', "'b' stands twice"),
        (b"[NaN]", "NaN"),
        (b"\xff", "not UTF-8 at byte 0"),
        (b"[1,\n2,\n]", "f:3: is no JSON"),
    ],
)
def test_json_beyond_a_bound_is_refused(text: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse_json(text, "f", SMALL)


def test_brackets_inside_strings_are_no_depth() -> None:
    assert parse_json(b'["[[[[[[", "\\"[[[["]', "f", SMALL) == ["[[[[[[", '"[[[[']
    assert parse_json(b"\xef\xbb\xbf[1]", "f", SMALL) == [1]


@given(
    st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3))
)
def test_what_json_can_say_is_read_back(value: object) -> None:
    assert parse_json(json.dumps(value).encode(), "f") == value


@pytest.mark.parametrize("text", [b"<!DOCTYPE a><a/>", b"<!doctype a><a/>", b'<a><!ENTITY x "y"></a>'])
def test_xml_with_a_document_type_is_refused(text: bytes) -> None:
    with pytest.raises(UnsafeInput, match="document type"):
        parse_xml(text, "f")


def test_xml_nested_beyond_the_bound_is_refused() -> None:
    deep = b"<a>" * (DEFAULT.xml_depth + 1) + b"</a>" * (DEFAULT.xml_depth + 1)
    with pytest.raises(UnsafeInput, match="nested deeper than 200"):
        parse_xml(deep, "f")
    assert parse_xml(b"<a><b/></a>", "f").tag == "a"
