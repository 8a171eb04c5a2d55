"""Holds an answer of the webhook against what the target file says of it."""

from golive.model.ports import Reply
from golive.model.target import ExpectedAnswer

SHOWN_CHARACTERS = 120


def mismatch(expected: ExpectedAnswer, reply: Reply, *, unique_id: str) -> str:
    """The first way in which an answer differs from the expected one (empty = it does not)."""
    if reply.status != expected.status:
        return f"answered {reply.status}, not {expected.status}"
    body = reply.body.decode(errors="replace")
    wanted = expected.body.replace("{unique_id}", unique_id)
    if wanted not in body:
        return f"the body lacks {wanted!r}: {body[:SHOWN_CHARACTERS]!r}"
    name, _, value = expected.header.partition(": ")
    found = reply.headers.get(name.lower(), "")
    if name and found != value:
        return f"the header {name} is {found!r}, not {value!r}"
    return ""
