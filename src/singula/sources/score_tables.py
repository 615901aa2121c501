"""Tables of scores with principal components, reference and target, for the adjustment by ancestry."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from singula.errors import BadInput
from singula.methods.genome.ancestry import Matrix, fit_adjustment, fit_populations
from singula.sources.site_calls import read_table

UNRELATED = ("0", "false", "")


@dataclass
class ScoreTable:
    """Rows of one score."""

    samples: list[str] = field(default_factory=list)
    populations: list[str] = field(default_factory=list)
    related: list[bool] = field(default_factory=list)
    sums: list[float] = field(default_factory=list)
    components: list[list[float]] = field(default_factory=list)

    def arrays(self) -> tuple[Matrix, Matrix]:
        """Return sums and components."""
        return np.array(self.sums), np.array(self.components)


def read_score_tables(path: Path, components: int, *, is_reference: bool) -> dict[str, ScoreTable]:
    """Read a table by score; BadInput names the row that cannot be read."""
    columns = [f"pc{number}" for number in range(1, components + 1)]
    needed = ("sample", "score_id", "sum", *(("population",) if is_reference else ()), *columns)
    tables: dict[str, ScoreTable] = {}
    for where, row in read_table(path, needed):
        table = tables.setdefault(row["score_id"], ScoreTable())
        try:
            table.sums.append(float(row["sum"]))
            table.components.append([float(row[column]) for column in columns])
        except ValueError:
            raise BadInput(f"{where}: sum and components have to be numbers") from None
        table.samples.append(row["sample"])
        table.populations.append(row.get("population", ""))
        table.related.append(row.get("related", "").lower() not in UNRELATED)
    return tables


def adjust_scores(reference: Path, target: Path, components: int, population_components: int) -> list[dict[str, Any]]:
    """Adjust the target's scores by the reference's models.

    Parameters
    ----------
    reference, target : Path
        Tables with ``sample score_id sum pc1 …``; the reference also ``population`` and ``related``.
    components : int
        How many components the models use.
    population_components : int
        How many components place a person among the populations.

    Raises
    ------
    BadInput
        A score of the target has no reference.
    """
    most = max(components, population_components)
    references = read_score_tables(reference, most, is_reference=True)
    answers = []
    for score_id, table in read_score_tables(target, most, is_reference=False).items():
        if score_id not in references:
            raise BadInput(f"{target.name}: score {score_id} has no row in {reference.name}; it cannot be adjusted")
        known = references[score_id]
        kept = [number for number, related in enumerate(known.related) if not related]
        sums, places = known.arrays()
        model = fit_adjustment(sums[kept], places[kept][:, :components])
        clouds = fit_populations([known.populations[number] for number in kept], places[kept][:, :population_components])
        own, where = table.arrays()
        first = model.z_by_mean(own, where[:, :components])
        second = model.z_by_mean_and_variance(own, where[:, :components])
        for number, (name, doubtful) in enumerate(clouds.place(where[:, :population_components])):
            answers.append(
                {
                    "sample": table.samples[number],
                    "score_id": score_id,
                    "z_norm1": float(first[number]),
                    "z_norm2": float(second[number]),
                    "population": name,
                    "low_confidence": doubtful,
                }
            )
    return answers
