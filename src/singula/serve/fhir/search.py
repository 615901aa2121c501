"""A search as it stands in an address becomes a question the gateway can answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from singula.errors import BadInput, quoted
from singula.serve.fhir.parameters import INCLUDES, RESULT
from singula.sources.search_paths import SEARCH, search_parameters

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
DATE = re.compile(r"^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?)?)?$")
NUMBER = re.compile(r"^-?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,3})?$")
MODIFIERS = {"token": ("not", "text", "in", "missing"), "string": ("exact", "contains", "missing"), "date": ("missing",),
             "reference": ("identifier", "missing"), "quantity": ("missing",)}  # fmt: skip
LONGEST_VALUE = 2000
MOST_VALUES = 500
MOST_CONDITIONS = 60
DEFAULT_COUNT = 50


@dataclass(frozen=True)
class Value:
    """One value of a condition: with the prefix of a date or number, or system and code of a token."""

    text: str
    prefix: str = "eq"
    system: str | None = None
    code: str | None = None


@dataclass(frozen=True)
class Condition:
    """One condition of a search; its values are alternatives. ``chain`` is what the thing referred to has to meet."""

    name: str
    sort: str
    values: tuple[Value, ...] = ()
    modifier: str | None = None
    chain: Condition | None = None
    target: str | None = None


@dataclass(frozen=True)
class Reverse:
    """``_has``: another resource refers here by ``by``, and meets a condition."""

    kind: str
    by: str
    condition: Condition


@dataclass(frozen=True)
class Include:
    """Resources to add: those that ``kind`` refers to by ``name``, or that refer by it."""

    kind: str
    name: str
    target: str | None = None
    iterates: bool = False


@dataclass(frozen=True)
class Search:
    """A whole search."""

    kind: str
    conditions: tuple[Condition, ...] = ()
    reverse: tuple[Reverse, ...] = ()
    includes: tuple[Include, ...] = ()
    revincludes: tuple[Include, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()
    count: int = DEFAULT_COUNT
    page: str | None = None
    total: str = "accurate"
    summary: str = "false"
    elements: tuple[str, ...] = ()
    used: tuple[tuple[str, str], ...] = field(default=())


def read_search(kind: str, pairs: Iterable[tuple[str, str]], *, is_strict: bool, most_rows: int = 1000) -> Search:
    """Read a search.

    Parameters
    ----------
    kind : str
        The type searched.
    pairs : iterable of (str, str)
        The parameters in their order.
    is_strict : bool
        Whether an unknown parameter is refused (``Prefer: handling=strict``) or ignored.
    most_rows : int
        The largest page.

    Returns
    -------
    Search
        ``used`` are the parameters that were understood.

    Raises
    ------
    BadInput
        A malformed value, or an unknown parameter where that is refused.
    """
    conditions: list[Condition] = []
    reverse: list[Reverse] = []
    result: dict[str, list[str]] = {}
    used: list[tuple[str, str]] = []
    for name, value in pairs:
        if len(value) > LONGEST_VALUE * 10 or len(used) > MOST_CONDITIONS:
            raise BadInput(f"the search is too long; give at most {MOST_CONDITIONS} parameters")
        if name.startswith("_has:"):
            reverse.append(_read_has(name, value))
        elif name in RESULT or name in ("_include:iterate", "_revinclude:iterate"):
            result.setdefault(name, []).append(value)
        else:
            condition = _read_condition(kind, name, value)
            if condition is None:
                if is_strict:
                    raise BadInput(f"{quoted(name)} is no search parameter of {kind}; see /fhir/metadata")
                continue
            conditions.append(condition)
        used.append((name, value))
    return Search(
        kind=kind,
        conditions=tuple(conditions),
        reverse=tuple(reverse),
        includes=_read_includes(result, "_include", is_strict=is_strict),
        revincludes=_read_includes(result, "_revinclude", is_strict=is_strict),
        sort=_read_sort(kind, result.get("_sort", []), is_strict=is_strict),
        count=_read_count(result, most_rows),
        page=result["_page"][-1] if "_page" in result else None,
        total=_one_of(result, "_total", ("accurate", "none", "estimate"), "accurate"),
        summary=_one_of(result, "_summary", ("false", "true", "count", "text", "data"), "false"),
        elements=tuple(part for value in result.get("_elements", []) for part in value.split(",") if part),
        used=tuple(used),
    )


def _read_condition(kind: str, name: str, value: str) -> Condition | None:
    first, dot, rest = name.partition(".")
    base, _, modifier = first.partition(":")
    known = search_parameters(kind)
    if base not in known:
        return None
    sort = known[base]
    if dot:
        return _read_chain(kind, base, modifier, rest, value) if sort == "reference" else None
    if modifier and sort == "reference" and modifier in SEARCH:
        return Condition(base, sort, _values(base, sort, value), target=modifier)
    if modifier and modifier not in MODIFIERS[sort]:
        raise BadInput(f"{quoted(name)}: the modifier is not understood for {base}; leave it out")
    if modifier == "missing" and value not in ("true", "false"):
        raise BadInput(f"{quoted(name)} is {quoted(value)}; give 'true' or 'false'")
    plain = "string" if modifier in ("missing", "text", "identifier", "in") else sort
    return Condition(base, sort, _values(base, plain, value), modifier or None)


def _read_chain(kind: str, base: str, target: str, rest: str, value: str) -> Condition | None:
    targets = [target] if target in SEARCH else _targets(base)
    for one in targets:
        inner = _read_condition(one, rest, value)
        if inner is not None:
            return Condition(base, "reference", chain=inner, target=one)
    return None


def _targets(name: str) -> list[str]:
    known = {"patient": ["Patient"], "subject": ["Patient", "Group"], "encounter": ["Encounter"], "specimen": ["Specimen"],
             "result": ["Observation"], "medication": ["Medication"]}  # fmt: skip
    return known.get(name, ["Observation", "Patient", "DiagnosticReport"])


def _read_has(name: str, value: str) -> Reverse:
    parts = name.split(":")
    if len(parts) != 4 or parts[1] not in SEARCH or search_parameters(parts[1]).get(parts[2]) != "reference":
        raise BadInput(f"{quoted(name)} is not understood; write _has:Observation:patient:code")
    condition = _read_condition(parts[1], parts[3], value)
    if condition is None:
        raise BadInput(f"{quoted(parts[3])} is no search parameter of {parts[1]}; see /fhir/metadata")
    return Reverse(parts[1], parts[2], condition)


def _values(name: str, sort: str, text: str) -> tuple[Value, ...]:
    parts = [part.replace("\\,", ",") for part in re.split(r"(?<!\\),", text)]
    if len(parts) > MOST_VALUES:
        raise BadInput(f"{name} has over {MOST_VALUES} values; give fewer")
    return tuple(_value(name, sort, part.strip()) for part in parts if part.strip())


def _value(name: str, sort: str, text: str) -> Value:
    if len(text) > LONGEST_VALUE or "\x00" in text:
        raise BadInput(f"{name} has a value of over {LONGEST_VALUE} characters or with a NUL; correct it")
    if sort == "token":
        system, bar, code = text.replace("\\|", "\x01").rpartition("|")
        code = code.replace("\x01", "|")
        if not bar:
            return Value(text, code=code)
        return Value(text, system=system.replace("\x01", "|"), code=code or None)
    if sort in ("date", "quantity"):
        return _ordered(name, sort, text)
    return Value(text)


def _ordered(name: str, sort: str, text: str) -> Value:
    prefix = text[:2] if text[:2] in PREFIXES else "eq"
    rest = text.removeprefix(text[:2]) if text[:2] in PREFIXES else text
    if sort == "date":
        rest = rest.replace(" ", "+")
        if not DATE.match(rest) or not _is_day(rest):
            raise BadInput(f"{name} is {quoted(text)}; give a date such as ge2024-01-31")
        return Value(rest, prefix)
    number, *unit = rest.split("|")
    if not NUMBER.match(number) or len(unit) not in (0, 2):
        raise BadInput(f"{name} is {quoted(text)}; give a number such as gt5.4|http://unitsofmeasure.org|mmol/L")
    return Value(number, prefix, unit[0] or None if unit else None, unit[1] or None if unit else None)


def _is_day(text: str) -> bool:
    month, day = text[5:7] or "01", text[8:10] or "01"
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31 and text[:4] != "0000"


def _read_includes(result: dict[str, list[str]], word: str, *, is_strict: bool) -> tuple[Include, ...]:
    found = []
    for name in (word, f"{word}:iterate"):
        for value in result.get(name, []):
            kind, _, rest = value.partition(":")
            parameter, _, target = rest.partition(":")
            if value == "*" or f"{kind}:{parameter}" in INCLUDES.get(kind, ()) or (kind in SEARCH and parameter == "*"):
                found.append(Include(kind, parameter or "*", target or None, name.endswith("iterate")))
            elif is_strict:
                raise BadInput(f"{quoted(value)} is nothing to include; see /fhir/metadata")
    return tuple(found)


def _read_sort(kind: str, values: list[str], *, is_strict: bool) -> tuple[tuple[str, bool], ...]:
    found = []
    for name in (part.strip() for value in values for part in value.split(",") if part.strip()):
        plain = name.removeprefix("-")
        if plain in search_parameters(kind):
            found.append((plain, name.startswith("-")))
        elif is_strict:
            raise BadInput(f"{quoted(name)} is nothing to sort {kind} by; see /fhir/metadata")
    return tuple(found)


def _read_count(result: dict[str, list[str]], most_rows: int) -> int:
    text = (result.get("_count") or [str(DEFAULT_COUNT)])[-1]
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadInput(f"_count is {quoted(text)}; give a whole number from 0 to {most_rows}")
    return min(int(text), most_rows)


def _one_of(result: dict[str, list[str]], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = (result.get(name) or [default])[-1]
    if value not in allowed:
        raise BadInput(f"{name} is {quoted(value)}; give one of {', '.join(allowed)}")
    return value
