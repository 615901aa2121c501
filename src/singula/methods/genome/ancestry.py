"""Scores adjusted for ancestry: what remains of a score beyond what principal components of the genome foretell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from singula.errors import OutOfDomain

Matrix = npt.NDArray[np.float64]
MOST_STEPS, CLOSE_ENOUGH = 200, 1e-10
LOW_PROBABILITY = 0.9


@dataclass(frozen=True)
class Adjustment:
    """A score's model in the unrelated reference people."""

    centre: Matrix
    spread: Matrix
    mean_score: float
    mean_slopes: Matrix
    residual_sd: float
    mean_model: Matrix
    variance_model: Matrix

    def standardise(self, components: Matrix) -> Matrix:
        """Return components in units of the reference's spread."""
        return (components - self.centre) / self.spread

    def z_by_mean(self, scores: Matrix, components: Matrix) -> Matrix:
        """Return the residual of a linear model of the mean, in units of the reference's residuals."""
        return (scores - self.mean_score - self.standardise(components) @ self.mean_slopes) / self.residual_sd

    def z_by_mean_and_variance(self, scores: Matrix, components: Matrix) -> Matrix:
        """Return the residual where mean and log-variance are both linear in the components."""
        design = _design(self.standardise(components))
        found: Matrix = (scores - design @ self.mean_model) / np.sqrt(np.exp(design @ self.variance_model))
        return found


def fit_adjustment(scores: Matrix, components: Matrix) -> Adjustment:
    """Fit both models in the reference.

    Parameters
    ----------
    scores : array, shape (people,)
        Sums of unrelated reference people.
    components : array, shape (people, components)
        Their principal components.

    Returns
    -------
    Adjustment
        Standard deviations divide by the number of people; the second model is fitted by full likelihood.

    Raises
    ------
    OutOfDomain
        Too few people, or a component that does not vary.
    """
    people, width = components.shape
    if people < 10 * (width + 1):
        raise OutOfDomain(f"prs adjust: {people} unrelated reference people are too few for {width} components")
    centre, spread = components.mean(axis=0), components.std(axis=0)
    if np.any(spread == 0):
        raise OutOfDomain("prs adjust: a component does not vary among the reference people")
    standard = (components - centre) / spread
    mean_score = float(scores.mean())
    slopes, *_ = np.linalg.lstsq(standard, scores - mean_score, rcond=None)
    residuals = scores - mean_score - standard @ slopes
    mean_model, variance_model = _fit_mean_and_variance(scores, _design(standard))
    return Adjustment(centre, spread, mean_score, slopes, float(residuals.std()), mean_model, variance_model)


def _design(standard: Matrix) -> Matrix:
    return np.column_stack([np.ones(len(standard)), standard])


def _fit_mean_and_variance(scores: Matrix, design: Matrix) -> tuple[Matrix, Matrix]:
    mean, *_ = np.linalg.lstsq(design, scores, rcond=None)
    variance = np.zeros(design.shape[1])
    variance[0] = np.log(np.mean((scores - design @ mean) ** 2))
    information = design.T @ design / 2
    for _ in range(MOST_STEPS):
        weights = np.exp(-(design @ variance))
        new_mean = np.linalg.solve(design.T @ (design * weights[:, None]), design.T @ (weights * scores))
        gradient = design.T @ ((scores - design @ new_mean) ** 2 * weights - 1) / 2
        step = np.linalg.solve(information, gradient)
        moved = max(float(np.abs(step).max()), float(np.abs(new_mean - mean).max()))
        mean, variance = new_mean, variance + step
        if moved < CLOSE_ENOUGH:
            break
    return np.asarray(mean, dtype=np.float64), np.asarray(variance, dtype=np.float64)


@dataclass(frozen=True)
class Populations:
    """Reference populations as clouds in the space of components."""

    names: tuple[str, ...]
    centres: Matrix
    inverses: Matrix
    log_sizes: Matrix

    def place(self, components: Matrix) -> list[tuple[str, bool]]:
        """Return the nearest population of each person, and whether that is doubtful."""
        offsets = components[:, None, :] - self.centres[None, :, :]
        distances = np.einsum("pci,cij,pcj->pc", offsets, self.inverses, offsets)
        logs = -distances / 2 + self.log_sizes
        shares = np.exp(logs - logs.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        best = shares.argmax(axis=1)
        limit = 3 * components.shape[1] ** 2
        return [
            (self.names[number], bool(shares[row, number] < LOW_PROBABILITY or distances[row, number] > limit))
            for row, number in enumerate(best)
        ]


def fit_populations(names: Any, components: Matrix) -> Populations:
    """Describe each reference population by its centre and covariance."""
    labels = np.asarray(names)
    found = sorted(set(labels.tolist()))
    centres, inverses, logs = [], [], []
    for name in found:
        members = components[labels == name]
        covariance = np.cov(members, rowvar=False) + np.eye(components.shape[1]) * CLOSE_ENOUGH
        centres.append(members.mean(axis=0))
        inverses.append(np.linalg.inv(covariance))
        logs.append(-np.linalg.slogdet(covariance)[1] / 2)
    return Populations(tuple(found), np.array(centres), np.array(inverses), np.array(logs))
