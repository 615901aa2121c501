"""Does a resource meet a condition: for scopes with a query, for subscriptions, and wherever rows are already in hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from singula.serve.fhir.search import Condition, Value
from singula.sources.search_paths import time_span, token_pairs, values_of

Resource = Mapping[str, Any]


def matches(resource: Resource, condition: Condition) -> bool:
    """Tell whether a resource meets a condition; chains cannot be judged on one resource and are not met."""
    found = list(values_of(resource, condition.name))
    if condition.modifier == "missing":
        return (not found) == (condition.values[0].text == "true")
    if condition.chain is not None:
        return False
    met = any(_meets(one, value, condition) for one in found for value in condition.values)
    return not met if condition.modifier == "not" else met


def _meets(found: Any, value: Value, condition: Condition) -> bool:
    if condition.sort == "token":
        if condition.modifier == "text":
            return any(value.text.lower() in words.lower() for words in _words(found))
        return any(_is_token(system, code, value) for system, code in token_pairs(found))
    if condition.sort == "reference":
        return _is_reference(found, value.text, condition.target)
    if condition.sort == "date":
        return _is_in_time(found, value)
    if condition.sort == "quantity":
        return _is_amount(found, value)
    return any(_is_text(words, value.text, condition.modifier) for words in _words(found))


def _is_token(system: str | None, code: str, value: Value) -> bool:
    if value.code is not None and code != value.code:
        return False
    return value.system is None or (system or "") == value.system


def _is_reference(found: Any, wanted: str, target: str | None) -> bool:
    text = found.get("reference") if isinstance(found, Mapping) else found
    if not isinstance(text, str):
        return False
    mine, theirs = text.split("/_history")[0].split("/"), wanted.split("/")
    if target and (len(mine) < 2 or mine[-2] != target):
        return False
    return mine[-len(theirs) :] == theirs or mine == theirs


def _is_in_time(found: Any, value: Value) -> bool:
    mine, theirs = time_span(found), time_span(value.text)
    if mine is None or theirs is None:
        return False
    return {
        "eq": theirs[0] <= mine[0] and mine[1] <= theirs[1],
        "ne": not (theirs[0] <= mine[0] and mine[1] <= theirs[1]),
        "gt": mine[1] > theirs[1],
        "lt": mine[0] < theirs[0],
        "ge": mine[1] >= theirs[0],
        "le": mine[0] <= theirs[1],
        "sa": mine[0] > theirs[1],
        "eb": mine[1] < theirs[0],
        "ap": mine[0] <= theirs[1] and mine[1] >= theirs[0],
    }[value.prefix]


def _is_amount(found: Any, value: Value) -> bool:
    if not isinstance(found, Mapping) or not isinstance(found.get("value"), int | float):
        return False
    if value.code and value.code not in (found.get("code"), found.get("unit")):
        return False
    if value.system and found.get("system") != value.system:
        return False
    mine, theirs = float(found["value"]), float(value.text)
    digits = len(value.text.partition(".")[2]) if "e" not in value.text.lower() else 0
    near = 0.5 * 10.0**-digits
    return {
        "eq": abs(mine - theirs) <= near,
        "ne": abs(mine - theirs) > near,
        "gt": mine > theirs,
        "lt": mine < theirs,
        "ge": mine >= theirs,
        "le": mine <= theirs,
        "sa": mine > theirs,
        "eb": mine < theirs,
        "ap": abs(mine - theirs) <= abs(theirs) / 10,
    }[value.prefix]


def _words(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, Mapping):
        for key in ("text", "display", "family"):
            if isinstance(found.get(key), str):
                yield found[key]
        for one in found.get("coding") or ():
            yield from _words(one)


def _is_text(words: str, wanted: str, modifier: str | None) -> bool:
    if modifier == "exact":
        return words == wanted
    if modifier == "contains":
        return wanted.lower() in words.lower()
    return words.lower().startswith(wanted.lower())
