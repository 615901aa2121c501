"""Importers: an official release becomes a pack in the user's knowledge folder.

An importer is a function ``(file: Path, folder: Path) -> Path`` that writes one pack and returns its folder.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from singula.errors import WrongUsage, either, quoted

Importer = Callable[[Path, Path], Path]

BUILT_IN: dict[str, str] = {
    "civic": "singula.sources.civic:import_civic",
    "clinvar": "singula.sources.clinvar:import_clinvar",
    "cpic": "singula.sources.cpic:import_cpic",
    "moalmanac": "singula.sources.moalmanac:import_moalmanac",
    "oncokb": "singula.sources.oncokb:import_oncokb",
    "oncotree": "singula.sources.oncotree:import_oncotree",
    "pharmcat": "singula.sources.pharmcat:import_pharmcat",
    "trials": "singula.sources.trial_catalogue:import_trials",
    "uspstf": "singula.knowledge.importers.uspstf:import_uspstf",
}
"""Importers of this package by the name of their source; others come in by the entry-point group ``singula.importers``."""


def importer_names() -> list[str]:
    """List the sources that can be imported."""
    return sorted({*BUILT_IN, *(point.name for point in entry_points(group="singula.importers"))})


def find_importer(source: str) -> Importer:
    """Return the importer of a source; WrongUsage lists those there are."""
    outside = {point.name: point.value for point in entry_points(group="singula.importers")}
    path = {**outside, **BUILT_IN}.get(source)
    if path is None:
        raise WrongUsage(f"there is no importer for {quoted(source)}; there are {either(importer_names())}")
    module, _, name = path.partition(":")
    importer: Importer = getattr(import_module(module), name)
    return importer
