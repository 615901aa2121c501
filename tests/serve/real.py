"""A server over a real store on disk, asked in its own process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx

from singula.govern.gateway import Gateway
from singula.knowledge import load_knowledge
from singula.serve.application import create_application
from singula.serve.desk import Desk
from singula.serve.settings import Settings
from tests.govern.conftest import Shop
from tests.serve.conftest import Http


@dataclass
class RealServer:
    """The application over a shop's store, and tokens for whoever asks."""

    shop: Shop
    http: Http
    gateway: Gateway

    def token(self, user: str, scope: str = "user/*.cruds") -> str:
        return str(self.shop.run("token", "issue", "--user", user, "--scope", scope)["access_token"])

    def ask(self, method: str, path: str, token: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        return self.http.request(method, path, headers=headers, follow_redirects=False, **more)

    def get(self, path: str, token: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, token, **more)

    def post(self, path: str, token: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, token, **more)


def serve_shop(shop: Shop, settings: Settings | None = None) -> RealServer:
    gateway = shop.gateway
    gateway.site = (settings or Settings()).fhir_base
    desk = Desk(settings or Settings(), gateway, load_knowledge(), today=lambda: date(2026, 6, 1))
    return RealServer(shop, Http(create_application(desk)), gateway)
