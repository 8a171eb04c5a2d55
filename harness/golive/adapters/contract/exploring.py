"""Runs schemathesis in a process of its own: what it imports takes seconds."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from golive.adapters.contract.orders import ANSWER, ORDERS, ORDERS_ENV, Orders
from golive.model.contract import Exploration

CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_headers_conformance", "response_schema_conformance", "negative_data_rejection"),
    *("missing_required_header", "unsupported_method", "allow_header_conformance"),
    *("use_after_free", "ensure_resource_availability", "ignored_auth"),
)
"""All but `positive_data_acceptance`: a service may have rules that no schema can say."""

INSIDE = "golive.adapters.contract.inside"
KEPT_ENV = ("PATH", "HOME", "LANG", "SSL_CERT_FILE", "PYTHONPATH", "VIRTUAL_ENV")
REQUEST_TIMEOUT_SECONDS = 15
LAST_WORDS = 400


def explore(
    document: Mapping[str, Any], base_url: str, orders: Orders, cases: int, seed: str
) -> Exploration:
    """Explore a target by its contract; the process ends with us, whatever ends us."""
    with tempfile.TemporaryDirectory(prefix="golive-contract-") as folder:
        contract = Path(folder) / "openapi.json"
        contract.write_text(json.dumps(document))
        (Path(folder) / "schemathesis.toml").touch()
        answer = Path(folder) / "answer.json"
        told = ORDERS.dump_json(replace(orders, answer_file=str(answer))).decode()
        ran = subprocess.run(
            [*_command(contract, base_url, cases, seed), *_trust(orders.ca_file)],
            cwd=folder,
            env={**_environment(), ORDERS_ENV: told, "SCHEMATHESIS_HOOKS": INSIDE},
            capture_output=True,
            text=True,
            check=False,
        )
        if not answer.exists():
            said = (ran.stderr or ran.stdout).strip()[-LAST_WORDS:]
            return Exploration(problem=f"schemathesis ended with {ran.returncode}: {said}")
        return ANSWER.validate_json(answer.read_bytes())


def _command(contract: Path, base_url: str, cases: int, seed: str) -> list[str]:
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big")
    return [
        *(sys.executable, "-m", "schemathesis.cli", "run", str(contract), "--url", base_url),
        *("--checks", ",".join(CHECKS), "--continue-on-failure", "--no-color"),
        *("--max-examples", str(cases), "--seed", str(number), "--generation-database", "none"),
        *("--request-timeout", str(REQUEST_TIMEOUT_SECONDS), "--warnings", "off"),
        *("--suppress-health-check", "all"),
    ]


def _trust(ca_file: str | None) -> list[str]:
    return ["--tls-verify", ca_file] if ca_file else []


def _environment() -> dict[str, str]:
    # Proxies are not used for a target, and no other secret is anybody's business there.
    return {name: os.environ[name] for name in KEPT_ENV if name in os.environ}
