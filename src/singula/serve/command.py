"""``singula serve``: the server, with embedded defaults and no configuration."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from singula.serve.settings import read_settings

EXAMPLES = """\
examples:
  singula serve --data DIR
  singula serve --data DIR --port 9000 --base-url https://singula.example --behind-proxy
  singula serve --settings server.toml

Ready when GET /healthz answers 200; SIGTERM ends it. Every setting: docs/reference/settings.md."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``serve``."""
    parser.epilog = EXAMPLES
    parser.add_argument("--data", metavar="DIR", help="folder of the store (or SINGULA_DATA)")
    parser.add_argument(
        "--key-file",
        metavar="FILE",
        help="file with the key of the store (or SINGULA_KEY_FILE, SINGULA_KEY_COMMAND, SINGULA_KEY)",
    )
    parser.add_argument("--port", type=int, metavar="N", help="port to listen on (default: 8000)")
    parser.add_argument("--host", metavar="ADDRESS", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--base-url", metavar="URL", help="address by which clients reach the server")
    parser.add_argument("--tls-cert", metavar="FILE", help="TLS certificate chain")
    parser.add_argument("--tls-key", metavar="FILE", help="key of the TLS certificate")
    parser.add_argument("--behind-proxy", action="store_true", default=None, help="a proxy in front ends TLS")
    parser.add_argument("--allow-origin", action="append", metavar="URL", help="origin whose pages may call; may repeat")
    parser.add_argument("--allow-fhir-server", action="append", dest="fhir_servers", metavar="URL",
                        help="FHIR server hooks may name and that may be called back; may repeat")  # fmt: skip
    parser.add_argument("--settings", metavar="FILE", help="TOML file with settings")


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to end."""
    from singula.knowledge import load_knowledge
    from singula.serve.desk import Desk
    from singula.serve.opening import open_gate
    from singula.serve.running import run_server

    settings = read_settings(vars(arguments), os.environ, arguments.settings)
    gate = open_gate(Path(settings.data), arguments.key_file, settings)
    run_server(Desk(settings, gate, load_knowledge()))
    return 0
