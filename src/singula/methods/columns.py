"""A published method over whole columns: the formula that answers one person, evaluated on numpy arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from singula.errors import MethodError, WrongUsage, quoted
from singula.knowledge import Knowledge
from singula.methods.registry import NUMERIC, Input, Method, check_input, evaluate, find_method

REFUSALS = ("", "out_of_domain", "missing_input", "invalid_input")
OUT_OF_DOMAIN, MISSING = 1, 2
ROWS_AT_ONCE = 1 << 15
FAULTS: dict[str, Any] = {"over": "raise", "divide": "raise", "invalid": "raise"}

Column = NDArray[Any]


@dataclass(frozen=True, eq=False)
class ColumnAnswers:
    """What a method answers for many people.

    Parameters
    ----------
    outputs : dict of numpy.ndarray
        By output name; NaN (or None among words) where the method gives no figure or the row was refused.
    refused : numpy.ndarray
        Per row a position in ``REFUSALS``; 0 means answered. ``run_method`` with the row's values says why in words.
    """

    outputs: dict[str, Column] = field(default_factory=dict)
    refused: Column = field(default_factory=lambda: np.zeros(0, dtype=np.int8))


def run_method_on_columns(method_id: str, columns: Mapping[str, Any], knowledge: Knowledge | None = None) -> ColumnAnswers:
    """Answer one method for many people at once.

    Parameters
    ----------
    method_id : str
        For example ``prevent-2023``.
    columns : Mapping[str, array_like]
        By input name, in the units of the specification: one value per person, or one value for all. Numbers and yes-or-no
        values are missing where they are NaN or None, words where they are empty or None. An input that is a list is one list
        for all people, or a numpy array of objects with one list per person.
    knowledge : Knowledge, optional
        The packs to use; default is all that are installed.

    Returns
    -------
    ColumnAnswers
        One figure per person and output, and which rows were refused. The ranges are those of ``run_method``.

    Raises
    ------
    WrongUsage
        Columns of different length, or no such method.

    Notes
    -----
    Formulas marked for arrays run on arrays; the others run row by row through the same code as one person, more slowly.

    Examples
    --------
    >>> answers = run_method_on_columns(
    ...     "bp-benefit-2016",
    ...     {"outcome": "major_cvd", "baseline_risk_percent_10y": [10.0, 20.0], "sbp_reduction_mmhg": 10.0},
    ... )
    >>> answers.outputs["arr_percent"].round(2).tolist()
    [2.0, 4.0]
    """
    method = find_method(method_id, knowledge)
    given = _align(method, columns)
    count = len(next(iter(given.values()))) if given else 0
    answers = ColumnAnswers(refused=np.zeros(count, dtype=np.int8))
    whole = getattr(method.function, "takes_columns", False) and all(
        _is_plain(method.inputs[name], given[name]) for name in given
    )
    for start in range(0, count, ROWS_AT_ONCE):
        rows = np.arange(start, min(start + ROWS_AT_ONCE, count))
        if whole:
            _answer_block(method, given, rows, answers)
        else:
            _answer_rows(method, given, rows, answers)
    return answers


def _align(method: Method, columns: Mapping[str, Any]) -> dict[str, Column]:
    unknown = sorted(columns.keys() - method.inputs.keys())
    if unknown:
        raise WrongUsage(f"{method.id} has no input {quoted(unknown[0])}; see: singula calc show {method.id}")
    arrays = {name: _read_column(method.inputs[name], values) for name, values in columns.items()}
    lengths = {len(array) for array in arrays.values() if array.ndim}
    if len(lengths) > 1:
        raise WrongUsage(f"{method.id}: columns have {min(lengths)} and {max(lengths)} rows; give one value per person in each")
    count = lengths.pop() if lengths else 1
    return {name: np.broadcast_to(array, (count,)) for name, array in arrays.items()}


def _read_column(spec: Input, values: Any) -> Column:
    if spec.type in ("list", "object") and not (isinstance(values, np.ndarray) and values.dtype.kind == "O"):
        one = np.empty((), dtype=object)
        one[()] = values
        return one
    column = np.asarray(values)
    if column.dtype.kind != "O" or spec.type in ("list", "object"):
        return column
    kinds = {type(value) for value in column.ravel()} - {type(None)}
    if spec.type == "category" and kinds == {str}:
        return np.where(column == None, "", column).astype(str)  # noqa: E711 - numpy compares element by element
    wanted = {bool} if spec.type == "boolean" else {int, float}
    return column.astype(np.float64) if kinds and kinds <= wanted else column


def _is_plain(spec: Input, column: Column) -> bool:
    """Tell whether a column is of one kind, the one its input wants."""
    if spec.type in NUMERIC:
        return column.dtype.kind in "fiu"
    if spec.type == "boolean":
        return column.dtype.kind == "b" or (column.dtype.kind == "f" and bool(np.isin(column[~np.isnan(column)], (0, 1)).all()))
    if spec.type == "list":
        return column.dtype.kind == "O" and column.strides == (0,)
    return column.dtype.kind == "U" and spec.type == "category" and bool(spec.allowed)


def _answer_block(method: Method, given: Mapping[str, Column], rows: Column, answers: ColumnAnswers) -> None:
    block = {name: column[rows[0] : rows[-1] + 1] for name, column in given.items()}
    kinds = np.zeros(len(rows), dtype=np.int64)
    many = method.function.takes_words  # type: ignore[attr-defined]
    for name, column in block.items():
        spec = method.inputs[name]
        if name in many:
            kinds = kinds * 2 + (column == "")
        elif spec.type == "category":
            kinds = kinds * (len(spec.allowed) + 2) + _number_words(spec, column)
        elif column.dtype.kind == "f":
            kinds = kinds * 2 + np.isnan(column)
    order = np.argsort(kinds, kind="stable")
    starts = np.flatnonzero(np.diff(kinds[order])) + 1
    for chosen in np.split(order, starts):
        _answer_alike(method, {name: column[chosen] for name, column in block.items()}, rows[chosen], answers)


def _number_words(spec: Input, column: Column) -> Column:
    numbers = np.where(column == "", 0, 1)
    for position, word in enumerate(spec.allowed):
        numbers[column == word] = position + 2
    return numbers


def _answer_alike(method: Method, block: Mapping[str, Column], rows: Column, answers: ColumnAnswers) -> None:
    """Answer people who agree in every word and in what is missing."""
    many = method.function.takes_words  # type: ignore[attr-defined]
    words = {name: str(column[0]) for name, column in block.items() if name not in many and _is_word(column)}
    values, refused = _check_block(method, block, words)
    answers.refused[rows] = refused
    kept = refused == 0
    if kept.all():
        _compute(method, values, rows, answers)
    elif kept.any():
        fitting = {name: value[kept] if isinstance(value, np.ndarray) else value for name, value in values.items()}
        _compute(method, fitting, rows[kept], answers)


def _check_block(method: Method, block: Mapping[str, Column], words: Mapping[str, str]) -> tuple[dict[str, Any], Column]:
    """Return the values the formula takes, and per row why it is refused."""
    refused = np.zeros(len(next(iter(block.values()))), dtype=np.int8)
    values: dict[str, Any] = {}
    for spec in method.inputs.values():
        column = block.get(spec.name)
        if not _is_wanted(spec, words):
            continue
        if column is None or _is_missing(spec, column):
            if spec.required:
                refused[refused == 0] = MISSING
        else:
            values[spec.name], fits = _check_column(method.id, spec, column, words.get(spec.name))
            refused[(refused == 0) & ~fits] = OUT_OF_DOMAIN
    return values, refused


def _check_column(method_id: str, spec: Input, column: Column, word: str | None) -> tuple[Any, Column]:
    """Return what the formula takes for an input, and for whom it is in range."""
    if word is not None:
        return word, np.full(len(column), word in spec.allowed)
    if spec.type == "list":
        return check_input(method_id, spec, column[0]), np.ones(len(column), dtype=bool)
    if spec.type == "category":
        return column, _number_words(spec, column) > 1
    return column.astype(np.float64), _fits(spec, column)


def _is_word(column: Column) -> bool:
    return column.dtype.kind == "U" and bool(column[0] != "")


def _is_wanted(spec: Input, words: Mapping[str, str]) -> bool:
    if not isinstance(spec.required, str):
        return True
    other, _, wanted = spec.required.partition("=")
    return words.get(other) == wanted


def _is_missing(spec: Input, column: Column) -> bool:
    """Tell of a block that is alike in what is missing whether this is."""
    if spec.type == "category":
        return bool(column[0] == "")
    if spec.type == "list":
        return column[0] is None
    return column.dtype.kind == "f" and bool(np.isnan(column[0]))


def _fits(spec: Input, column: Column) -> Column:
    if spec.type == "boolean":
        return np.ones(len(column), dtype=bool)
    fits = np.isfinite(column)
    if spec.low is not None:
        fits &= column > spec.low if spec.exclusive_low else column >= spec.low
    if spec.high is not None:
        fits &= column <= spec.high
    if spec.type == "integer" and column.dtype.kind == "f":
        fits &= column == np.floor(column)
    if spec.allowed:
        fits &= np.isin(column, spec.allowed)
    return fits


def _compute(method: Method, values: Mapping[str, Any], rows: Column, answers: ColumnAnswers) -> None:
    try:
        with np.errstate(**FAULTS):
            outputs = method.function(**values, table=method.coefficients)
    except (MethodError, ArithmeticError, ValueError):
        # one row of the block has no finite answer or is refused by the formula itself: each row for itself then
        for number, row in enumerate(rows):
            one = {name: value[number] if isinstance(value, np.ndarray) else value for name, value in values.items()}
            _answer_one(method, one, int(row), answers)
        return
    for name in method.outputs.keys() & outputs.keys():
        value = outputs[name]
        is_words = isinstance(value, str) or (isinstance(value, np.ndarray) and value.dtype.kind in "UO")
        _column_of(answers, name, is_words)[rows] = value if value is not None else np.nan


def _answer_rows(method: Method, given: Mapping[str, Column], rows: Column, answers: ColumnAnswers) -> None:
    for row in rows:
        _answer_one(method, {name: column[row] for name, column in given.items()}, int(row), answers)


def _answer_one(method: Method, values: Mapping[str, Any], row: int, answers: ColumnAnswers) -> None:
    inputs = dict(_plain_values(method, values))
    try:
        outputs = evaluate(method, inputs)
    except MethodError as refusal:
        answers.refused[row] = REFUSALS.index(refusal.kind)
        return
    except (ArithmeticError, ValueError):
        answers.refused[row] = OUT_OF_DOMAIN
        return
    for name in outputs.keys() & method.outputs.keys():
        value = outputs[name]
        if value is not None:
            _column_of(answers, name, not isinstance(value, int | float))[row] = value


def _plain_values(method: Method, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        plain = value.item() if isinstance(value, np.generic) else value
        is_missing = plain is None or (isinstance(plain, str | float) and (plain == "" or plain != plain))  # noqa: PLR0124 - only NaN differs from itself
        if not is_missing:
            yield name, bool(plain) if method.inputs[name].type == "boolean" and isinstance(plain, float) else plain


def _column_of(answers: ColumnAnswers, name: str, of_words: bool) -> Column:
    if name not in answers.outputs:
        count = len(answers.refused)
        answers.outputs[name] = np.full(count, None, dtype=object) if of_words else np.full(count, np.nan)
    return answers.outputs[name]
