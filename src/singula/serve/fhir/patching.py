"""JSON Patch (RFC 6902): add, remove, replace and test."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from singula.errors import BadInput, quoted

MOST_STEPS = 100


def apply_patch(resource: Mapping[str, Any], patch: Any) -> dict[str, Any]:
    """Return the resource with the steps of a patch done, all of them or none.

    Parameters
    ----------
    resource : mapping
        As stored.
    patch : object
        A list of steps.

    Returns
    -------
    dict
        A changed copy.

    Raises
    ------
    BadInput
        A step that cannot be done.
    """
    if not isinstance(patch, list) or len(patch) > MOST_STEPS:
        raise BadInput(f"the body is no JSON Patch of at most {MOST_STEPS} steps; send a list")
    changed: dict[str, Any] = copy.deepcopy(dict(resource))
    for step in patch:
        if not isinstance(step, Mapping) or not isinstance(step.get("path"), str):
            raise BadInput("a step of the patch has no path; write {'op': 'replace', 'path': '/status', 'value': …}")
        _do(changed, step)
    return changed


def _do(document: dict[str, Any], step: Mapping[str, Any]) -> None:
    keys = [key.replace("~1", "/").replace("~0", "~") for key in step["path"].split("/")[1:]]
    if not keys or step.get("op") not in ("add", "remove", "replace", "test"):
        raise BadInput(
            f"the step {quoted(step.get('op'))} on {quoted(step['path'])} is not done here; use add, remove or replace"
        )
    place: Any = document
    for key in keys[:-1]:
        place = _inside(place, key, step["path"])
    _change(place, keys[-1], step)


def _inside(place: Any, key: str, path: str) -> Any:
    if isinstance(place, dict) and key in place:
        return place[key]
    if isinstance(place, list) and key.isascii() and key.isdigit() and int(key[:9]) < len(place):
        return place[int(key)]
    raise BadInput(f"the path {quoted(path)} is not in the resource; read it again")


def _change(place: Any, key: str, step: Mapping[str, Any]) -> None:
    deed, value, path = step["op"], step.get("value"), step["path"]
    if deed != "add":
        found = _inside(place, key, path)
        if deed == "test":
            if found != value:
                raise BadInput(f"the test of {quoted(path)} fails; read the resource again")
            return
    where: Any = int(key) if isinstance(place, list) and key != "-" and key.isascii() and key.isdigit() else key
    if isinstance(place, list) and deed == "add":
        if where != "-" and (not isinstance(where, int) or where > len(place)):
            raise BadInput(f"the path {quoted(path)} is not in the resource; read it again")
        place.insert(len(place) if where == "-" else where, value)
    elif isinstance(place, dict | list) and deed == "remove":
        del place[where]
    elif isinstance(place, dict | list):
        place[where] = value
    else:
        raise BadInput(f"the path {quoted(path)} is not in the resource; read it again")
