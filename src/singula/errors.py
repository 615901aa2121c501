"""Every error this project raises on purpose, and the exit code each one ends in.

    SingulaError
    ├── WrongUsage            2  the command was called in a way it does not have
    ├── BadInput              3  a file, row or value cannot be used
    │   ├── UnsafeInput          it breaks a safety limit (size, depth, ratio, time)
    │   ├── UnitUnknown          a number came with a unit that cannot be converted
    │   └── MethodError          a published method cannot answer for these inputs
    │       ├── OutOfDomain         a value outside the range the method was derived in
    │       ├── MissingInput        a required input is absent
    │       ├── InvalidInput        malformed: wrong type, wrong number of answers
    │       └── InvalidUnit         a unit the method cannot use
    ├── KnowledgeMissing      4  a pack or an official release is not installed
    └── Refused               5  consent or policy does not allow it

A message is one line that says what was wrong, where, and how to mend it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

LONGEST_SHOWN = 60


class SingulaError(Exception):
    """Anything this project refuses on purpose; ``exit_code`` is what the command line ends with."""

    exit_code: ClassVar[int] = 3


class WrongUsage(SingulaError):
    """The command was called with arguments it does not have."""

    exit_code = 2


class BadInput(SingulaError):
    """A file, record or value cannot be used as it is."""


class UnsafeInput(BadInput):
    """A file breaks a safety limit, so reading stopped."""


class UnitUnknown(BadInput):
    """A number came with a unit that cannot be converted."""

    def __init__(self, where: str, quantity: str, unit: str, *, accepted: Sequence[str]) -> None:
        super().__init__(f"{where}: {quantity} has unit {quoted(unit)}; give {either(accepted)}")


class MethodError(BadInput):
    """A published method cannot answer for these inputs; ``kind`` is the contract's word for why."""

    kind: ClassVar[str] = "invalid_input"


class OutOfDomain(MethodError):
    """A value lies outside the range the method was derived in, or names an unknown category."""

    kind = "out_of_domain"


class MissingInput(MethodError):
    """A required input is absent."""

    kind = "missing_input"


class InvalidInput(MethodError):
    """An input is malformed: wrong type, or a wrong number of answers."""

    kind = "invalid_input"


class InvalidUnit(MethodError):
    """An input carries a unit the method cannot use."""

    kind = "invalid_unit"


class KnowledgeMissing(SingulaError):
    """A pack, table or official release is not installed."""

    exit_code = 4


class Refused(SingulaError):
    """Consent or policy does not allow it."""

    exit_code = 5


def quoted(value: object) -> str:
    """Show a value inside a message: quoted, on one line, cut when long."""
    text = str(value).replace("\n", " ").replace("\r", " ")
    text = "".join(sign if sign.isprintable() else "?" for sign in text)
    return f"'{text[: LONGEST_SHOWN - 1]}…'" if len(text) > LONGEST_SHOWN else f"'{text}'"


def either(choices: Sequence[object]) -> str:
    """Join choices for a message: ``a``, ``a or b``, ``a, b or c``."""
    words = [str(choice) for choice in choices]
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}"
