"""verdict.json: the verdict for a program. Its form is published in docs/schema."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from golive.api import Finding, ItemOutcome, Report, exporter

SCHEMA = 1
"""Raised by whoever removes a key or changes what one means."""


@exporter(file_name="verdict.json")
def render(report: Report) -> str:
    """The verdict for a program, in the form of docs/schema/verdict.schema.json."""
    # Escaped to ASCII, what the target sent can neither steer a terminal nor break an encoding.
    return json.dumps(verdict_document(report), indent=2, allow_nan=False) + "\n"


def verdict_document(report: Report) -> Mapping[str, Any]:
    """The document as plain mappings, lists and scalars."""
    plan, verdict = report.plan, report.verdict
    return {
        "schema": SCHEMA,
        "golive": plan.golive,
        "run": plan.run,
        "target": plan.target,
        "environment": plan.environment,
        "base_url": plan.base_url,
        "profile": plan.profile,
        "verdict": verdict.decision.value,
        "headline": report.headline,
        "reasons": list(verdict.reasons),
        "next_steps": list(report.next_steps),
        "started": plan.started,
        "seconds": _number(report.seconds),
        "counts": dict(report.counts),
        "left_out": dict(plan.left_out),
        "findings": [_finding(finding) for finding in verdict.findings],
        "items": [_item(item) for item in verdict.items],
    }


def _item(item: ItemOutcome) -> Mapping[str, Any]:
    besides = {"rests_on": item.rests_on, "lacks": list(item.lacks)}
    document = {name: value for name, value in asdict(item).items() if name not in besides}
    return document | {name: value for name, value in besides.items() if value}


def _finding(finding: Finding) -> Mapping[str, Any]:
    witness = {"witness": finding.witness} if finding.witness else {}
    return witness | {
        "id": finding.id,
        "suite": finding.suite,
        "outcome": finding.outcome.value,
        "waived": finding.waived,
        "statement": finding.statement,
        "summary": finding.summary,
        "measured": {name: _number(value) for name, value in finding.measured.items()},
        "remediation": finding.remediation,
        "evidence": list(finding.evidence),
        "seconds": _number(finding.seconds),
    }


def _number(value: float | str) -> float | str:
    """JSON has no word for infinity or for a figure that is none: they become text."""
    return value if isinstance(value, str) or math.isfinite(value) else str(value)
