"""From settings to an open gateway."""

from __future__ import annotations

import os
from pathlib import Path

from singula.govern.gateway import Gateway, open_gateway
from singula.govern.keys import read_key
from singula.knowledge import load_knowledge
from singula.serve.gate import Gate


def open_gate(folder: Path, key_file: str | None, site: str = "Singula") -> Gate:
    """Open the store of a server.

    Parameters
    ----------
    folder : Path
        Where it lies.
    key_file : str or None
        File with its key; SINGULA_KEY_FILE otherwise.
    site : str
        Address of the FHIR door, as the audit names it.

    Returns
    -------
    Gate
        The gateway.
    """
    named = key_file or os.environ.get("SINGULA_KEY_FILE")
    gateway: Gateway = open_gateway(
        folder,
        load_knowledge(),
        key=read_key(Path(named)) if named else None,
        address=os.environ.get("SINGULA_DATABASE"),
        site=site,
    )
    return gateway
