"""A body of another type is refused by its type, before anybody tries to read it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from golive.api import (
    Capability,
    Gate,
    Ruling,
    Slo,
    failed,
    inconclusive,
    passed,
    request,
    scenario,
)

FOREIGN = "application/x-golive"


@dataclass(frozen=True)
class Answer:
    """A call, and how it answered a body of a type that it does not name."""

    call: str
    status: int
    curl: str


def refused_by_type(seen: Sequence[Answer], _slo: Slo) -> Ruling:
    """Every call answers 415, or hides behind a 401, 403 or 404."""
    hidden = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
    wrong = [one for one in seen if one.status not in {HTTPStatus.UNSUPPORTED_MEDIA_TYPE, *hidden}]
    if wrong:
        told = "; ".join(f"{one.call} answered {one.status}: {one.curl}" for one in wrong)
        return failed(f"a body of type {FOREIGN} is not refused by its type: {told}")
    told = [one for one in seen if one.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE]
    if not told:
        return inconclusive("no call with a body came as far as looking at its type")
    return passed(f"415 from {len(told)} calls", calls=len(told))


@scenario(
    needs=[Capability.HTTP],
    evidence=Answer,
    check=refused_by_type,
    remediation="Compare Content-Type with the types that the contract names before the body is "
    "read, and answer 415.",
)
def media_types(gate: Gate) -> Iterator[Answer]:
    """A body of a type that the contract does not name is answered 415."""
    for body in gate.contract.bodies():
        # An id that nobody has: a call that looks for it first answers 404.
        path = re.sub(r"\{\w+\}", str(UUID(int=0)), body.path)
        headers = (*gate.raw.credential, ("Content-Type", FOREIGN))
        sending = request(body.method, gate.url(path), headers, b"golive")
        reply = gate.raw.exchange(sending, within_seconds=10.0)
        yield Answer(f"{body.method} {body.path}", reply.status or 0, sending.shown)
