"""All packs this run reasons with: those shipped, and newer ones from the user's knowledge folder.

The user's folder is ``SINGULA_KNOWLEDGE``, or given by the caller; a pack there replaces the shipped one of the same name
when its manifest's date is as new or newer. Where ``SINGULA_KNOWLEDGE_SEALS`` names a file of seals, a pack that is not as it
was sealed is refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from singula.errors import KnowledgeMissing, either, quoted
from singula.knowledge.pack import Pack
from singula.knowledge.sealing import check_seal

SHIPPED = Path(__file__).parent / "data"


@dataclass(frozen=True, eq=False)
class Knowledge:
    """The packs of one run, by name. Two are the same only if they are one object, so answers can be kept by it."""

    packs: Mapping[str, Pack]
    seals: Path | None = None
    _good: set[str] = field(default_factory=set, repr=False)

    def pack(self, name: str) -> Pack:
        """Return a pack; KnowledgeMissing says what there is when it is not installed."""
        found = self.packs.get(name)
        if found is None:
            raise KnowledgeMissing(
                f"knowledge {quoted(name)} is not installed; there are {either(sorted(self.packs))}; see: singula kb list"
            )
        if self.seals is not None and name not in self._good:
            check_seal(found, self.seals)
            self._good.add(name)
        return found

    def has(self, name: str) -> bool:
        """Tell whether a pack is installed."""
        return name in self.packs


def load_knowledge(user_folder: Path | None = None) -> Knowledge:
    """Find every pack; nothing but folder names is read until a fact is asked for.

    Parameters
    ----------
    user_folder : Path, optional
        Folder of imported packs; default is the environment variable ``SINGULA_KNOWLEDGE``, else none.

    Returns
    -------
    Knowledge
        The packs by name; of two with one name the newer date wins, and on the same date the user's.
    """
    if user_folder is None:
        named = os.environ.get("SINGULA_KNOWLEDGE")
        user_folder = Path(named) if named else None
    sealed = os.environ.get("SINGULA_KNOWLEDGE_SEALS")
    return _find_packs(user_folder, Path(sealed) if sealed else None)


@lru_cache(maxsize=8)
def _find_packs(user_folder: Path | None, seals: Path | None) -> Knowledge:
    packs = {folder.name: Pack(folder) for folder in _pack_folders(SHIPPED)}
    for folder in _pack_folders(user_folder) if user_folder else ():
        pack = Pack(folder)
        shipped = packs.get(pack.name)
        if shipped is None or pack.date >= shipped.date:
            packs[pack.name] = pack
    return Knowledge(dict(sorted(packs.items())), seals)


def _pack_folders(root: Path) -> list[Path]:
    if not root.is_dir():
        raise KnowledgeMissing(f"knowledge folder {quoted(root)} does not exist; create it or unset SINGULA_KNOWLEDGE")
    return sorted(path.parent for path in root.glob("*/manifest.toml"))
