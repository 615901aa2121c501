"""Write docs/reference and the plan in the README from the code, or with --check say what no longer tells the truth."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from unittest.mock import patch

from singula.cli.main import VERBS, build_parser
from singula.cli.plan import summarise
from singula.finding import Certainty, Effect, Finding, Strength
from singula.knowledge import load_knowledge
from singula.knowledge.verification import count_reviews
from singula.methods.registry import find_method, list_methods
from singula.pipeline import plan
from singula.plan.model import Plan
from singula.record import Record
from singula.serve.settings import describe_settings
from singula.sources.reading import find_readers, read_inputs

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
README = ROOT / "README.md"
FIRST_EXAMPLE = ROOT / "examples" / "stent"
FIRST_DAY = date(2026, 11, 26)
WIDTH = "100"
SCHEMAS = {"plan": Plan, "record": Record, "finding": Finding}
SETTINGS = {
    "SINGULA_KNOWLEDGE": "Folder of imported knowledge packs. One as new as the shipped pack of its name replaces it.",
    "SINGULA_KEY_FILE": "File with the key of the store: 64 hex digits or 32 bytes. Without it the store lies unencrypted.",
    "SINGULA_DATABASE": "Address of a PostgreSQL database in place of the file in the folder of the store.",
}


def main() -> int:
    """Write every page, or compare every page with the code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a page differs")
    check = parser.parse_args().check
    pages = dict(make_pages())
    stale = [name for name, text in pages.items() if not is_current(REFERENCE / name, text)]
    orphans = [path.name for path in REFERENCE.glob("*") if path.name not in pages]
    readme = readme_page()
    if check:
        if not is_current(README, readme):
            stale.append(README.name)
            print("README.md: the plan it shows differs from the program's; run: make docs")
        for name in pages.keys() & stale:
            print(f"docs/reference/{name}: differs from the code; run: make docs")
        for name in orphans:
            print(f"docs/reference/{name}: belongs to nothing in the code; run: make docs")
        print(f"reference: {len(pages) + 1} pages, {len(stale) + len(orphans)} faults")
        return 1 if stale or orphans else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in orphans:
        (REFERENCE / name).unlink()
    for name, text in pages.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    README.write_text(readme, encoding="utf-8")
    print(f"wrote {len(pages)} pages to docs/reference, and the plan in README.md")
    return 0


def is_current(path: Path, text: str) -> bool:
    """Tell whether a page stands as the code would write it."""
    return path.is_file() and path.read_text(encoding="utf-8") == text


def make_pages() -> Iterator[tuple[str, str]]:
    """Yield every page's file name and text."""
    yield "commands.md", "\n".join(commands_page())
    yield "methods.md", "\n".join(methods_page())
    yield "packs.md", "\n".join(packs_page())
    yield "findings.md", "\n".join(findings_page())
    yield "settings.md", "\n".join(settings_page())
    yield "formats.md", "\n".join(formats_page())
    for name, model in SCHEMAS.items():
        schema = model.model_json_schema(mode="serialization")
        yield f"{name}.schema.json", json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def readme_page() -> str:
    """Return the README with the summary that ``make plan`` prints today."""
    knowledge = load_knowledge()
    reading = read_inputs([str(FIRST_EXAMPLE)], knowledge, as_of=FIRST_DAY)
    summary = summarise(plan(reading.records[0], knowledge), "out")
    before, _, rest = README.read_text(encoding="utf-8").partition("```text\n")
    _, _, after = rest.partition("```")
    return f"{before}```text\n{summary}\n```{after}"


def commands_page() -> Iterator[str]:
    """Yield the help of every verb and of every verb below it."""
    yield "# Commands\n"
    yield "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 knowledge missing, 5 refused by consent or policy.\n"
    with patch.dict(os.environ, {"COLUMNS": WIDTH}):
        for verb in VERBS:
            whole = build_parser(verb)
            yield f"## singula {verb}\n"
            yield from parser_help(subparsers(whole)[verb])


def parser_help(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the help of a parser and of those below it."""
    yield f"```text\n{parser.format_help().rstrip()}\n```\n"
    for below in subparsers(parser).values():
        yield from parser_help(below)


def subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parsers one level below, by name."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def methods_page() -> Iterator[str]:
    """Yield every method with inputs, outputs, people it was made from and citation."""
    yield "# Methods\n"
    for method_id, _ in list_methods():
        method = find_method(method_id)
        yield f"## `{method.id}`\n\n{method.title}. Pack `{method.pack}`, {method.review}.\n"
        for word in ("population", "horizon", "outcome", "disclaimer"):
            if method.facts.get(word):
                yield f"- {word}: {method.facts[word]}"
        if method.facts.get("uses"):
            yield f"- uses: {', '.join(method.facts['uses'])}"
        yield "".join(f"- source: {citation}\n" for citation in method.citations)
        yield "| input | type | unit | range | needed | meaning |\n|---|---|---|---|---|---|"
        for one in method.inputs.values():
            needed = f"when {one.required}" if isinstance(one.required, str) else "yes" if one.required else "no"
            yield f"| `{one.name}` | {one.type} | {one.unit} | {one.range_in_words} | {needed} | {one.meaning} |"
        yield "\n| output | unit | meaning |\n|---|---|---|"
        for answer in method.outputs.values():
            yield f"| `{answer.name}` | {answer.unit} | {answer.meaning} |"
        yield ""


def packs_page() -> Iterator[str]:
    """Yield every pack with its tables and how much of it was checked."""
    yield "# Knowledge packs\n"
    for name, pack in sorted(load_knowledge().packs.items()):
        reviews = count_reviews(pack)
        yield f"## `{name}` {pack.version}\n\n{pack.manifest['title']}.\n"
        yield f"- licence: {pack.manifest['licence']}"
        yield f"- rows and documents: {reviews.get('checked', 0)} checked, {reviews.get('unchecked', 0)} unchecked"
        yield f"- how it was checked: {pack.manifest['checked']}\n"
        for table in pack.table_names:
            rows = pack.table(table)
            yield f"- table `{table}` ({len(rows)} rows): {', '.join(rows[0]) if rows else 'empty'}"
        yield ""


def findings_page() -> Iterator[str]:
    """Yield the words of findings."""
    yield "# Findings\n\nThe words assessors and planner share. The shape is in [finding.schema.json](finding.schema.json).\n"
    for words in (Effect, Strength, Certainty):
        yield f"## {words.__name__}\n\n{(words.__doc__ or '').strip()}\n"
        yield "".join(f"- `{word.value}`\n" for word in words)


def settings_page() -> Iterator[str]:
    """Yield the environment variables."""
    yield "# Settings\n"
    yield "".join(f"- `{name}`: {meaning}\n" for name, meaning in SETTINGS.items())
    yield "## The server\n\n`singula serve` takes them as arguments, from the environment, or by their names in a TOML file.\n"
    for name, default, meaning in describe_settings():
        yield f"- `{name}`: {meaning} Default: {f'`{default}`' if default else 'none'}."
    yield ""


def formats_page() -> Iterator[str]:
    """Yield what files are read, in the order they are tried."""
    yield "# Formats read\n\nA file is known by its first bytes, not by its name. Readers are tried in this order.\n"
    for reader in find_readers():
        module = import_module(type(reader).__module__)
        yield f"- `{reader.format}`: {(module.__doc__ or '').strip().splitlines()[0]}"
    yield ""


if __name__ == "__main__":
    sys.exit(main())
