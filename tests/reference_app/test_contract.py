"""The contract is what the service does: its routes, and every answer the other tests get."""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from reference_app import api
from reference_app.http import contract
from reference_app.http.handler import BaseHandler

METHODS = {"get", "put", "post", "patch", "delete"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The contract."""
    return dict(json.loads(contract.document()))


def test_contract_is_valid_openapi(document: dict[str, Any]) -> None:
    """Tools can read it."""
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_contract_names_every_route_and_no_other(document: dict[str, Any]) -> None:
    """Path by path and method by method; HEAD goes with GET."""
    promised = {
        (re.sub(r"\{\w+\}", "{}", path), method)
        for path, item in document["paths"].items()
        for method in METHODS & set(item)
    }
    served = {
        (re.sub(r"\([^)]*\)", "{}", pattern), method)
        for pattern, handler in api.ROUTES
        for method in METHODS
        if getattr(handler, method) is not getattr(BaseHandler, method)
    }
    assert promised == served


@pytest.mark.parametrize("path", ["/api/uploads", "/api/uploads/{upload_id}/debtors"])
def test_limits_of_pages_are_those_of_the_contract(
    document: dict[str, Any],
    client: httpx.Client,
    upload: Callable[[bytes], dict[str, Any]],
    path: str,
) -> None:
    """What the contract allows is taken, one more or less is refused."""
    parameters = document["paths"][path]["get"]["parameters"]
    [schema] = [one["schema"] for one in parameters if one.get("name") == "limit"]
    url = path.format(upload_id=upload(b"IBAN,Name,Amount\n")["id"])
    answers = {
        limit: client.get(url, params={"limit": limit}).status_code
        for limit in (
            *(schema["minimum"] - 1, schema["minimum"]),
            *(schema["maximum"], schema["maximum"] + 1),
        )
    }
    assert list(answers.values()) == [400, 200, 200, 400]


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    """Links and generated clients depend on it."""
    ids = [
        item[method]["operationId"]
        for item in document["paths"].values()
        for method in METHODS & set(item)
    ]
    assert len(ids) == len(set(ids))


def test_contract_is_served(client: httpx.Client, document: dict[str, Any]) -> None:
    """Everybody may read it."""
    answer = client.get("/openapi.json", headers={"Authorization": ""})
    assert (answer.status_code, answer.json()) == (200, document)


def test_checker_sees_what_breaks_the_contract(keeps_contract: Any) -> None:
    """The hook on every client of these tests is not blind."""
    request = httpx.Request("GET", "http://x/health")
    kept = {"status": "ok", "node": "n", "version": "1"}
    headers = {"X-Request-ID": "1"}
    keeps_contract(httpx.Response(200, json=kept, headers=headers, request=request))
    broken = [
        httpx.Response(200, json={**kept, "more": 1}, headers=headers, request=request),
        httpx.Response(200, json=kept, request=request),
        httpx.Response(201, json=kept, headers=headers, request=request),
        httpx.Response(200, text="ok", headers=headers, request=request),
    ]
    for response in broken:
        with pytest.raises(AssertionError):
            keeps_contract(response)
