"""Starting and ending: warm before the first request, gone within seconds when told."""

from __future__ import annotations

import gc
import signal
import threading
from typing import Any

from singula import __version__
from singula.pipeline import plan
from singula.record import Person, Record
from singula.serve.application import create_application
from singula.serve.delivering import Deliverer
from singula.serve.desk import Desk
from singula.serve.logs import note, start_logs

GRACE_SECONDS = 3
KEEP_ALIVE_SECONDS = 30
MOST_HEADER_BYTES = 65_536


def warm_up(desk: Desk) -> None:
    """Load knowledge and reason once, so that the first prescriber does not wait for it."""
    plan(Record(person=Person(id="nobody"), as_of=desk.today()), desk.knowledge)
    gc.collect()
    gc.freeze()


def make_server(desk: Desk) -> Any:
    """Return the uvicorn server of a desk, ready to run.

    Parameters
    ----------
    desk : Desk
        With the settings to listen by.

    Returns
    -------
    uvicorn.Server
        Logs nothing itself; ends open requests within three seconds.
    """
    import uvicorn

    settings = desk.settings
    config = uvicorn.Config(
        create_application(desk),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        ssl_certfile=settings.tls_cert or None,
        ssl_keyfile=settings.tls_key or None,
        proxy_headers=settings.behind_proxy,
        forwarded_allow_ips="*" if settings.behind_proxy else None,
    )
    return uvicorn.Server(config)


def run_server(desk: Desk) -> None:
    """Serve until told to end; SIGTERM is an ordinary end."""
    start_logs(desk.settings.log_level)
    warm_up(desk)
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    note("start", host=desk.settings.host, port=desk.settings.port, version=__version__)
    stop = threading.Event()
    deliverer = threading.Thread(target=Deliverer(desk).run, args=(stop,), daemon=True)
    deliverer.start()
    try:
        make_server(desk).run()
    finally:
        stop.set()
        signal.signal(signal.SIGTERM, before)
        note("end")
