"""The first request of a browser goes out in the clear otherwise."""

import re
from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, UnobservableError, every, headers, scenario

HALF_A_YEAR_SECONDS = 15_768_000


def lasts(setting: Setting) -> str:
    """Half a year at least."""
    found = re.search(r"max-age=(\d+)", str(setting.value or ""))
    long_enough = found is not None and int(found[1]) >= HALF_A_YEAR_SECONDS
    return "" if long_enough else "must last half a year"


@scenario(
    needs=[Capability.HTTP],
    evidence=Setting,
    check=every(lasts),
    remediation="Send Strict-Transport-Security: max-age=31536000.",
)
def tls_strict(gate: Gate) -> Iterator[Setting]:
    """Browsers are told to come by TLS only."""
    if not gate.target.target.base_url.startswith("https://"):
        raise UnobservableError(gate.target.target.base_url, "there is no TLS to insist on")
    yield from headers(gate, "strict-transport-security")
