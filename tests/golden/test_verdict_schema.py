"""The published form of verdict.json."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from golive.model.exporter import Exporter
from golive.model.report import Report

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "verdict.schema.json"


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    """The published schema, itself checked."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.fixture
def document(
    exporters: Mapping[str, Exporter], recorded: Callable[[str], Report]
) -> Mapping[str, Any]:
    """The verdict of a recorded run."""
    made: Mapping[str, Any] = json.loads(exporters["json"].render(recorded("go")))
    return made


@pytest.mark.parametrize(
    "run,verdict", [("go", "GO"), ("no_go", "NO_GO"), ("unproven", "UNPROVEN")]
)
def test_every_verdict_has_the_published_form(
    run: str,
    verdict: str,
    validator: Draft202012Validator,
    exporters: Mapping[str, Exporter],
    recorded: Callable[[str], Report],
) -> None:
    """The documents of all three decisions satisfy the schema."""
    made = json.loads(exporters["json"].render(recorded(run)))
    assert made["verdict"] == verdict
    assert list(validator.iter_errors(made)) == []


def _broken() -> Mapping[str, Callable[[dict[str, Any]], Any]]:
    """One way to break a document for each rule of the schema."""
    return {
        "another decision": lambda made: made.update(verdict="MAYBE"),
        "an older form": lambda made: made.update(schema=0),
        "an unknown key": lambda made: made.update(colour="green"),
        "an unknown key of a finding": lambda made: made["findings"][0].update(colour="green"),
        "a passed finding that is waived": lambda made: made["findings"][0].update(waived=True),
        "an unknown outcome": lambda made: made["findings"][0].update(outcome="SKIPPED"),
        "a figure that is a list": lambda made: made["findings"][0].update(
            measured={"p95_ms": [1]}
        ),
        "a finding without evidence": lambda made: made["findings"][0].pop("evidence"),
        "GO without a finding": lambda made: made.update(findings=[]),
        "a negative duration": lambda made: made.update(seconds=-1),
        "a start that is not in UTC": lambda made: made.update(started="2026-10-05T09:30:12+02:00"),
        "a count that is missing": lambda made: made["counts"].pop("waived"),
        "an item of an unknown level": lambda made: made["items"][0].update(level="may"),
        "a part left out without a reason": lambda made: made.update(left_out={"tls": None}),
    }


@pytest.mark.parametrize("how", _broken())
def test_a_broken_document_is_refused(
    how: str, validator: Draft202012Validator, document: dict[str, Any]
) -> None:
    """The schema refuses every document that says less, more or something else."""
    _broken()[how](document)
    assert list(validator.iter_errors(document)) != []


def test_no_required_key_may_be_left_out(
    validator: Draft202012Validator, document: Mapping[str, Any]
) -> None:
    """Every key at the top of the document is required."""
    for name in document:
        less = {key: value for key, value in document.items() if key != name}
        assert list(validator.iter_errors(less)) != [], name
