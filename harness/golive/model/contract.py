"""The contract of a target: where the target file says it is, and what exploring it showed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from golive.model.section import Section


@dataclass(frozen=True)
class Contract(Section):
    """Section `[contract]`: the target's OpenAPI document, and what its answers are held against.

    Without `openapi` the contract is made of the calls that the target file names.
    """

    openapi: str | None = None
    """Where it is: a path of the target (`/openapi.json`), or a file (`contract/openapi.yaml`)."""
    baseline: str | None = None
    """The file of an older contract, whose callers must not break."""
    leave_out: tuple[str, ...] = ()
    """Calls that are not tried: `POST /api/uploads/{id}/bill`."""
    other_token_env: str | None = None
    """A token of another account, which must see nothing of the first one's."""


@dataclass(frozen=True)
class Broken:
    """One way in which an answer broke the contract, and the shell line that shows it again."""

    check: str
    operation: str
    phase: str
    what: str
    curl: str
    times: int = 1


@dataclass(frozen=True)
class Exploration:
    """What one exploration did. `problem` says why there was none."""

    cases: int = 0
    operations: tuple[str, ...] = ()
    checked: tuple[tuple[str, int], ...] = ()
    """How often each check held an answer against the contract."""
    followed: tuple[tuple[str, int], ...] = ()
    """How often each link (`POST /uploads -> GET /uploads/{id}`) led to an answer below 300."""
    broken: tuple[Broken, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Body:
    """A call of the contract that takes a body, and the media types that it takes."""

    method: str
    path: str
    media_types: tuple[str, ...]
    statuses: tuple[str, ...]


class ContractPort(Protocol):
    """The contract, and the target held against it."""

    def explore(self, cases: int) -> Exploration:
        """Try every call, with up to so many generated cases each, once a run: whoever asks next is
        given the same answer.
        """

    def bodies(self) -> Sequence[Body]:
        """Calls that take a body. Raises UnobservableError where the contract cannot be read."""

    def breaking(self) -> Sequence[str]:
        """What of the contract breaks callers of the baseline."""
