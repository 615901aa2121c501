"""HL7 v2: separators, character sets, corrections, withdrawals, orders and genetics as laboratories send them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from singula.knowledge import load_knowledge
from singula.record import Fact, Genotype, Medicine, Observation, Status
from singula.sources.reading import Reading, read_inputs

HEAD = "MSH|^~\\&|LAB|X|EHR|Y|20260201||ORU^R01|1|P|2.5.1\rPID|1||7^^^LAB&1.2.3&ISO^MR||EXAMPLE^A||19700201|F\r"
CREATININE = "2160-0^Creatinine^LN"


def _read(tmp_path: Path, text: str | bytes, *more: str) -> Reading:
    for number, one in enumerate((text, *more)):
        (tmp_path / f"{number}.hl7").write_bytes(one if isinstance(one, bytes) else one.encode())
    return read_inputs([tmp_path], load_knowledge(), as_of=date(2026, 11, 1))


def _facts(reading: Reading) -> tuple[Fact, ...]:
    (record,) = reading.records
    return record.facts


def _numbers(reading: Reading) -> list[float]:
    return [fact.value.number for fact in _facts(reading) if isinstance(fact, Observation) and hasattr(fact.value, "number")]


def _row(value: str, state: str = "F", kind: str = "NM", sub: str = "", code: str = CREATININE, when: str = "") -> str:
    return f"OBX|1|{kind}|{code}|{sub}|{value}|mg/dL|||||{state}|||{when}\r"


def test_separators_are_read_from_the_header(tmp_path: Path) -> None:
    text = HEAD + "OBR|1|o1||x\r" + _row("0.9") + "OBX|2|ST|8251-1^Comment^LN||a#b||||||F\r"
    swapped = text.translate({ord("|"): "!", ord("^"): "%"})
    reading = _read(tmp_path, swapped)
    assert _numbers(reading) == [0.9]
    assert [identifier.system for identifier in reading.records[0].person.identifiers] == ["urn:oid:1.2.3"]
    assert [fact.value for fact in _facts(reading) if fact.concept.display == "Comment"] == ["a#b"]


def test_lines_frames_and_character_sets_are_accepted(tmp_path: Path) -> None:
    text = HEAD.replace("EXAMPLE", "MÜLLER").replace("2.5.1\r", "2.5.1||||||8859/1\r") + _row("0.9")
    framed = b"\x0b" + text.replace("\r", "\r\n").encode("latin-1") + b"\x1c\r"
    reading = _read(tmp_path, framed)
    assert reading.records[0].person.name == "A MÜLLER"
    assert _numbers(reading) == [0.9]


def test_withdrawn_rows_are_no_facts_and_do_not_touch_their_neighbours(tmp_path: Path) -> None:
    rows = _row("0.9") + _row("9.0", "W") + _row("8.0", "D") + _row("7.0", "X")
    assert _numbers(_read(tmp_path, HEAD + "OBR|1|o1||x\r" + rows)) == [0.9]


def test_a_correction_replaces_the_result_of_an_earlier_message(tmp_path: Path) -> None:
    first = HEAD + "OBR|1|o1|f1|x\r" + _row("9.0")
    second = HEAD + "OBR|1|o1|f1|x\r" + _row("0.9", "C")
    assert _numbers(_read(tmp_path, first + second)) == [0.9]


def test_a_correction_inside_a_message_replaces_the_row_before_it(tmp_path: Path) -> None:
    assert _numbers(_read(tmp_path, HEAD + "OBR|1|o1|f1|x\r" + _row("9.0") + _row("0.9", "C"))) == [0.9]


def test_a_deletion_takes_back_the_result_of_an_earlier_message(tmp_path: Path) -> None:
    first = HEAD + "OBR|1|o1|f1|x\r" + _row("9.0")
    assert _numbers(_read(tmp_path, first + HEAD + "OBR|1|o1|f1|x\r" + _row("9.0", "D"))) == []


def test_a_series_in_one_panel_keeps_every_value(tmp_path: Path) -> None:
    rows = _row("0.9", when="202602010800") + _row("1.1", when="20260202")
    assert _numbers(_read(tmp_path, HEAD + "OBR|1|o1|f1|x\r" + rows)) == [0.9, 1.1]


def test_comparators_are_kept(tmp_path: Path) -> None:
    rows = _row("<^0.5", kind="SN") + _row(">90", code="33914-3^eGFR^LN")
    values = [fact.value for fact in _facts(_read(tmp_path, HEAD + rows)) if isinstance(fact, Observation)]
    assert [(value.comparator, value.number) for value in values] == [("<", 0.5), (">", 90.0)]


def test_genes_without_sub_ids_are_split_at_each_gene(tmp_path: Path) -> None:
    rows = "".join(
        f"OBX|{n}|{kind}|{code}||{value}||||||F\r"
        for n, (kind, code, value) in enumerate(
            [
                ("CWE", "48018-6^Gene^LN", "HGNC:2621^CYP2C19^HGNC"),
                ("ST", "84413-4^Genotype^LN", "CYP2C19 *2/*3"),
                ("CWE", "48018-6^Gene^LN", "HGNC:10959^SLCO1B1^HGNC"),
                ("ST", "84413-4^Genotype^LN", "SLCO1B1 *1/*5"),
            ]
        )
    )
    found = [fact for fact in _facts(_read(tmp_path, HEAD + "OBR|1|o1||51969-4^G^LN\r" + rows)) if isinstance(fact, Genotype)]
    assert [(fact.gene, fact.diplotype) for fact in found] == [("CYP2C19", "*2/*3"), ("SLCO1B1", "*1/*5")]


def test_a_phenotype_without_diplotype_is_read_from_its_group(tmp_path: Path) -> None:
    rows = (
        "OBX|1|CWE|48018-6^Gene^LN|1a|HGNC:12014^TPMT^HGNC||||||F\r"
        "OBX|2|CWE|79713-4^TPMT gene product metabolic activity^LN|1a|LA9657-3^Poor metabolizer^LN||||||F\r"
    )
    (fact,) = _facts(_read(tmp_path, HEAD + rows))
    assert (fact.kind.value, getattr(fact, "gene", None)) == ("gene-phenotype", "TPMT")


def test_the_last_order_control_wins(tmp_path: Path) -> None:
    order = "RXO|32968^clopidogrel^RXNORM|75||mg^mg^UCUM\r"
    start = HEAD.replace("ORU^R01", "ORM^O01") + "ORC|NW|o9||||||||20260105\r" + order
    stop = HEAD.replace("ORU^R01", "ORM^O01") + "ORC|DC|o9||||||||20260301\r" + order
    (fact,) = _facts(_read(tmp_path, start))
    assert isinstance(fact, Medicine)
    assert (fact.name, fact.use, fact.dose.number if fact.dose else None) == ("clopidogrel", "active", 75.0)
    (fact,) = _facts(_read(tmp_path, start + stop))
    assert isinstance(fact, Medicine)
    assert fact.use == "stopped"


def test_a_number_in_words_is_told_and_unknown(tmp_path: Path) -> None:
    reading = _read(tmp_path, HEAD + _row("pending"))
    (fact,) = _facts(reading)
    assert fact.status is Status.UNKNOWN
    assert [problem.message for problem in reading.problems] == ["the value 'pending' is no number; it is not used"]
