"""A server over lists, with two persons and whoever is needed to ask."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest

from singula.knowledge import load_knowledge
from singula.serve.application import create_application
from singula.serve.desk import Desk
from singula.serve.settings import Settings
from tests.serve.memory_gate import MemoryGate
from tests.serve.requests import person


@dataclass
class Http:
    """Asks an application in its own process."""

    application: Any

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.application)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)


@dataclass
class Server:
    """A running application, its lists, and a clinician who may see the first person."""

    gate: MemoryGate
    http: Http
    clinician: str

    def ask(self, method: str, path: str, *, token: str | None = None, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.clinician}", **more.pop("headers", {})}
        return self.http.request(method, path, headers=headers, follow_redirects=False, **more)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)


def start(settings: Settings | None = None) -> Server:
    gate = MemoryGate()
    gate.load(*person("p1"), *person("p2", "CYP2C19 *1/*1"))
    desk = Desk(settings or Settings(), gate, load_knowledge(), today=lambda: date(2026, 6, 1))
    return Server(gate, Http(create_application(desk)), gate.token("clinician", "user/*.cruds", opens=["p1"]))


@pytest.fixture
def server() -> Server:
    return start()
