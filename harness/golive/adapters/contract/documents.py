"""Reads OpenAPI documents: from the target, from a file, or made of the target file."""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from golive.adapters.contract.minimal import minimal
from golive.errors import UnobservableError, UnreachableError
from golive.model.ports import HttpPort
from golive.model.target import Target

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")

Document = Mapping[str, Any]


def current(target: Target, http: HttpPort) -> Document:
    """The contract that the target is held to, without the calls that are left out."""
    return _without(whole(target, http), target.contract.leave_out)


def whole(target: Target, http: HttpPort) -> Document:
    """The target's contract."""
    section = target.contract
    if section.openapi is None:
        return minimal(target)
    if section.openapi.startswith("/"):
        return _asked(f"{target.target.base_url}{section.openapi}", http)
    return from_file(section.openapi)


def from_file(path: str) -> Document:
    """The document in a file, JSON or YAML."""
    try:
        return _parsed(Path(path).read_bytes(), path)
    except OSError as error:
        raise UnobservableError(path, error.strerror or str(error)) from error


def base_of(document: Document, base_url: str) -> str:
    """The address that the document's paths are appended to: its first server's path counts."""
    servers = document.get("servers") or [{"url": "/"}]
    return base_url + urlsplit(str(servers[0].get("url", "/"))).path.rstrip("/")


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Method (upper case), path and definition of every call."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def resolved(document: Document, value: Any) -> Any:
    """What stands at a local reference, or the value itself."""
    while isinstance(value, Mapping) and str(value.get("$ref", "")).startswith("#/"):
        found: Any = document
        for name in value["$ref"][2:].split("/"):
            found = found[name.replace("~1", "/").replace("~0", "~")]
        value = found
    return value


def _asked(url: str, http: HttpPort) -> Document:
    reply = http.request("GET", url)
    if reply.status != HTTPStatus.OK:
        raise UnreachableError("http", url, f"the contract was answered {reply.status}, not 200")
    return _parsed(reply.body, url)


def _parsed(content: bytes, place: str) -> Document:
    try:
        # JSON first: YAML would take seconds for a large one.
        document = json.loads(content)
    except ValueError:
        try:
            document = yaml.safe_load(content)
        except yaml.YAMLError as error:
            raise UnobservableError(place, "it is neither JSON nor YAML") from error
    if not isinstance(document, Mapping) or "paths" not in document:
        raise UnobservableError(place, "it is no OpenAPI document")
    return document


def _without(document: Document, calls: tuple[str, ...]) -> Document:
    left_out = set(calls)
    paths = {
        path: {key: one for key, one in item.items() if f"{key.upper()} {path}" not in left_out}
        for path, item in document["paths"].items()
    }
    return {**document, "paths": paths}
