"""Which changes of a contract break its callers."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from golive.adapters.contract.compatibility import breaking

OLDER: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/uploads/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {}}],
            "put": {
                "security": [],
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}}
                ],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/In"}}}
                },
                "responses": {
                    "200": {
                        "headers": {"ETag": {}},
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Out"}}
                        },
                    }
                },
            },
        }
    },
    "components": {
        "schemas": {
            "In": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "kind": {"enum": ["a", "b"]}},
            },
            "Out": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "items": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"iban": {"type": "string"}}},
                    },
                },
            },
        }
    },
}

Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> list[str]:
    """What breaks after a change."""
    newer = copy.deepcopy(OLDER)
    change(newer)
    return list(breaking(OLDER, newer))


def put(newer: dict[str, Any]) -> Any:
    """The only call."""
    return newer["paths"]["/uploads/{id}"]["put"]


def schema(newer: dict[str, Any], name: str) -> Any:
    """One of the two schemas."""
    return newer["components"]["schemas"][name]


REQUIRED = {"name": "page", "in": "query", "required": True, "schema": {}}

BREAKS: list[tuple[Change, str]] = [
    (lambda it: it["paths"].clear(), "is gone"),
    (lambda it: put(it).update(security=[{"token": []}]), "a credential is now needed"),
    (lambda it: put(it)["parameters"].append(REQUIRED), "page is now required"),
    (lambda it: put(it)["parameters"][0]["schema"].update(maximum=5), "maximum is now 5"),
    (lambda it: put(it)["requestBody"].update(content={}), "application/json is no longer taken"),
    (lambda it: schema(it, "In").update(required=["name", "kind"]), "kind is now required"),
    (lambda it: schema(it, "In")["properties"].update(kind={"enum": ["a"]}), "no longer takes b"),
    (lambda it: put(it).update(responses={"201": {}}), "the answer 200 is gone"),
    (lambda it: put(it)["responses"]["200"].update(headers={}), "no longer has the header ETag"),
    (lambda it: schema(it, "Out")["properties"].pop("id"), "no longer has id"),
    (lambda it: schema(it, "Out").update(required=[]), "may now lack id"),
    (lambda it: schema(it, "Out")["properties"]["id"].update(type="integer"), "is of type integer"),
    (
        lambda it: schema(it, "In")["properties"]["name"].update(type=["integer", "null"]),
        "is of type integer or null",
    ),
    (
        lambda it: schema(it, "Out")["properties"]["id"].update(type=["string", "null"]),
        "is of type null or string",
    ),
    (
        lambda it: schema(it, "Out")["properties"]["items"]["items"]["properties"].pop("iban"),
        "each no longer has iban",
    ),
]


@pytest.mark.parametrize("change, said", BREAKS, ids=[said for _, said in BREAKS])
def test_a_change_that_breaks_callers_is_said(change: Change, said: str) -> None:
    """One change, one sentence, and nothing else."""
    (found,) = changed(change)

    assert said in found


def test_what_only_adds_breaks_nobody() -> None:
    """More calls, optional parameters, wider input and further fields are no break."""

    def grow(newer: dict[str, Any]) -> None:
        newer["paths"]["/more"] = {"get": {"responses": {"200": {}}}}
        put(newer)["parameters"].append({"name": "page", "in": "query", "schema": {}})
        put(newer)["parameters"][0]["schema"]["maximum"] = 99
        schema(newer, "In")["properties"]["kind"]["enum"].append("c")
        schema(newer, "In")["properties"]["name"]["type"] = ["string", "null"]
        schema(newer, "Out")["properties"]["more"] = {"type": "string"}

    assert changed(grow) == []
