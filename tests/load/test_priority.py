"""What a generating process asks of the machine it runs on."""

import os
import subprocess
import sys

import pytest

from golive.adapters.load.priority import NICENESS

ASK = """
import os
from golive.adapters.load.priority import GROUP, go_first

first = go_first()
group = GROUP.read_text().split()[-1] if GROUP.exists() else "none"
print(first, os.getpriority(os.PRIO_PROCESS, 0), group)
"""
NOBODY = 65534


def _asked(*before: str) -> list[str]:
    """What a process finds that asks, in a session of its own as generating ones are."""
    ran = subprocess.run(
        [*before, sys.executable, "-c", ASK],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    return ran.stdout.split()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may go first")
def test_it_runs_before_others_where_it_may() -> None:
    """Both the process and its session are ahead; one of the two alone changes nothing."""
    first, niceness, group = _asked()
    assert (first, niceness) == ("True", str(NICENESS))
    assert group in {str(NICENESS), "none"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up what it may")
def test_where_it_may_not_it_goes_on() -> None:
    """Somebody without the right makes the load as it is, without a word of a refused call."""
    first, niceness, _ = _asked("setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice")
    assert (first, niceness) == ("False", "0")
