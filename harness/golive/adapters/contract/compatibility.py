"""Which changes of a contract break those who were written for the older one.

A caller breaks where something it sends is no longer taken, or something it reads no longer comes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from golive.adapters.contract.documents import Document, operations, resolved

DEEPEST = 12
"""Schemas may refer to themselves."""


def breaking(older: Document, newer: Document) -> Iterator[str]:
    """A sentence for each change that breaks a caller of the older contract."""
    offered = {(method, path): operation for method, path, operation in operations(newer)}
    for method, path, operation in operations(older):
        call = f"{method} {path}"
        if (method, path) not in offered:
            yield f"{call} is gone"
            continue
        before, after = _Side(older, operation, path), _Side(newer, offered[method, path], path)
        for what in (*_parameters(before, after), *_body(before, after), *_answers(before, after)):
            yield f"{call}: {what}"


class _Side:
    """One call in one of the two documents."""

    def __init__(self, document: Document, operation: Document, path: str) -> None:
        self.document = document
        self.operation = operation
        shared = document["paths"][path].get("parameters", [])
        given = [self.at(one) for one in (*shared, *operation.get("parameters", []))]
        self.parameters = {(one["in"], one["name"]): one for one in given}
        self.body = self.at(operation.get("requestBody", {}))
        answers = {str(status): self.at(a) for status, a in operation["responses"].items()}
        self.answers = {status: a for status, a in answers.items() if status.startswith("2")}
        self.is_open = operation.get("security", document.get("security", [])) == []

    def at(self, value: Any) -> Any:
        """What a reference leads to."""
        return resolved(self.document, value)


def _parameters(before: _Side, after: _Side) -> Iterator[str]:
    if before.is_open and not after.is_open:
        yield "a credential is now needed"
    for key, parameter in after.parameters.items():
        known = before.parameters.get(key)
        if parameter.get("required") and not (known and known.get("required")):
            yield f"the {key[0]} parameter {key[1]} is now required"
        elif known:
            place = f"the {key[0]} parameter {key[1]}"
            yield from _sent(place, (before, known.get("schema", {})), (after, parameter["schema"]))


def _body(before: _Side, after: _Side) -> Iterator[str]:
    if after.body.get("required") and not before.body:
        yield "a body is now required"
    offered = after.body.get("content", {})
    for media_type, content in before.body.get("content", {}).items():
        if media_type not in offered:
            yield f"a body of type {media_type} is no longer taken"
            continue
        sides = (before, content.get("schema", {})), (after, offered[media_type].get("schema", {}))
        yield from _sent("body", *sides)


def _answers(before: _Side, after: _Side) -> Iterator[str]:
    for status, answer in before.answers.items():
        if status not in after.answers:
            yield f"the answer {status} is gone"
            continue
        offered = after.answers[status]
        for name in answer.get("headers", {}):
            if name not in offered.get("headers", {}):
                yield f"the answer {status} no longer has the header {name}"
        for media_type, content in (answer.get("content") or {}).items():
            if media_type not in (offered.get("content") or {}):
                yield f"the answer {status} no longer comes as {media_type}"
                continue
            newer = offered["content"][media_type].get("schema", {})
            place = f"the answer {status}"
            yield from _read(place, (before, content.get("schema", {})), (after, newer))


Placed = tuple[_Side, Any]


def _sent(place: str, before: Placed, after: Placed, depth: int = 0) -> Iterator[str]:
    """What callers may no longer send."""
    older, newer = _schemas(before, after)
    yield from _retyped(place, _types(older), _types(newer), widest=_types(newer))
    if gone := set(map(str, older.get("enum", ()))) - set(map(str, newer.get("enum", ()))):
        if "enum" in newer:
            yield f"{place} no longer takes {', '.join(sorted(gone))}"
    elif "enum" in newer and "enum" not in older:
        yield f"{place} now takes only {', '.join(map(str, newer['enum']))}"
    yield from _narrower(place, older, newer)
    known = older.get("properties", {})
    for name in set(newer.get("required", ())) - set(older.get("required", ())):
        yield f"{place}: {name} is now required"
    if depth < DEEPEST:
        for name, schema in newer.get("properties", {}).items():
            if name in known:
                sides = (before[0], known[name]), (after[0], schema)
                yield from _sent(f"{place}: {name}", *sides, depth + 1)


def _narrower(place: str, older: Mapping[str, Any], newer: Mapping[str, Any]) -> Iterator[str]:
    for name, tighter in (("maximum", -1), ("maxLength", -1), ("minimum", 1), ("minLength", 1)):
        if name not in newer:
            continue
        if name not in older or (newer[name] - older[name]) * tighter > 0:
            yield f"{place}: {name} is now {newer[name]}"


def _read(place: str, before: Placed, after: Placed, depth: int = 0) -> Iterator[str]:
    """What callers can no longer rely on reading."""
    older, newer = _schemas(before, after)
    # The other way round: what comes must be of a kind that was known.
    yield from _retyped(place, _types(older), _types(newer), widest=_types(older))
    offered = newer.get("properties", {})
    promised = set(newer.get("required", ()))
    for name, schema in older.get("properties", {}).items():
        if name not in offered:
            yield f"{place} no longer has {name}"
        elif name in older.get("required", ()) and name not in promised:
            yield f"{place} may now lack {name}"
        elif depth < DEEPEST:
            sides = (before[0], schema), (after[0], offered[name])
            yield from _read(f"{place}: {name}", *sides, depth + 1)
    if "items" in older and "items" in newer and depth < DEEPEST:
        sides = (before[0], older["items"]), (after[0], newer["items"])
        yield from _read(f"{place}: each", *sides, depth + 1)


def _schemas(before: Placed, after: Placed) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    older, newer = before[0].at(before[1]), after[0].at(after[1])
    # `true` and `false` are schemas too, and promise nothing that could be missed.
    return tuple(one if isinstance(one, Mapping) else {} for one in (older, newer))  # type: ignore[return-value]


def _retyped(
    place: str, was: frozenset[str], now: frozenset[str], *, widest: frozenset[str]
) -> Iterator[str]:
    # More kinds may be taken than before, and fewer may come; `widest` must hold the other.
    if was and now and not (was | now) <= widest:
        yield f"{place} was of type {_told(was)} and is of type {_told(now)}"


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    told = schema.get("type", ())
    return frozenset([told] if isinstance(told, str) else told)


def _told(types: frozenset[str]) -> str:
    return " or ".join(sorted(types))
