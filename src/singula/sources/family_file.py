"""PED files: who in a VCF is whose mother, father, and who is affected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from singula.errors import BadInput, quoted
from singula.sources.limits import read_bounded

COLUMNS = 6
SEXES: dict[str, Literal["male", "female"]] = {"1": "male", "2": "female"}
STATUSES = {"2": True, "1": False}


@dataclass(frozen=True)
class FamilyMember:
    """One line of a PED: parents by name, None where none is stated; ``affected`` None where not known."""

    name: str
    father: str | None
    mother: str | None
    sex: Literal["male", "female"] | None
    affected: bool | None


def read_family(path: Path) -> dict[str, FamilyMember]:
    """Read a PED file: family, id, father, mother, sex (1 male, 2 female), status (2 affected, 1 unaffected).

    Raises
    ------
    BadInput
        A line has fewer than six columns, a person stands there twice, or a parent's sex contradicts the column.
    """
    members: dict[str, FamilyMember] = {}
    for number, line in enumerate(read_bounded(path).decode("utf-8", "replace").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split()
        if len(cells) < COLUMNS:
            raise BadInput(f"{path.name}:{number}: has {len(cells)} columns; a PED has family, id, father, mother, sex, status")
        _, name, father, mother, sex, status = cells[:COLUMNS]
        if name in members:
            raise BadInput(f"{path.name}:{number}: {quoted(name)} stands there twice")
        members[name] = FamilyMember(name, _parent(father), _parent(mother), SEXES.get(sex), STATUSES.get(status))
    for one in members.values():
        for parent, sex_wanted in ((one.father, "male"), (one.mother, "female")):
            known = members.get(parent) if parent else None
            if known and known.sex not in (None, sex_wanted):
                raise BadInput(
                    f"{path.name}: {quoted(known.name)} is named as a parent of {quoted(one.name)}, but is {known.sex}"
                )
    return members


def find_proband(members: dict[str, FamilyMember], samples: tuple[str, ...], where: str) -> str:
    """Return the one affected person who is in the VCF.

    Raises
    ------
    BadInput
        None or several are; the message asks for ``--sample``.
    """
    affected = [one.name for one in members.values() if one.affected and one.name in samples]
    with_parents = [name for name in affected if members[name].father or members[name].mother]
    chosen = with_parents or affected
    if len(chosen) != 1:
        raise BadInput(f"{where}: {len(chosen)} affected people of the PED are in the VCF; name one with --sample")
    return chosen[0]


def _parent(name: str) -> str | None:
    return None if name in ("0", ".", "") else name
