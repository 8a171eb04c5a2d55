"""Recorded runs, and the exporters that render them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from golive.catalog.catalog import Catalog
from golive.model.exporter import Exporter
from golive.model.ledger import Ledger
from golive.model.plan import Plan
from golive.model.report import Report
from golive.model.verdict import Verdict
from golive.reporting.composing import compose

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def exporters() -> Mapping[str, Exporter]:
    """The exporters of the built-in catalog by format."""
    return Catalog.of().exporters


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], Report]:
    """The report of a recorded run: `no_go`, `go` or `unproven`."""
    return _recorded


def _recorded(name: str) -> Report:
    run = json.loads((HERE / f"{name}.run.json").read_text(encoding="utf-8"))
    return compose(
        TypeAdapter(Plan).validate_json(json.dumps(run["plan"])),
        TypeAdapter(Ledger).validate_json(json.dumps(run["ledger"])),
        TypeAdapter(Verdict).validate_json(json.dumps(run["verdict"])),
    )
