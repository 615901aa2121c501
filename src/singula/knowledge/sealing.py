"""Which packs an organisation has reviewed: their digests in one file, and a refusal to reason with any other."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from singula.errors import BadInput, quoted
from singula.knowledge.pack import Pack

DIGEST = re.compile(r"^[0-9a-f]{64}$")


def seal_packs(packs: Mapping[str, Pack]) -> dict[str, dict[str, str]]:
    """Return name, version and SHA-256 of packs, to be reviewed and kept."""
    return {name: {"version": pack.version, "sha256": pack.sha256} for name, pack in sorted(packs.items())}


@lru_cache(maxsize=4)
def read_seals(path: Path) -> Mapping[str, str]:
    """Read the digests of reviewed packs by name."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
        digests = {str(name): str(one["sha256"]) for name, one in found["packs"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(f"{path}: holds no seals of knowledge packs; write them with: singula kb seal -o FILE") from None
    if not all(DIGEST.match(one) for one in digests.values()):
        raise BadInput(f"{path}: a digest is not 64 hex digits; write the seals anew with: singula kb seal -o FILE")
    return digests


def check_seal(pack: Pack, path: Path) -> None:
    """Refuse a pack that was changed since it was reviewed, or never was.

    Parameters
    ----------
    pack : Pack
        About to be reasoned with.
    path : Path
        File with the seals.

    Raises
    ------
    BadInput
        Its digest is not the sealed one.
    """
    sealed = read_seals(path).get(pack.name)
    if sealed != pack.sha256:
        words = "has changed since it was sealed" if sealed else "was never sealed"
        raise BadInput(f"knowledge {quoted(pack.name)} {words}; review it with: singula kb diff, then: singula kb seal -o {path}")
