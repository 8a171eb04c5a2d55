"""The example's values are known to everybody who has the example."""

import re
from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario, secrets_of

PLACEHOLDER = re.compile(
    r"^(your[_-]|change.?me|<|x{3,})|placeholder|example"
    r"|^(secret|password|passwd|minioadmin|minio|admin|root|test|default|postgres|redis|guest)\d*$",
    re.IGNORECASE,
)


def is_own(setting: Setting) -> str:
    """Never the value itself: it is not in the evidence."""
    return "must be made anew" if setting.value == "a placeholder" else ""


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.env_file", "audit.env_example"],
    evidence=Setting,
    check=every(is_own),
    remediation="Make a new secret for what is named: openssl rand -base64 24.",
)
def env_placeholders(gate: Gate) -> Iterator[Setting]:
    """No secret is that of the example, or of a manual."""
    example = gate.audit.files.example()
    for name, value in secrets_of(gate, least_characters=1).items():
        same = value == example.get(name) or bool(PLACEHOLDER.search(value))
        yield Setting("environment", name, "a placeholder" if same else "of its own")
