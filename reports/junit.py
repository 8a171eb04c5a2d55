"""junit.xml: the findings for a build server."""

from collections.abc import Iterable
from urllib.parse import quote
from xml.etree import ElementTree as ET

from golive.api import Decision, Finding, Outcome, Report, exporter, visible

WHOLE_RUN = "gate"
"""The suite of what is wrong with the run as a whole."""


@exporter(file_name="junit.xml")
def render(report: Report) -> str:
    """The findings as JUnit XML: failed is a failure, inconclusive is an error."""
    root = ET.Element("testsuites", name=visible(f"golive {report.plan.target}"))
    suites = dict.fromkeys(finding.suite for finding in report.verdict.findings)
    for suite in suites:
        findings = [one for one in report.verdict.findings if one.suite == suite]
        _add_suite(root, suite, report, [_case(finding, report) for finding in findings])
    if unfounded := list(_whole_run(report)):
        _add_suite(root, WHOLE_RUN, report, unfounded)
    _total(root, root.iter("testcase"))
    root.set("time", f"{report.seconds:.3f}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _whole_run(report: Report) -> Iterable[ET.Element]:
    """Test cases for reasons that no finding carries: an empty run must not look green."""
    reasons = list(report.verdict.gaps)
    if report.verdict.decision is not Decision.GO and not report.verdict.findings:
        reasons = reasons or [report.headline]
    for number, reason in enumerate(reasons, start=1):
        case = ET.Element("testcase", classname=WHOLE_RUN, name=f"gap_{number}", time="0.000")
        ET.SubElement(case, "error", type=Outcome.INCONCLUSIVE, message=visible(reason))
        yield case


def _add_suite(root: ET.Element, name: str, report: Report, cases: list[ET.Element]) -> None:
    suite = ET.SubElement(root, "testsuite", name=visible(name))
    _total(suite, cases)
    suite.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")
    suite.set("timestamp", visible(report.plan.started))
    properties = ET.SubElement(suite, "properties")
    for key in ("run", "target", "environment", "profile", "golive"):
        value = visible(getattr(report.plan, key))
        ET.SubElement(properties, "property", name=key, value=value)
    ET.SubElement(properties, "property", name="verdict", value=report.verdict.decision)
    suite.extend(cases)


def _total(element: ET.Element, cases: Iterable[ET.Element]) -> None:
    seen = list(cases)
    element.set("tests", str(len(seen)))
    for kind, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(kind, str(sum(case.find(tag) is not None for case in seen)))


def _case(finding: Finding, report: Report) -> ET.Element:
    name = finding.id.removeprefix(f"{finding.suite}.")
    seconds = f"{finding.seconds:.3f}"
    case = ET.Element(
        "testcase", classname=visible(finding.suite), name=visible(name), time=seconds
    )
    if finding.waived:
        ET.SubElement(case, "skipped", message=visible(_waiver(finding, report)))
    elif finding.outcome is not Outcome.PASS:
        tag = "failure" if finding.outcome is Outcome.FAIL else "error"
        kind, message = finding.outcome.value, visible(finding.summary)
        ET.SubElement(case, tag, type=kind, message=message).text = visible(_account(finding))
    if finding.waived or finding.outcome is Outcome.PASS:
        ET.SubElement(case, "system-out").text = visible(_account(finding))
    if finding.traceback:
        ET.SubElement(case, "system-err").text = visible(finding.traceback)
    return case


def _waiver(finding: Finding, report: Report) -> str:
    """Who accepted the finding, why and until when."""
    return f"waived, {finding.outcome}: {finding.summary}" + "".join(
        f" (until {waiver.expires.isoformat()}, {waiver.approver}: {waiver.reason})"
        for waiver in report.plan.waivers
        if waiver.id == finding.id
    )


def _account(finding: Finding) -> str:
    """The finding in lines for a person who reads the log of a build."""
    lines = [f"{finding.outcome}: {finding.statement}", finding.summary]
    lines += [f"{name} = {value}" for name, value in finding.measured.items()]
    lines += finding.witness.splitlines()
    if finding.outcome is Outcome.FAIL and finding.remediation:
        lines.append(f"What to do: {finding.remediation}")
    if finding.evidence:
        lines.append(f"Evidence: evidence/{quote(visible(finding.id), safe='')}.json")
    return "\n".join(lines)
