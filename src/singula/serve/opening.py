"""From settings to an open gateway."""

from __future__ import annotations

import os
from pathlib import Path

from singula.govern.gateway import Gateway, open_gateway
from singula.govern.keys import find_key
from singula.knowledge import load_knowledge
from singula.serve.gate import Gate
from singula.serve.settings import Settings


def open_gate(folder: Path, key_file: str | None, settings: Settings) -> Gate:
    """Open the store of a server.

    Parameters
    ----------
    folder : Path
        Where it lies.
    key_file : str or None
        File with its key; otherwise SINGULA_KEY_FILE, SINGULA_KEY_COMMAND or SINGULA_KEY.
    settings : Settings
        Name the FHIR door for the audit, and say whether a second factor is demanded.

    Returns
    -------
    Gate
        The gateway.
    """
    gateway: Gateway = open_gateway(
        folder,
        load_knowledge(),
        key=find_key(key_file, os.environ),
        address=os.environ.get("SINGULA_DATABASE"),
        site=settings.fhir_base,
    )
    gateway.door.demands_second_factor = not settings.is_local
    return gateway
