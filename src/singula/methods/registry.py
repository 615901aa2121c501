"""Every published method by its id: what it needs, in which range, and what it answers.

The specification and the coefficients of a method lie in a knowledge pack (``methods/<id>.json``); its mathematics is the
function the specification names. ``run_method`` checks the inputs against the specification and calls the function.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache
from importlib import import_module
from operator import itemgetter
from typing import Any

from singula.errors import InvalidInput, MissingInput, OutOfDomain, WrongUsage, either, quoted
from singula.knowledge import Knowledge, Pack, load_knowledge

Coefficients = Mapping[str, Any]
Outputs = dict[str, Any]

NUMERIC = ("number", "integer")


@dataclass(frozen=True)
class Input:
    """What a method wants to know: type, unit, range, and whether it can do without."""

    name: str
    type: str
    unit: str = "1"
    low: float | None = None
    high: float | None = None
    exclusive_low: bool = False
    allowed: tuple[Any, ...] = ()
    required: bool | str = True
    meaning: str = ""

    @property
    def range_in_words(self) -> str:
        """The allowed range or values, as a sentence fragment."""
        if self.allowed:
            return either(self.allowed)
        above = "above" if self.exclusive_low else "at least"
        if self.low is not None and self.high is not None:
            return f"above {self.low:g} and at most {self.high:g}" if self.exclusive_low else f"{self.low:g} to {self.high:g}"
        if self.low is not None:
            return f"{above} {self.low:g}"
        return f"at most {self.high:g}" if self.high is not None else "any value"


@dataclass(frozen=True)
class Output:
    """What a method answers."""

    name: str
    unit: str = "1"
    meaning: str = ""


@dataclass(frozen=True, eq=False)
class Method:
    """A published method: identity, inputs, outputs, coefficients, and the function that computes it."""

    id: str
    title: str
    citations: tuple[str, ...]
    review: str
    pack: str
    pack_version: str
    inputs: Mapping[str, Input]
    outputs: Mapping[str, Output]
    coefficients: Coefficients
    function_path: str
    facts: Mapping[str, Any]

    @cached_property
    def function(self) -> Callable[..., Outputs]:
        """The function that computes the method."""
        module, _, name = self.function_path.partition(":")
        function: Callable[..., Outputs] = getattr(import_module(module), name)
        return function

    @cached_property
    def plain_checks(self) -> tuple[tuple[Input, tuple[type, ...], float, float], ...]:
        """Each input with the types and bounds that are certainly right; what is outside goes through ``check_input``."""
        return tuple((spec, *_plain_check(spec)) for spec in self.inputs.values())

    @property
    def disclaimer(self) -> str | None:
        """Words that have to stand beside every answer, where the rights holder asks for them."""
        words = self.facts.get("disclaimer")
        return str(words) if words else None


@lru_cache(maxsize=2048)
def find_method(method_id: str, knowledge: Knowledge | None = None) -> Method:
    """Return a method by its id.

    Parameters
    ----------
    method_id : str
        For example ``egfr-ckd-epi-2021``.
    knowledge : Knowledge, optional
        The packs to look in; default is all that are installed.

    Returns
    -------
    Method
        Specification, coefficients and function.

    Raises
    ------
    WrongUsage
        No installed pack has a method of that id; the message names the nearest ones.
    """
    knowledge = knowledge or load_knowledge()
    for pack in knowledge.packs.values():
        if method_id in pack.method_ids:
            return _read_specification(pack, method_id)
    near = get_close_matches(method_id, [known for known, _ in list_methods(knowledge)], n=3)
    hint = f"; did you mean {either(near)}?" if near else "; see: singula calc list"
    raise WrongUsage(f"there is no method {quoted(method_id)}{hint}")


def list_methods(knowledge: Knowledge | None = None) -> list[tuple[str, Pack]]:
    """List the ids of all methods with the pack each lies in, sorted by id."""
    packs = (knowledge or load_knowledge()).packs.values()
    return sorted(((method_id, pack) for pack in packs for method_id in pack.method_ids), key=itemgetter(0))


def run_method(method_id: str, inputs: Mapping[str, Any], knowledge: Knowledge | None = None) -> Outputs:
    """Answer one method for one set of inputs.

    Parameters
    ----------
    method_id : str
        Id of the method.
    inputs : Mapping[str, Any]
        Values by input name, in the units the specification states; names the method does not have are ignored.
    knowledge : Knowledge, optional
        The packs to use; default is all that are installed.

    Returns
    -------
    dict
        Values by output name; ``disclaimer`` besides, where the method carries one.

    Raises
    ------
    OutOfDomain, MissingInput, InvalidInput
        The inputs do not fit the specification; the message names input, value and range.
    """
    return evaluate(find_method(method_id, knowledge), inputs)


def evaluate(method: Method, inputs: Mapping[str, Any]) -> Outputs:
    """Check the inputs of a method and compute it; see ``run_method``."""
    values: dict[str, Any] = {}
    value: Any
    for spec, types, low, high in method.plain_checks:
        value = inputs.get(spec.name)
        if type(value) in types and low <= value <= high:
            values[spec.name] = value
        elif (value := _given(method, spec, inputs)) is not None:
            values[spec.name] = check_input(method.id, spec, value)
    outputs = method.function(**values, table=method.coefficients)
    if method.disclaimer:
        outputs["disclaimer"] = method.disclaimer
    return outputs


def check_input(method_id: str, spec: Input, value: Any) -> Any:
    """Hold one value against its specification and return it, typed; the message of a refusal names the range."""
    if spec.type in NUMERIC:
        return _check_number(method_id, spec, value)
    if spec.type == "boolean" and not isinstance(value, bool):
        raise InvalidInput(f"{method_id}: {spec.name} is {quoted(value)}; write true or false")
    if spec.type in ("category", "text") and not isinstance(value, str):
        raise InvalidInput(
            f"{method_id}: {spec.name} is {quoted(value)}; write a word" + (f": {spec.range_in_words}" if spec.allowed else "")
        )
    if spec.type == "list" and (isinstance(value, str) or not isinstance(value, Sequence)):
        raise InvalidInput(f"{method_id}: {spec.name} is {quoted(value)}; write a list")
    if spec.type == "object" and not isinstance(value, Mapping):
        raise InvalidInput(f"{method_id}: {spec.name} is {quoted(value)}; write an object")
    if spec.allowed and spec.type != "list" and value not in spec.allowed:
        raise OutOfDomain(f"{method_id}: {spec.name} is {quoted(value)}; it can be {spec.range_in_words}")
    return value


def _plain_check(spec: Input) -> tuple[tuple[type, ...], float, float]:
    """Return the types and bounds within which a value needs no further check; no type where there is more to look at."""
    types = {"number": (float, int), "integer": (int,), "boolean": (bool,)}.get(spec.type, ())
    low = -sys.float_info.max if spec.low is None else math.nextafter(spec.low, math.inf) if spec.exclusive_low else spec.low
    high = sys.float_info.max if spec.high is None else spec.high
    return (() if spec.allowed or isinstance(spec.required, str) else types), low, high


def _check_number(method_id: str, spec: Input, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{method_id}: {spec.name} is {quoted(value)}; write a number")
    if not math.isfinite(value):
        raise OutOfDomain(f"{method_id}: {spec.name} is {value}; it can be {spec.range_in_words}")
    if spec.type == "integer" and value != int(value):
        raise OutOfDomain(f"{method_id}: {spec.name} is {value:g}; write a whole number, {spec.range_in_words}")
    below = spec.low is not None and (value < spec.low or (spec.exclusive_low and value == spec.low))
    above = spec.high is not None and value > spec.high
    unlisted = bool(spec.allowed) and value not in spec.allowed
    if below or above or unlisted:
        raise OutOfDomain(f"{method_id}: {spec.name} {value:g} is outside {spec.range_in_words}; the method was not made for it")
    return int(value) if spec.type == "integer" else value


def _given(method: Method, spec: Input, inputs: Mapping[str, Any]) -> Any:
    value = inputs.get(spec.name)
    needed = spec.required
    if isinstance(needed, str):
        other, _, wanted = needed.partition("=")
        if str(inputs.get(other)) != wanted:
            return None
        needed = True
    if value is None and needed:
        raise MissingInput(f"{method.id}: {spec.name} is missing ({spec.unit}; {spec.range_in_words})")
    return value


def _read_specification(pack: Pack, method_id: str) -> Method:
    facts = pack.method(method_id)
    return Method(
        id=method_id,
        title=facts["title"],
        citations=tuple(facts["citations"]),
        review=facts["review"],
        pack=pack.name,
        pack_version=pack.version,
        inputs={
            name: Input(name=name, **{**spec, "allowed": tuple(spec.get("allowed", ()))})
            for name, spec in facts["inputs"].items()
        },
        outputs={name: Output(name=name, **spec) for name, spec in facts["outputs"].items()},
        coefficients=facts.get("coefficients", {}),
        function_path=facts["function"],
        facts=facts,
    )
