"""Arguments of addresses hold what people paste there: tokens, accounts."""

import re
from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario

TELLING = re.compile(r"\$(request|request_uri|args|query_string|arg_\w+)\b")


def leaves_them_out(setting: Setting) -> str:
    """The format "combined", which is the default, tells them."""
    if setting.name == "log_format":
        return "must not tell arguments" if TELLING.search(str(setting.value or "")) else ""
    words = str(setting.value or "").split()
    return "" if words[:1] == ["off"] or len(words) > 1 else "must name a format"


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=every(leaves_them_out),
    remediation="Write a log_format with $uri in place of $request, $request_uri and $args.",
)
def nginx_log_arguments(gate: Gate) -> Iterator[Setting]:
    """The balancer's log leaves the arguments of addresses out."""
    yield from gate.audit.files.nginx("access_log")
    yield from gate.audit.files.nginx("log_format")
