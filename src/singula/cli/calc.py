"""``singula calc``: everything a published method can be asked."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import Any

import orjson

from singula.cli.output import print_json, print_table, read_lines
from singula.errors import InvalidInput, MethodError, OutOfDomain, WrongUsage, quoted
from singula.knowledge import load_knowledge
from singula.methods.registry import Method, evaluate, find_method, list_methods

EXAMPLES = """\
examples:
  singula calc list
  singula calc show fib-4
  singula calc card fib-4 --format html > fib-4.html
  singula calc run fib-4 age_years=61 ast_u_per_l=48 alt_u_per_l=39 platelets_1e9_per_l=171 --json
  singula calc run phq-9 responses=1,1,2,1,0,1,1,0,0
  singula calc run fib-4 --jsonl people.jsonl > answers.jsonl
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``calc``."""
    parser.epilog = EXAMPLES
    asks = parser.add_subparsers(dest="ask", metavar="list|show|card|run", required=True)
    listing = asks.add_parser("list", help="all methods")
    listing.add_argument("--json", action="store_true", help="one JSON object on standard output")
    showing = asks.add_parser("show", help="inputs, ranges, outputs and citation of one method")
    showing.add_argument("id")
    showing.add_argument("--json", action="store_true", help="one JSON object on standard output")
    card = asks.add_parser("card", help="model card of one method: source attributes, population, limits")
    card.add_argument("id")
    card.add_argument("--format", choices=("html", "json", "xml"), default="json", help="xml is the CHAI applied model card")
    running = asks.add_parser("run", help="compute one method")
    running.add_argument("id")
    running.add_argument("values", nargs="*", metavar="KEY=VALUE")
    running.add_argument("--json", action="store_true", help="one JSON object on standard output")
    running.add_argument("--jsonl", metavar="FILE", help='lines {"id":…,"inputs":{…}}; - reads standard input')


def run(arguments: argparse.Namespace) -> int:
    """Answer ``calc list``, ``calc show``, ``calc card`` or ``calc run``."""
    if arguments.ask == "list":
        return _list(arguments.json)
    method = find_method(arguments.id)
    if arguments.ask == "show":
        return _show(method, arguments.json)
    if arguments.ask == "card":
        return _card(method, arguments.format)
    if arguments.jsonl:
        return _run_lines(method, arguments.jsonl)
    outputs = evaluate(method, {name: _read_value(method, name, text) for name, text in map(_split, arguments.values)})
    if arguments.json:
        print_json({"id": method.id, "outputs": outputs, "citations": method.citations, "review": method.review})
    else:
        print_table(
            ("output", "value", "unit"),
            [
                (name, _shown(value), method.outputs[name].unit if name in method.outputs else "")
                for name, value in outputs.items()
            ],
        )
    return 0


def _list(as_json: bool) -> int:
    methods = [find_method(method_id) for method_id, _ in list_methods()]
    if as_json:
        print_json(
            {
                "methods": [
                    {"id": method.id, "title": method.title, "pack": method.pack, "review": method.review} for method in methods
                ]
            }
        )
    else:
        print_table(("id", "title"), [(method.id, method.title) for method in methods])
    return 0


def _show(method: Method, as_json: bool) -> int:
    if as_json:
        print_json({key: value for key, value in method.facts.items() if key != "coefficients"})
        return 0
    print(f"{method.id}: {method.title}")
    for citation in method.citations:
        print(f"  {citation}")
    for name in ("population", "horizon", "outcome", "disclaimer"):
        if method.facts.get(name):
            print(f"  {name}: {method.facts[name]}")
    print()
    print_table(
        ("input", "unit", "range", "needed"),
        [(spec.name, spec.unit, spec.range_in_words, _needed(spec.required)) for spec in method.inputs.values()],
    )
    print()
    print_table(("output", "unit", "meaning"), [(output.name, output.unit, output.meaning) for output in method.outputs.values()])
    for note in method.facts.get("notes", ()):
        print(f"\nnote: {note}")
    return 0


def _card(method: Method, form: str) -> int:
    from singula.deliver.model_card import describe_method, render_card_page, render_card_xml

    record = describe_method(method, load_knowledge())
    if form == "json":
        print_json(record)
    else:
        print(render_card_page(record) if form == "html" else render_card_xml(record).decode())
    return 0


def _needed(required: bool | str) -> str:
    return required if isinstance(required, str) else "yes" if required else "no"


def _split(word: str) -> tuple[str, str]:
    name, sign, text = word.partition("=")
    if not sign:
        raise WrongUsage(f"{quoted(word)} is no input; write name=value")
    return name, text


def _read_value(method: Method, name: str, text: str) -> Any:
    spec = method.inputs.get(name)
    if spec is None:
        raise WrongUsage(f"{method.id} has no input {quoted(name)}; see: singula calc show {method.id}")
    if spec.type in ("category", "text"):
        return text
    try:
        return orjson.loads(f"[{text}]" if spec.type == "list" and not text.startswith("[") else text)
    except orjson.JSONDecodeError:
        raise InvalidInput(f"{method.id}: {name} is {quoted(text)}; write a {spec.type}") from None


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _run_lines(method: Method, file: str) -> int:
    refused = 0
    unused: Counter[str] = Counter()
    write = sys.stdout.buffer.write
    for line in read_lines(file):
        answer = _answer_line(method, line, unused)
        refused += "error" in answer
        write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY))
    sys.stdout.buffer.flush()
    for name, count in sorted(unused.items()):
        print(f"singula calc: {method.id} has no input {quoted(name)}; {count} lines name it", file=sys.stderr)
    if refused:
        print(f"singula calc: {refused} lines refused; their answers say why", file=sys.stderr)
    return 0


def _answer_line(method: Method, line: bytes, unused: Counter[str]) -> dict[str, Any]:
    line_id = None
    try:
        question = orjson.loads(line)
        if not isinstance(question, dict) or not isinstance(question.get("inputs"), dict):
            raise InvalidInput('the line is no {"id":…, "inputs":{…}}')
        line_id = question.get("id")
        unused.update(question["inputs"].keys() - method.inputs.keys())
        return {"id": line_id, "outputs": evaluate(method, question["inputs"])}
    except MethodError as refusal:
        return {"id": line_id, "error": {"kind": refusal.kind, "message": str(refusal)}}
    except orjson.JSONDecodeError as fault:
        return {"id": line_id, "error": {"kind": "invalid_input", "message": f"the line is no JSON: {fault}"}}
    except (ArithmeticError, ValueError) as fault:
        return {
            "id": line_id,
            "error": {"kind": OutOfDomain.kind, "message": f"{method.id}: no finite answer for these inputs ({fault})"},
        }
