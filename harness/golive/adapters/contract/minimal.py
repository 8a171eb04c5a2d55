"""The contract of a target that has none: the calls that its target file names.

It promises little: the statuses of success that the target file says, refusals in the 400s, and
that what was uploaded can be asked for.
"""

from typing import Any

from golive.model.target import Call, Target, Uploads, Webhook

SCHEME = "token"
REFUSED = {"4XX": {"description": "Refused."}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def minimal(target: Target) -> dict[str, Any]:
    """An OpenAPI 3.1 document of the calls that the target file names."""
    paths: dict[str, dict[str, Any]] = {}
    schemes: dict[str, Any] = {}
    _add(paths, f"GET {target.target.health}", {"responses": _answers(200)})
    if target.uploads:
        _add_uploads(paths, target.uploads)
        schemes = _schemes(target.uploads)
    if target.webhook:
        _add(paths, f"POST {target.webhook.path}", _notification(target.webhook))
    return {
        "openapi": "3.1.0",
        "info": {"title": target.target.name, "version": "as its target file says"},
        "paths": paths,
        "components": {"securitySchemes": schemes},
    }


def _add(paths: dict[str, dict[str, Any]], line: str, operation: dict[str, Any]) -> None:
    call = Call.parse(line)
    parameters = {"parameters": [ID]} if "{id}" in call.path else {}
    named = {"operationId": _operation_id(line), **parameters, **operation}
    paths.setdefault(call.path, {})[call.method.lower()] = named


def _operation_id(line: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in line)


def _answers(*statuses: int) -> dict[str, Any]:
    return {str(status): {"description": "Done."} for status in statuses} | REFUSED


def _schemes(uploads: Uploads) -> dict[str, Any]:
    scheme = {"type": "apiKey", "in": "header", "name": uploads.token_header}
    return {SCHEME: scheme} if uploads.token_env else {}


def _add_uploads(paths: dict[str, dict[str, Any]], uploads: Uploads) -> None:
    reads = [line for line in (uploads.status, uploads.download, uploads.debtors) if line]
    accepted = {
        "description": "Taken.",
        "links": {
            _operation_id(line): {
                "operationId": _operation_id(line),
                "parameters": {"id": f"$response.body#/{uploads.answer.id.replace('.', '/')}"},
            }
            for line in reads
        },
    }
    fields = {name: {"type": "string", "const": text} for name, text in uploads.fields.items()}
    form = {
        "type": "object",
        "required": [uploads.file_field],
        "properties": {uploads.file_field: {"type": "string", "format": "binary"}, **fields},
    }
    create = {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "responses": {str(uploads.answer.accepted): accepted} | REFUSED,
    }
    security: list[dict[str, list[str]]] = [{SCHEME: []}] if uploads.token_env else []
    _add(paths, uploads.create, {**create, "security": security})
    for line in (*reads, *((uploads.listing,) if uploads.listing else ())):
        _add(paths, line, {"responses": _answers(200), "security": security})


def _notification(webhook: Webhook) -> dict[str, Any]:
    length = {"sha1": 40, "sha256": 64, "sha512": 128}[webhook.signature]
    form = {
        "type": "object",
        "required": ["unique_id", "status", "signature"],
        "properties": {
            "unique_id": {"type": "string", "pattern": "^[A-Za-z0-9]{8,32}$"},
            "status": {"enum": ["approved", "declined", "pending_async", "chargebacked"]},
            "transaction_id": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,64}$"},
            "amount": {"type": "string", "pattern": "^[1-9][0-9]{0,6}$"},
            "signature": {"type": "string", "pattern": f"^[0-9a-f]{{{length}}}$"},
        },
    }
    content = {"application/x-www-form-urlencoded": {"schema": form}}
    return {
        "requestBody": {"required": True, "content": content},
        "responses": _answers(webhook.new.status),
    }
