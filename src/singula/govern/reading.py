"""A record out of the store, as one reader sees it: what is hidden is as if it had never been there."""

from __future__ import annotations

from datetime import date

from singula.errors import BadInput, Refused, quoted
from singula.govern import accounts, records
from singula.govern.gateway import Gateway
from singula.govern.parties import Caller
from singula.govern.resources_read import read_resources
from singula.record import Record


def read_stored(gateway: Gateway, patient: str, *, reader: str | None, purpose: str | None, as_of: date) -> Record:
    """Read a person from the store.

    Parameters
    ----------
    gateway : Gateway
        The open store.
    patient : str
        The person.
    reader : str or None
        The account that reads; None is the person.
    purpose : str or None
        What for; None is the reader's usual one.
    as_of : date
        The day the record stands for.

    Returns
    -------
    Record
        From what the reader may see.

    Raises
    ------
    Refused
        Consent opens nothing to the reader.
    """
    with gateway.store.reading() as connection:
        if not records.has_person(connection, patient):
            raise BadInput(f"there is no person {quoted(patient)} in the store; import them first")
        row = accounts.find_account(connection, reader) if reader else None
    if reader and (row is None or row.disabled):
        raise BadInput(f"there is no account {quoted(reader)}; see: singula user list")
    caller = (
        Caller(f"user:{reader}", row.role, ("user/*.rs",), row.patient) if row else Caller("user:self", "patient", (), patient)
    )
    stored = gateway.open(caller, purpose or caller.default_purpose).person(patient)
    record = read_resources([one.resource for one in stored or ()], patient, gateway.knowledge, as_of=as_of) if stored else None
    if record is None:
        raise Refused(f"the person's consent opens nothing of {quoted(patient)} to {quoted(reader or patient)}")
    return record
