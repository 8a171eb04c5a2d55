"""report.html: one page that needs nothing but itself. No script, no outside request."""

import base64
import hashlib
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from golive.api import (
    WORDS,
    Decision,
    Ending,
    Evidence,
    Finding,
    Operation,
    Outcome,
    Phase,
    Report,
    StepRecord,
    View,
    duration,
    exporter,
    visible,
    when,
    word_of,
)

TEMPLATES = Path(__file__).with_name("templates")

RANKS = ("failed", "inconclusive", "waived", "passed")
"""The words of findings, the worst first."""

TONES = {Decision.GO: "passed", Decision.NO_GO: "failed", Decision.UNPROVEN: "inconclusive"}

ENDINGS = {
    Ending.UNREACHABLE: "The target did not answer",
    Ending.UNOBSERVABLE: "The gate could not look",
    Ending.CRASHED: "It crashed",
    Ending.UNHEALED: "A fault did not heal; the target is left broken",
    Ending.CALLED_OFF: "It was called off",
    Ending.LATE: "It passed its deadline",
    Ending.INTERRUPTED: "The run was interrupted",
}
"""How a scenario ended that did not complete."""

# A load scenario makes thousands of calls; the page stays one that a phone can open.
CALLS_SHOWN = 60
EVIDENCE_SHOWN = 40
LENGTH_SHOWN = 160
SENTENCE_SHOWN = 500


UNITS = {
    "_ms": "ms",
    "_seconds": "s",
    "_s": "s",
    "_bytes": "bytes",
    "_percent": "%",
    "_cents": "cents",
    "_per_second": "per second",
}
PER_CENT = "_ratio"


@dataclass(frozen=True)
class Figure:
    """A measured figure as it is read aloud: `p95`, `12.3 ms`."""

    name: str
    value: str


@dataclass(frozen=True)
class Call:
    """An operation with its completion. `phase` is `open` where there is none."""

    number: int
    name: str
    phase: str
    at: str
    took: str
    facts: tuple[Figure, ...]


@dataclass(frozen=True)
class Proof:
    """One piece of evidence."""

    id: str
    kind: str
    facts: tuple[Figure, ...]
    operations: str


@dataclass(frozen=True)
class Card:
    """A finding with all that it rests on. `anchor` is the page's own, never the target's."""

    anchor: str
    finding: Finding
    word: str
    seconds: str
    measured: tuple[Figure, ...]
    waivers: tuple[str, ...]
    ending: str
    file: str
    proofs: tuple[Proof, ...]
    proofs_hidden: int
    calls: tuple[Call, ...]
    calls_hidden: int
    traceback: str
    views: tuple[View, ...]


@exporter(file_name="report.html")
def render(report: Report) -> str:
    """The report as one self-contained page."""
    sheets = ("report.css", "watch.css") if report.watch else ("report.css",)
    style = "".join((TEMPLATES / sheet).read_text(encoding="utf-8") for sheet in sheets)
    cards = _cards(report)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            plan=report.plan,
            decision=report.verdict.decision.value,
            tone=TONES[report.verdict.decision],
            sentence=_sentence(report),
            cards=cards,
            items=_items(report, cards),
            counts=[(word, report.counts.get(word, 0)) for word in RANKS],
            started=when(report.plan.started),
            duration=duration(report.seconds),
            folder=shlex.quote(f"runs/{report.plan.run}"),
            style=Markup(style),  # noqa: S704 - our own file
            style_hash=_source_hash(style),
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prose"] = _prose
    environment.filters["brief"] = _brief
    environment.filters["drawn"] = Markup  # our own drawing, of numbers and our own words
    return environment


def _shown(value: Any) -> Any:
    """Every string that enters the page passes here; what is markup already was made by us."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _source_hash(style: str) -> str:
    """What the page's content policy allows: this very style sheet and no other."""
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _sentence(report: Report) -> str:
    """The headline without the word that stands above it."""
    sentence = report.headline.removeprefix(f"{report.verdict.decision}: ")
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _cards(report: Report) -> list[Card]:
    findings = sorted(report.verdict.findings, key=lambda one: RANKS.index(word_of(one)))
    return [_card(f"finding-{place}", one, report) for place, one in enumerate(findings, start=1)]


def _card(anchor: str, finding: Finding, report: Report) -> Card:
    record = next((step for step in report.steps if step.scenario == finding.id), None)
    evidence = record.evidence if record else ()
    calls = tuple(_calls(one for one in report.operations if one.process == finding.id))
    shown = _telling(calls)
    return Card(
        anchor=anchor,
        finding=finding,
        word=word_of(finding),
        seconds=duration(finding.seconds) if record else "not run",
        measured=tuple(_figure(name, value) for name, value in finding.measured.items()),
        waivers=tuple(_waivers(finding, report)),
        ending=_ending(record),
        file=f"evidence/{quote(visible(finding.id), safe='')}.json" if record else "",
        proofs=tuple(_proof(one) for one in evidence[:EVIDENCE_SHOWN]),
        proofs_hidden=max(0, len(evidence) - EVIDENCE_SHOWN),
        calls=shown,
        calls_hidden=len(calls) - len(shown),
        traceback=finding.traceback or (record.traceback if record else ""),
        views=tuple(view for view in report.views if view.finding == finding.id),
    )


def _waivers(finding: Finding, report: Report) -> Iterator[str]:
    for waiver in report.plan.waivers:
        if finding.waived and waiver.id == finding.id:
            until = waiver.expires.isoformat()
            accepted = f"Accepted by {waiver.approver} until {until}."
            yield f"{waiver.reason} {accepted} Risk: {waiver.risk}"


def _ending(record: StepRecord | None) -> str:
    """How the scenario ended, where that is worth saying."""
    sentence = ENDINGS.get(record.ending, "") if record else ""
    return f"{sentence}: {record.detail}" if record and sentence and record.detail else sentence


def _proof(evidence: Evidence) -> Proof:
    return Proof(
        id=evidence.id,
        kind=evidence.kind,
        facts=tuple(_fact(name, value) for name, value in evidence.facts.items()),
        operations=", ".join(str(number) for number in evidence.operations),
    )


def _calls(operations: Iterator[Operation]) -> Iterator[Call]:
    """Every invoke with its completion, in the order in which they were invoked."""
    pairs: dict[int, list[Operation]] = {}
    for operation in operations:
        pairs.setdefault(operation.number, []).append(operation)
    for number, pair in pairs.items():
        first, last = pair[0], pair[-1]
        facts = {name: value for one in pair for name, value in one.facts.items()}
        is_open = last.phase is Phase.INVOKE
        yield Call(
            number=number,
            name=_short(first.name),
            phase="open" if is_open else last.phase.value,
            at=f"{first.at_seconds:.3f}",
            took="" if is_open else _took(last.at_seconds - first.at_seconds),
            facts=tuple(_fact(name, value) for name, value in facts.items()),
        )


def _took(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else duration(seconds)


def _telling(calls: Sequence[Call]) -> tuple[Call, ...]:
    """As many calls as the page shows: those that did not end well come before the others."""
    by_weight = sorted(calls, key=lambda call: call.phase == Phase.OK)
    return tuple(sorted(by_weight[:CALLS_SHOWN], key=lambda call: call.number))


def _items(report: Report, cards: Sequence[Card]) -> list[dict[str, Any]]:
    """Checklist items; the findings they rest on are links within the page."""
    anchors = {card.finding.id: card.anchor for card in cards}
    return [
        {
            "statement": item.statement,
            "id": item.id,
            "level": "required" if item.level == "must" else "recommended",
            "word": "waived"
            if item.waived and item.outcome is Outcome.PASS
            else WORDS[item.outcome],
            "findings": [(name, anchors.get(name, "")) for name in item.findings],
            "rests_on": item.rests_on,
            "lacks": item.lacks,
        }
        for item in report.verdict.items
    ]


def _figure(name: str, value: float | str) -> Figure:
    """The unit moves from the name to the value."""
    if name.endswith(PER_CENT) and not isinstance(value, str):
        return Figure(_words(name.removesuffix(PER_CENT)), f"{_number(value * 100)} %")
    suffix = next((suffix for suffix in UNITS if name.endswith(suffix)), "")
    text = _short(value) if isinstance(value, str) else _number(value)
    return Figure(_words(name.removesuffix(suffix)), f"{text} {UNITS.get(suffix, '')}".rstrip())


def _words(name: str) -> str:
    return name.replace("_", " ")


def _number(value: float) -> str:
    """Four significant figures where there are decimals, thousands apart: `4 312`, `12.3`."""
    whole = isinstance(value, int) or 1000 <= abs(value) < 1e15  # noqa: PLR2004 - a few trillions
    text = f"{value:,.0f}" if whole else f"{value:.4g}"
    return text.replace(",", "\u202f")


def _fact(name: str, value: object) -> Figure:
    return Figure(name, _short(_said(value)))


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_said(entry) for entry in value)}]"
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return str(value)


def _brief(text: str) -> str:
    """A sentence; what is too long to be one is cut."""
    return _short(text, SENTENCE_SHOWN)


def _short(text: str, length: int = LENGTH_SHOWN) -> str:
    if len(text) <= length:
        return text
    return f"{text[:length]}… ({_number(len(text))} characters)"


def _prose(value: str) -> Markup:
    """Our own sentences: what stands between backticks is code."""
    parts = visible(value).split("`")
    if len(parts) % 2 == 0:
        return Markup("{}").format(visible(value))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part
        for place, part in enumerate(parts)
    )
