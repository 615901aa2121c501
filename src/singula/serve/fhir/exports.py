"""Bulk Data: asked for, made in the background, fetched as NDJSON by the one who asked."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from singula.serve.answers import Refusal, json_answer
from singula.serve.desk import caller_of, desk_of, open_view
from singula.serve.fhir.interactions import ID, may_read
from singula.serve.fhir.routes import query_pairs
from singula.serve.gate import View
from singula.serve.scopes import Needs, is_permitted
from singula.sources.search_paths import SEARCH, time_span

router = APIRouter(prefix="/fhir", tags=["Bulk Data"])
NDJSON = "application/fhir+ndjson"
KEPT_SECONDS = 3600
MOST_JOBS = 20


@dataclass
class Job:
    """One export in the making, or made."""

    actor: str
    asked: str
    at: str
    started: float = field(default_factory=time.monotonic)
    files: dict[str, bytes] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    is_done: bool = False
    has_failed: bool = False


class Jobs:
    """The exports of one server."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def add(self, job: Job) -> str:
        """Take a job in; those that are old are forgotten."""
        identity = uuid.uuid4().hex
        with self._lock:
            old = [key for key, one in self._jobs.items() if time.monotonic() - one.started > KEPT_SECONDS]
            for key in old:
                del self._jobs[key]
            if sum(one.actor == job.actor for one in self._jobs.values()) >= MOST_JOBS:
                raise Refusal(429, "throttled", "too many exports at once; fetch or delete some", {"Retry-After": "60"})
            self._jobs[identity] = job
        return identity

    def find(self, identity: str, actor: str) -> Job:
        """Return the caller's own job."""
        job = self._jobs.get(identity)
        if job is None or job.actor != actor:
            raise Refusal(404, "not-found", "there is no such export here")
        return job

    def forget(self, identity: str, actor: str) -> None:
        """Delete the caller's own job."""
        self.find(identity, actor)
        with self._lock:
            self._jobs.pop(identity, None)


def jobs_of(request: Request) -> Jobs:
    """Return the exports of the application a request came to."""
    if not hasattr(request.app.state, "jobs"):
        request.app.state.jobs = Jobs()
    jobs: Jobs = request.app.state.jobs
    return jobs


@router.get("/$export")
def export_all(request: Request) -> Response:
    """Export everything visible."""
    return _start(request, "$export", None)


@router.get("/Patient/$export")
def export_people(request: Request) -> Response:
    """Export everything visible about every visible person."""
    return _start(request, "Patient/$export", None)


@router.get("/Group/{id}/$export")
def export_group(request: Request, id: str) -> Response:  # noqa: A002
    """Export everything visible about the members of a group."""
    view = open_view(request, Needs("Group", "r"))
    group = view.read("Group", id) if ID.match(id) else None
    if group is None or group.is_deleted:
        raise Refusal(404, "not-found", f"there is no Group/{id} here")
    references = [one.get("entity", {}).get("reference", "") for one in group.resource.get("member", [])]
    return _start(request, f"Group/{id}/$export", {one.rsplit("/", 1)[-1] for one in references})


def _start(request: Request, what: str, members: set[str] | None) -> Response:
    caller = caller_of(request)
    if "respond-async" not in request.headers.get("prefer", ""):
        raise Refusal(400, "invalid", "an export is made in the background; send Prefer: respond-async")
    if caller.role not in ("client", "clinician", "patient"):
        raise Refusal(403, "forbidden", "this role has no rows to export")
    kinds = [kind for kind in _kinds(request) if _may(request, kind)]
    if not kinds:
        raise Refusal(403, "forbidden", "the token's scope covers none of the types")
    since = next((value for name, value in query_pairs(request) if name == "_since"), None)
    span = time_span(since) if since else None
    if since and span is None:
        raise Refusal(400, "invalid", "_since is no instant; write 2026-01-31T00:00:00Z")
    desk = desk_of(request)
    view = open_view(request)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    job = Job(caller.actor, f"{desk.settings.fhir_base}/{what}", now)
    identity = jobs_of(request).add(job)
    rules = (lambda row: may_read(request, row), span[0] if span else None)
    threading.Thread(target=_make, args=(job, view, kinds, members, rules), daemon=True).start()
    where = f"{desk.settings.fhir_base}/$export-status/{identity}"
    return Response(status_code=202, headers={"Content-Location": where})


def _kinds(request: Request) -> list[str]:
    asked = [part for name, value in query_pairs(request) if name == "_type" for part in value.split(",") if part]
    unknown = [one for one in asked if one not in SEARCH]
    if unknown:
        raise Refusal(400, "invalid", "_type names a type this server does not have; see /fhir/metadata")
    return list(dict.fromkeys(asked)) or [kind for kind in SEARCH if kind not in ("AuditEvent", "Subscription")]


def _may(request: Request, kind: str) -> bool:
    caller = caller_of(request)
    return is_permitted(caller.scopes, Needs(kind, "r"), is_patient=caller.patient is not None)


def _make(
    job: Job, view: View, kinds: Iterable[str], members: set[str] | None, rules: tuple[Callable[[Any], bool], float | None]
) -> None:
    is_wanted, since = rules
    lines: dict[str, list[bytes]] = {}
    seen: set[tuple[str, str]] = set()
    try:
        for person, stored in view.people_rows(tuple(kinds)):
            if members is not None and person not in members:
                continue
            for row in stored:
                changed = time_span((row.resource.get("meta") or {}).get("lastUpdated"))
                is_old = since is not None and changed is not None and changed[1] < since
                if (row.kind, row.id) in seen or is_old or not is_wanted(row):
                    continue
                seen.add((row.kind, row.id))
                lines.setdefault(row.kind, []).append(orjson.dumps(row.resource))
    except Exception:
        job.has_failed = True
        raise
    finally:
        job.files = {kind: b"\n".join(found) + b"\n" for kind, found in lines.items()}
        job.counts = {kind: len(found) for kind, found in lines.items()}
        job.is_done = True


@router.get("/$export-status/{id}")
def show_export(request: Request, id: str) -> Response:  # noqa: A002
    """Tell how far an export is, and where its files are."""
    job = jobs_of(request).find(id, caller_of(request).actor)
    if not job.is_done:
        return Response(status_code=202, headers={"X-Progress": "in the making", "Retry-After": "1"})
    if job.has_failed:
        raise Refusal(500, "exception", "the export could not be made; ask for it again")
    base = desk_of(request).settings.fhir_base
    output = [{"type": kind, "url": f"{base}/$export-file/{id}/{kind}", "count": job.counts[kind]} for kind in sorted(job.files)]
    made = {"transactionTime": job.at, "request": job.asked, "requiresAccessToken": True, "output": output, "error": []}
    return json_answer(made)


@router.delete("/$export-status/{id}")
def cancel_export(request: Request, id: str) -> Response:  # noqa: A002
    """Forget an export."""
    jobs_of(request).forget(id, caller_of(request).actor)
    return Response(status_code=202)


@router.get("/$export-file/{id}/{type}")
def fetch_file(request: Request, id: str, type: str) -> Response:  # noqa: A002
    """Fetch one file of an export."""
    job = jobs_of(request).find(id, caller_of(request).actor)
    if type not in job.files:
        raise Refusal(404, "not-found", "there is no such file in this export")
    return Response(job.files[type], media_type=NDJSON)
