"""Relatives in a person's family history: a relation and an illness are the person's to share, a relative's name is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAMING = ("name", "text", "identifier", "note")


def without_relatives_names(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a resource as it may leave the record: a family history without what names the relative.

    Parameters
    ----------
    resource : mapping
        Any resource; only a FamilyMemberHistory is changed.
    """
    if resource.get("resourceType") != "FamilyMemberHistory":
        return resource
    return {name: value for name, value in resource.items() if name not in NAMING and name != "_name"}
