"""A real server on a real socket: it answers, is quick, and ends when told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from singula.errors import WrongUsage
from singula.knowledge import load_knowledge
from singula.serve.desk import Desk
from singula.serve.running import make_server, warm_up
from singula.serve.settings import Settings, describe_settings, read_settings
from tests.serve.conftest import Server, start
from tests.serve.requests import order_request


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running_server() -> Iterator[tuple[str, Server]]:
    made = start()
    settings = Settings(port=free_port())
    desk = Desk(settings, made.gate, load_knowledge())
    warm_up(desk)
    server = make_server(desk)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield settings.base, made
    server.should_exit = True
    thread.join(5)
    assert not thread.is_alive()


def test_a_hook_is_answered_over_a_socket() -> None:
    with running_server() as (base, made), httpx.Client(base_url=base) as http:
        http.headers["Authorization"] = f"Bearer {made.clinician}"
        assert http.get("/healthz").json() == {"status": "ok"}
        answer = http.post("/cds-services/singula-order-sign", json=order_request("clopidogrel"))
        assert answer.json()["cards"][0]["indicator"] == "critical"
        assert "server" not in answer.headers
        assert http.get("/fhir/metadata").json()["implementation"]["url"] == f"{base}/fhir"


def test_settings_come_from_arguments_environment_and_file_in_this_order(tmp_path: object) -> None:
    from pathlib import Path

    file = Path(str(tmp_path)) / "server.toml"
    file.write_text('port = 1\nhost = "localhost"\nallow_origin = ["https://a.example"]\nlog_level = "error"\n')
    environment = {"SINGULA_PORT": "2", "SINGULA_LOG_LEVEL": "debug"}
    made = read_settings({"port": 3, "tls_cert": None, "allow_origin": []}, environment, str(file))
    assert (made.port, made.log_level, made.host, made.allow_origin) == (3, "debug", "localhost", ("https://a.example",))
    assert made.base == "http://localhost:3"
    assert len(describe_settings()) > 10


@pytest.mark.parametrize(
    "given",
    [{"host": "0.0.0.0"}, {"tls_cert": "a"}, {"port": "many"}, {"allow_origin": ["ehr.example"]}, {"behind_proxy": "perhaps"}],
)
def test_settings_that_would_be_open_or_make_no_sense_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(WrongUsage):
        read_settings(given, {})
