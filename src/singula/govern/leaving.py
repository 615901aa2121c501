"""A person takes everything along, or leaves without trace."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

from sqlalchemy import Connection, delete, select

from singula.errors import BadInput, quoted
from singula.govern import consents, outbox
from singula.govern.consent import show_provision
from singula.govern.gateway import Gateway
from singula.govern.records import has_person
from singula.govern.relatives import without_relatives_names
from singula.store import schema
from singula.store.resources import now_text


def export_person(gateway: Gateway, patient: str, actor: str) -> bytes:
    """Pack everything the store holds about one person, and nothing of anybody else.

    Parameters
    ----------
    gateway : Gateway
        The open store.
    patient : str
        The person.
    actor : str
        Who does it, for the audit.

    Returns
    -------
    bytes
        A zip: manifest.json, fhir/TYPE.ndjson, consent.json, access-log.ndjson.
    """
    with gateway.writing() as connection:
        _check(connection, patient)
        files = _fhir_files(connection, patient)
        provisions = [show_provision(one) for one in consents.provisions_of(connection, patient)]
        version = consents.version_of(connection, patient)
        shown = {"patient": patient, "version": version, "provisions": provisions}
        files["consent.json"] = json.dumps(shown, ensure_ascii=False).encode()
        table = schema.audit_entry
        entries = connection.execute(select(table.c.entry).where(table.c.patient == patient).order_by(table.c.seq)).scalars()
        files["access-log.ndjson"] = "".join(f"{one}\n" for one in entries).encode()
        gateway.ledger.append(connection, actor=actor, event="export", action="R", patient=patient)
    listed = [{"path": path, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for path, data in files.items()]
    manifest = {"patient": patient, "made": now_text(), "files": listed}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))
        for path, data in files.items():
            archive.writestr(path, data)
    return packed.getvalue()


def _fhir_files(connection: Connection, patient: str) -> dict[str, bytes]:
    lines: dict[str, list[str]] = {}
    for row in connection.execute(select(schema.resource).where(_only_about(patient)).order_by(schema.resource.c.pk)):
        if not row.deleted:
            lines.setdefault(row.type, []).append(json.dumps(without_relatives_names(row.doc), ensure_ascii=False))
    return {f"fhir/{kind}.ndjson": ("\n".join(found) + "\n").encode() for kind, found in sorted(lines.items())}


def _only_about(patient: str) -> Any:
    person = schema.resource_person
    mine = select(person.c.resource_pk).where(person.c.person_id == patient)
    others = select(person.c.resource_pk).where(person.c.person_id != patient)
    return schema.resource.c.pk.in_(mine) & schema.resource.c.pk.not_in(others)


def erase_person(gateway: Gateway, patient: str, actor: str, reason: str) -> dict[str, int]:
    """Erase a person: rows, versions, indexes, consent, cards, accounts and tokens; then no byte is left in any file.

    Parameters
    ----------
    gateway : Gateway
        The open store.
    patient : str
        The person.
    actor, reason : str
        Who does it and why, for the audit, which is kept.

    Returns
    -------
    dict
        Counts of resources, blobs, plans and tokens.
    """
    person, token = schema.resource_person, schema.token
    with gateway.writing() as connection:
        _check(connection, patient)
        mine = schema.resource.c.pk.in_(select(person.c.resource_pk).where(person.c.person_id == patient))
        named = connection.execute(select(schema.resource.c.type, schema.resource.c.id).where(mine))
        resources = [(row.type, row.id) for row in named]
        connection.execute(delete(schema.resource).where(mine))  # versions, people, labels and indexes go with their row
        names = list(connection.execute(select(schema.account.c.name).where(schema.account.c.patient == patient)).scalars())
        ended = connection.execute(delete(token).where((token.c.patient == patient) | token.c.user.in_(names))).rowcount
        outbox.forget(connection, resources, [f"user:{name}" for name in names])
        connection.execute(delete(schema.account).where(schema.account.c.patient == patient))
        provisions = select(schema.provision.c.pk).where(schema.provision.c.person_id == patient)
        connection.execute(delete(schema.provision_actor).where(schema.provision_actor.c.provision_pk.in_(provisions)))
        for table in (schema.provision, schema.consent_version):
            connection.execute(delete(table).where(table.c.person_id == patient))
        connection.execute(delete(schema.card).where(schema.card.c.patient == patient))
        gateway.ledger.append(connection, actor=actor, event="erase", action="D", patient=patient, details={"reason": reason})
    gateway.store.compact()
    return {"resources": len(resources), "blobs": 0, "plans": 0, "tokens": int(ended)}


def _check(connection: Connection, patient: str) -> None:
    if not has_person(connection, patient):
        raise BadInput(f"there is no person {quoted(patient)} in the store")
