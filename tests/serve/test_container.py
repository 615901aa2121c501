"""The container and compose files keep to the rules a linter would hold them to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from singula.serve.settings import describe_settings

ROOT = Path(__file__).parents[2]


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def test_the_image_names_its_base_runs_as_nobody_special_and_ends_when_told() -> None:
    found = instructions()
    bases = [rest for word, rest in found if word == "FROM"]
    assert all(re.match(r"docker\.io/\S+:\d\S+", one) and "latest" not in one for one in bases)
    words = [word for word, _ in found]
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert ("USER", "singula") in found
    for exec_form in ("ENTRYPOINT", "CMD"):
        assert next(rest for word, rest in found if word == exec_form).startswith("[")
    assert "HEALTHCHECK" in words
    assert not any(word == "ADD" or "sudo" in rest or "curl" in rest for word, rest in found)
    assert all("--require-hashes" in rest for word, rest in found if word == "RUN" and "-r requirements.lock" in rest)


def test_every_setting_in_the_files_is_one() -> None:
    known = {name for name, _, _ in describe_settings()} | {"SINGULA_DATABASE", "SINGULA_KEY_FILE"}
    texts = (ROOT / "Containerfile").read_text() + (ROOT / "compose.yaml").read_text()
    assert set(re.findall(r"\b(SINGULA_[A-Z_]+)[=:](?!\?)", texts)) <= known


def test_the_composition_is_closed_and_holds_no_secret() -> None:
    made: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert set(made) == {"services", "secrets", "volumes"}
    for name, service in made["services"].items():
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["cap_drop"] == ["ALL"]
        assert not service.get("privileged")
        assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", []))
        for value in service["environment"].values():
            assert "PASSWORD" not in value or "${" in value
        for volume in service["volumes"]:
            assert volume.split(":")[0] in made["volumes"]
    image = made["services"]["db"]["image"]
    assert int(re.search(r"postgres:(\d+)", image)[1]) >= 15  # type: ignore[index]
    assert made["services"]["singula"]["depends_on"]["db"]["condition"] == "service_healthy"
