"""report.md: the report for a comment on a pull request."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from golive.api import (
    WORDS,
    Decision,
    Finding,
    Outcome,
    Report,
    Table,
    duration,
    exporter,
    visible,
    when,
    word_of,
)

MARKS = {"failed": "❌", "inconclusive": "❓", "waived": "⏸️", "passed": "✅"}
DECISIONS = {Decision.GO: "✅", Decision.NO_GO: "❌", Decision.UNPROVEN: "❓"}

# A comment holds 65 536 characters; whoever wants the rest opens report.html.
ROWS_SHOWN = 60
LENGTH_SHOWN = 400
TRACEBACK_LINES = 12
FEW_VIEWS, LONG_TABLE, SHORT_TABLE = 2, 20, 5

SPECIAL = re.compile(r"[\\`*\[\]|~$#!]|(?<![^\W_])_|_(?![^\W_])|(?<=:)/(?=/)|(?i:(?<=www))\.")
"""Markup anywhere in a line; an underscore within a word, a slash or a full stop seldom is any."""

BLOCK_START = re.compile(r"^(\d*)(?=[-+=]|[.)](?:\s|$))(.)")
"""What would begin a list or underline a heading."""


@exporter(file_name="report.md")
def render(report: Report) -> str:
    """The report in Markdown, short enough for a comment on a pull request."""
    blocks = [*_head(report), *_watch(report), *_next_steps(report), *_findings(report)]
    blocks += [*_views(report), *_items(report), *_left_out(report), *_foot(report)]
    return "\n\n".join(blocks) + "\n"


def _head(report: Report) -> Iterator[str]:
    plan, decision = report.plan, report.verdict.decision
    yield f"## {DECISIONS[decision]} {_plain(decision)}"
    yield f"**{_plain(_sentence(report))}**"
    yield (
        f"{_code(plan.target)} ({_plain(plan.environment)}) at {_code(plan.base_url)} · "
        f"profile {_plain(plan.profile)} · {_plain(when(plan.started))} · "
        f"{_duration(report.seconds)} · run {_code(plan.run)}"
    )


def _sentence(report: Report) -> str:
    sentence = report.headline.removeprefix(f"{report.verdict.decision}: ")
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _watch(report: Report) -> Iterator[str]:
    """What happened while the target was watched."""
    watch = report.watch
    if watch is None:
        return
    yield f"### The watch: {_plain(watch.headline)}"
    figures = [f"| {_plain(name)} | {_plain(value)} |" for name, value in watch.figures]
    yield "\n".join(["| | |", "|---|---|", *figures])
    yield "\n".join(f"- {_plain(line)}" for line in watch.handover)
    if watch.incidents:
        yield f"### Incidents: {len(watch.incidents)}"
        rows = [
            f"| {one.number} | {one.severity} | {_plain(one.begins)} | {_plain(one.ends)} | "
            f"{one.length} | {_code(one.scenario)} {_plain(one.cause)} |"
            for one in watch.incidents[:ROWS_SHOWN]
        ]
        head = ["| | Severity | From | Until | Length | Cause |", "|--:|---|---|---|--:|---|"]
        yield "\n".join([*head, *rows])
    lines = [f"Down {line}" for line in watch.outages]
    lines += [f"Maintenance {line}" for line in watch.maintenance]
    lines += [f"Missed checks: {', '.join(watch.missed)}"] if watch.missed else []
    lines += [
        f"{one.channel}, incident {one.incident} {one.event}: {one.result}" for one in watch.told
    ]
    if lines:
        yield "\n".join(f"- {_plain(line)}" for line in lines[:ROWS_SHOWN])


def _next_steps(report: Report) -> Iterator[str]:
    if report.next_steps:
        yield "### Next steps"
        yield "\n".join(f"- {_prose(step)}" for step in report.next_steps)


def _findings(report: Report) -> Iterator[str]:
    """A table with the worst first; the rest of what is not passed folds out below it."""
    findings = sorted(report.verdict.findings, key=_rank)
    if not findings:
        return
    yield f"### Findings: {_counts(report)}"
    rows = [_row(finding) for finding in findings[:ROWS_SHOWN]]
    yield "\n".join(["| | Finding | What was seen | Time |", "|---|---|---|--:|", *rows])
    if len(findings) > ROWS_SHOWN:
        yield f"{len(findings) - ROWS_SHOWN} more are in `report.html`."
    for finding in findings[:ROWS_SHOWN]:
        if finding.outcome is not Outcome.PASS:
            yield from _details(finding, report)


def _row(finding: Finding) -> str:
    word = word_of(finding)
    return (
        f"| {MARKS[word]} {word} | {_plain(finding.statement)}<br>{_code(finding.id)} "
        f"| {_plain(finding.summary)} | {_duration(finding.seconds)} |"
    )


def _details(finding: Finding, report: Report) -> Iterator[str]:
    lines = [f"- What was seen: {_plain(finding.summary)}"]
    if finding.measured:
        figures = ", ".join(f"{name} = {value}" for name, value in finding.measured.items())
        lines.append(f"- Measured: {_plain(figures)}")
    if finding.outcome is Outcome.FAIL and finding.remediation:
        lines.append(f"- What to do: {_prose(finding.remediation)}")
    for waiver in report.plan.waivers:
        if finding.waived and waiver.id == finding.id:
            who = f"{waiver.approver} until {waiver.expires.isoformat()}: {waiver.reason}"
            lines.append(f"- Waived by {_plain(who)}")
    if finding.evidence:
        name = quote(visible(finding.id), safe="")
        lines.append(f"- Evidence: {_code(f'evidence/{name}.json')}")
    yield f"<details><summary>{word_of(finding)}: {_code(finding.id)}</summary>"
    yield "\n".join(lines)
    for text in filter(None, (finding.witness.partition("\n\n")[0], finding.traceback)):
        yield _fenced(text)
    yield "</details>"


def _views(report: Report) -> Iterator[str]:
    """The tables of findings that have some; their pictures are in report.html."""
    most = LONG_TABLE if len(report.views) <= FEW_VIEWS else SHORT_TABLE
    for view in report.views:
        yield f"<details><summary>figures: {_code(view.finding)}</summary>"
        for note in view.notes:
            yield _plain(note)
        for table in view.tables:
            yield f"**{_plain(table.title)}**"
            yield _table(table, most)
        yield "</details>"


def _table(table: Table, most: int) -> str:
    rows = table.rows[:most] if table.folded else table.rows
    lines = [table.columns, ("---",) * len(table.columns), *(map(_plain, row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _items(report: Report) -> Iterator[str]:
    if not report.verdict.items:
        return
    yield "### Checklist"
    rows = ["| | Item | Rests on |", "|---|---|---|"]
    for item in report.verdict.items[:ROWS_SHOWN]:
        word = "waived" if item.waived and item.outcome is Outcome.PASS else WORDS[item.outcome]
        level = "" if item.level == "must" else " (recommended)"
        findings = ", ".join(_code(name) for name in item.findings)
        rests_on = "; ".join(filter(None, (findings, _plain(item.rests_on))))
        lacks = "".join(f"<br>{_plain(lack)}" for lack in item.lacks)
        said = f"{_plain(item.statement)}{level}{lacks}"
        rows.append(f"| {MARKS[word]} {word} | {said} | {rests_on} |")
    yield "\n".join(rows)


def _left_out(report: Report) -> Iterator[str]:
    if report.plan.left_out or report.verdict.gaps:
        yield "### Left out"
        reasons = [f"{name}: {why}" for name, why in report.plan.left_out.items()]
        yield "\n".join(f"- {_plain(line)}" for line in (*reasons, *report.verdict.gaps))


def _foot(report: Report) -> Iterator[str]:
    run = f"runs/{report.plan.run}"
    yield (
        f"<sub>golive {_plain(report.plan.golive)} · judge again: {_code(f'golive judge {run}')} · "
        f"render again: {_code(f'golive report {run}')}</sub>"
    )


def _counts(report: Report) -> str:
    return ", ".join(f"{report.counts[word]} {word}" for word in MARKS if report.counts.get(word))


def _rank(finding: Finding) -> int:
    return list(MARKS).index(word_of(finding))


def _duration(seconds: float) -> str:
    return duration(seconds) if seconds else "not run"


def _plain(value: str) -> str:
    """Text that stays text: on one line, without markup, links, mentions or steering characters."""
    line = visible(" ".join(value.split()))
    line = line if len(line) <= LENGTH_SHOWN else f"{line[:LENGTH_SHOWN]} …"
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = BLOCK_START.sub(r"\1\\\2", SPECIAL.sub(r"\\\g<0>", line))
    # A backslash does not keep a name from being called; a word joiner, which nobody sees, does.
    return line.replace("@", "@\u2060")


def _code(value: str) -> str:
    return f"<code>{_plain(value)}</code>"


def _prose(value: str) -> str:
    """Our own sentences: what stands between backticks is code."""
    parts = value.split("`")
    if len(parts) % 2 == 0:
        return _plain(value)
    text = (_code(part) if place % 2 else _spaced(part) for place, part in enumerate(parts))
    return "".join(text)


def _spaced(part: str) -> str:
    """`_plain` for a part of a sentence: the spaces at its ends stay."""
    left, right = part[:1].isspace(), part[-1:].isspace()
    return f"{' ' * left}{_plain(part)}{' ' * (right and bool(part.strip()))}"


def _fenced(value: str) -> str:
    """A block of code with a fence that is longer than any row of backticks in it."""
    text = "\n".join(visible(value).splitlines()[-TRACEBACK_LINES:])
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
