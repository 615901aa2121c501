"""One source record per method: complete attributes, disclosed personal inputs, nothing empty, and XML that validates."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from lxml import etree

from singula.cli.main import main
from singula.deliver.model_card import describe_method, render_card_page, render_card_xml
from singula.knowledge import load_knowledge
from singula.methods.registry import find_method, list_methods

STUB = (
    b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/2000/09/xmldsig#">'
    b'<xs:element name="Signature"/></xs:schema>'
)
METHODS = [method_id for method_id, _ in list_methods()]


class _Signatures(etree.Resolver):
    """Answer the schema's import of XML signatures without a network."""

    def resolve(self, url: str, _public_id: str, context: object) -> object:
        """Return the stub for the signature schema, nothing for anything else."""
        return self.resolve_file(io.BytesIO(STUB), context, base_url=url) if "xmldsig" in url else None


def test_every_method_answers_thirteen_and_thirty_one_attributes() -> None:
    for method_id in METHODS:
        record = describe_method(find_method(method_id), load_knowledge())
        assert [row["number"] for row in record["evidence_based"]] == list(range(1, 14)), method_id
        assert [row["number"] for row in record["predictive"]] == list(range(1, 32)), method_id
        assert all(row["answer"].strip() for row in record["evidence_based"] + record["predictive"]), method_id


def test_race_is_disclosed_where_an_equation_uses_it_and_only_there() -> None:
    use = {
        method_id: describe_method(find_method(method_id), load_knowledge())["evidence_based"][4]["answer"]
        for method_id in ("pce-2013", "prevent-2023")
    }
    assert use == {"pce-2013": "Used: race", "prevent-2023": "Not used"}


@pytest.mark.shared
def test_every_card_validates_against_the_published_schema(shared: Path) -> None:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Signatures())
    schema = etree.XMLSchema(etree.parse(str(shared / "samples" / "risk" / "chai" / "v0.2" / "schema.xsd"), parser))
    for method_id in METHODS:
        card = etree.fromstring(render_card_xml(describe_method(find_method(method_id), load_knowledge())))
        schema.assertValid(card)


def test_page_escapes_shows_population_and_says_what_is_not_known() -> None:
    record = describe_method(find_method("prevent-2023"), load_knowledge())
    page = render_card_page({**record, "title": "<script>"})
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "6.6 million adults 30-79 without CVD" in page
    assert "not known" in page


def test_card_by_command_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calc", "card", "fib-4"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "singula.model-card/1"
    assert main(["calc", "card", "fib-4", "--format", "xml"]) == 0
    assert capsys.readouterr().out.startswith("<?xml")
