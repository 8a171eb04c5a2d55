"""What the target file's commands print of memory and temporary files."""

from contextlib import nullcontext
from typing import Any

import pytest

from golive.adapters.audit.footprint import FootprintAdapter
from golive.errors import UnobservableError
from golive.model.target import ObserveFootprint


class Recorded:
    """An operation that nobody asks about."""

    def operation(self, _name: str, **_facts: Any) -> Any:
        """Record an invoke."""
        return nullcontext(self)

    def ok(self, **facts: Any) -> None:
        """Record the completion."""
        assert facts


def looked(memory: str = "true", temporary: str = "true") -> FootprintAdapter:
    """The adapter with these commands."""
    return FootprintAdapter(ObserveFootprint(memory, temporary), Recorded())  # type: ignore[arg-type]


def test_of_two_processes_with_one_name_the_larger_counts() -> None:
    """A name may have blanks; a pipe is the shell's."""
    adapter = looked(memory="printf 'api 5\\nthe worker 7\\nthe worker 6\\n' | sort")

    assert adapter.memory() == {"api": 5, "the worker": 7}


@pytest.mark.parametrize("memory", ["true", "echo api", "echo api many", "false", "echo 5"])
def test_what_says_nothing_of_memory_is_no_evidence(memory: str) -> None:
    """Silence, other words and a failure are said, and never taken for a small process."""
    with pytest.raises(UnobservableError, match=r"observe\.footprint\.memory"):
        looked(memory=memory).memory()


def test_temporary_files_are_lines() -> None:
    """None is none."""
    assert looked(temporary="printf '/a b\\n\\n/c\\n'").temporary() == {"/a b", "/c"}
    assert looked(temporary="true").temporary() == frozenset()
