"""Hold the source tree against the house rules that no linter knows: sizes, names, numbers, files that must exist."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "singula"
MODULE_LINES, FUNCTION_LINES = 500, 80
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "service", "core", "misc", "base2"}
PLAIN_NUMBERS = {0, 1, 2, 3, 4, 10, 12, 100, 1000, -1, 0.5, 365.25, 1e-9}
NUMBER_ROOMS = ("assess",)
REQUIRED = (
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "NOTICE", "docs/architecture.md",
    "docs/benchmarks.md", "Makefile", "requirements.lock", ".ci/run",
)  # fmt: skip


def main() -> int:
    """Print every fault and return 1 where there is one."""
    faults = [fault for path in sorted(SOURCE.rglob("*.py")) for fault in check_module(path)]
    faults += [f"{name}: is missing" for name in REQUIRED if not (ROOT / name).is_file()]
    for fault in faults:
        print(fault)
    modules = len(list(SOURCE.rglob("*.py")))
    print(f"house rules: {modules} modules, {len(faults)} faults")
    return 1 if faults else 0


def check_module(path: Path) -> Iterator[str]:
    """Yield the faults of one module."""
    shown = path.relative_to(ROOT)
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n")
    if lines > MODULE_LINES:
        yield f"{shown}: {lines} lines; split it by idea, {MODULE_LINES} is the limit"
    if FORBIDDEN_NAMES & set(path.relative_to(SOURCE).with_suffix("").parts):
        yield f"{shown}: a module is named for what it knows, not for being of use"
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES + docstring_lines(node):
                yield f"{shown}:{node.lineno}: {node.name} has {length} lines; {FUNCTION_LINES} is the limit"
    if path.relative_to(SOURCE).parts[0] in NUMBER_ROOMS:
        yield from check_numbers(shown, tree)


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function's docstring, which do not count against its length."""
    text = ast.get_docstring(node, clean=False)
    return text.count("\n") + 1 if text else 0


def check_numbers(shown: Path, tree: ast.Module) -> Iterator[str]:
    """Yield the numbers that look clinical: they belong into a pack, with their source."""
    for node in ast.walk(tree):
        is_number = isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
        if is_number and node.value not in PLAIN_NUMBERS:
            yield f"{shown}:{node.lineno}: the number {node.value} belongs into a knowledge pack, with its source"


if __name__ == "__main__":
    sys.exit(main())
