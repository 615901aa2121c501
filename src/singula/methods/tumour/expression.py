"""The language in which therapy rows say what they need, read into a tree.

Grammar: ``or := and (OR and)*``, ``and := unary (AND unary)*``,
``unary := [NOT] primary | WT(atom)``, ``primary := atom | (or)``;
atoms are ``GENE|GENE:alteration[@germline|@somatic]``, ``FIVE::THREE`` and ``marker=value`` (also ``>= > <= <``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from singula.errors import BadInput, quoted

WORD = re.compile(r"\s*(\(|\)|AND\b|OR\b|NOT\b|WT\(|[^\s()]+(?:\([^()]*\)(?:\[[^\]]*\])?[^\s()]*)*)")
COMPARISON = re.compile(r"^(?P<marker>[a-z][a-z0-9_]*)(?P<sign>>=|<=|=|>|<)(?P<value>[^=<>]+)$")
GENE_ATOM = re.compile(r"^(?P<genes>[A-Z0-9|-]+):(?P<what>[^:@]+(?::[^@]+)?)(?:@(?P<origin>germline|somatic))?$")
JOINED = re.compile(r"^(?P<five>[A-Z][A-Z0-9-]*)::(?P<three>[A-Z][A-Z0-9-]*)$")


@dataclass(frozen=True)
class MarkerAtom:
    """A biomarker compared with a value."""

    marker: str
    sign: str
    value: str


@dataclass(frozen=True)
class JoinedAtom:
    """A fusion of two named genes."""

    five_prime: str
    three_prime: str


@dataclass(frozen=True)
class GeneAtom:
    """An alteration of one of several genes, perhaps of a stated origin."""

    genes: tuple[str, ...]
    what: str
    origin: str | None = None


@dataclass(frozen=True)
class Junction:
    """``and``, ``or``, ``not`` or ``wt`` over parts."""

    sign: Literal["and", "or", "not", "wt"]
    parts: tuple[Node, ...]


Atom = MarkerAtom | JoinedAtom | GeneAtom
Node = Atom | Junction


@lru_cache(maxsize=4096)
def read_expression(text: str) -> Node:
    """Read an expression into its tree.

    Parameters
    ----------
    text : str
        Such as ``(BRCA1:pathogenic@germline OR BRCA2:pathogenic@germline) AND her2=negative``.

    Raises
    ------
    BadInput
        The text keeps to no rule of the language; the message says where.
    """
    words = []
    at = 0
    while at < len(text.rstrip()):
        match = WORD.match(text, at)
        if match is None:
            raise BadInput(f"the expression {quoted(text)} cannot be read from {quoted(text[at : at + 20])}")
        words.append(match.group(1))
        at = match.end()
    reader = _Reader(text, words)
    node = reader.read_or()
    if reader.words:
        raise BadInput(f"the expression {quoted(text)} goes on with {quoted(reader.words[0])}; a word or bracket is too many")
    return node


class _Reader:
    def __init__(self, text: str, words: list[str]) -> None:
        self.text, self.words = text, words

    def read_or(self) -> Node:
        return self._chain("OR", "or", self._read_and)

    def _read_and(self) -> Node:
        return self._chain("AND", "and", self._read_unary)

    def _chain(self, word: str, sign: Literal["and", "or"], read: Callable[[], Node]) -> Node:
        parts = [read()]
        while self.words and self.words[0] == word:
            self.words.pop(0)
            parts.append(read())
        return parts[0] if len(parts) == 1 else Junction(sign, tuple(parts))

    def _read_unary(self) -> Node:
        word = self._next()
        if word == "NOT":
            return Junction("not", (self._read_unary(),))
        if word == "WT(":
            inner = self.read_or()
            self._close()
            return Junction("wt", (inner,))
        if word == "(":
            inner = self.read_or()
            self._close()
            return inner
        return read_atom(word, self.text)

    def _next(self) -> str:
        if not self.words:
            raise BadInput(f"the expression {quoted(self.text)} ends too early")
        return self.words.pop(0)

    def _close(self) -> None:
        if self._next() != ")":
            raise BadInput(f"the expression {quoted(self.text)} lacks a closing bracket")


def read_atom(word: str, text: str = "") -> Atom:
    """Read one atom."""
    comparison = COMPARISON.match(word)
    if comparison:
        return MarkerAtom(comparison["marker"], comparison["sign"], comparison["value"])
    joined = JOINED.match(word)
    if joined:
        return JoinedAtom(joined["five"], joined["three"])
    gene = GENE_ATOM.match(word)
    if gene:
        return GeneAtom(tuple(gene["genes"].split("|")), gene["what"], gene["origin"])
    raise BadInput(
        f"{quoted(word)} in the expression {quoted(text or word)} is no atom; write GENE:alteration, A::B or marker=value"
    )
