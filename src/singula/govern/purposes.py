"""Which purposes of use a role may name; the codes are those of HL7 v3 ActReason."""

from __future__ import annotations

BREAK, RESEARCH, MARKETING = "BTG", "HRESCH", "HMARKT"
PURPOSES_OF = {"patient": ("PATRQT", "FAMRQT"), "researcher": (RESEARCH,)}
SHORTEST_REASON = 10


def is_purpose_of(role: str, purpose: str) -> bool:
    """Tell whether a role may name a purpose.

    Parameters
    ----------
    role : str
        patient, clinician, researcher, auditor, operator or client.
    purpose : str
        Code of the purpose; marketing is nobody's, research the researcher's alone, breaking the glass the clinician's.
    """
    if purpose == MARKETING or (purpose == RESEARCH and role != "researcher") or (purpose == BREAK and role != "clinician"):
        return False
    return purpose in PURPOSES_OF.get(role, (purpose,))
