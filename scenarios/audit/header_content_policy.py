"""What is shown as a page all the same must run nothing."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, headers, scenario


def allows_nothing(setting: Setting) -> str:
    """An interface has no scripts of its own."""
    return "" if "default-src 'none'" in str(setting.value) else "must say default-src 'none'"


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(allows_nothing),
    remediation="Send Content-Security-Policy: default-src 'none'; frame-ancestors 'none'.",
)
def header_content_policy(gate: Gate) -> Iterator[Setting]:
    """Answers that are shown as a page run and load nothing."""
    yield from headers(gate, "content-security-policy")
