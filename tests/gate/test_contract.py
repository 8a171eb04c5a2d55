"""The contract suite: GO on the reference deployment, and red by name on seeded defects."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler

ROOT = Path(__file__).parents[2]
SECRETS = {"TOKEN": "token-of-anna", "OTHER": "token-of-bela", "PASSWORD": "of-the-gateway"}
FORM = "application/x-www-form-urlencoded"
SUITE = (
    *("server_errors", "statuses", "schemas", "methods", "media_types", "stateful"),
    *("hostile_signatures", "hostile_account", "authentication"),
)


def refusals(*statuses: int) -> dict[str, Any]:
    """Refusals without a body to speak of."""
    return {str(status): {"description": "Refused."} for status in statuses}


def answer(**properties: Any) -> dict[str, Any]:
    """A JSON answer with exactly these fields."""
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    content = {"application/json": {"schema": {**schema, "additionalProperties": False}}}
    return {"description": "Done.", "content": content}


TEXT = {"type": "string"}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
FILE = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
}
NOTE = {
    "type": "object",
    "required": ["unique_id", "status", "signature"],
    "properties": {
        "unique_id": {"type": "string", "pattern": "^[A-Za-z0-9]{8,32}$"},
        "status": TEXT,
        "signature": {"type": "string", "pattern": "^[0-9a-f]{40}$"},
    },
}
TOKEN = {"security": [{"bearer": []}]}
LINKS = {
    name: {"operationId": name, "parameters": {"id": "$response.body#/id"}}
    for name in ("show", "download")
}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "small", "version": "1"},
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/files": {
            "post": {
                **TOKEN,
                "requestBody": {
                    "required": True,
                    "content": {"multipart/form-data": {"schema": FILE}},
                },
                "responses": {
                    "202": {**answer(id=TEXT), "links": LINKS},
                    **refusals(400, 401, 415),
                },
            }
        },
        "/files/{id}": {
            "get": {
                **TOKEN,
                "operationId": "show",
                "parameters": [ID],
                "responses": {"200": answer(id=TEXT, status=TEXT), **refusals(400, 401, 404)},
            }
        },
        "/files/{id}/raw": {
            "get": {
                **TOKEN,
                "operationId": "download",
                "parameters": [ID],
                "responses": {"200": {"description": "The file."}, **refusals(400, 401, 404)},
            }
        },
        "/hook": {
            "post": {
                "requestBody": {"required": True, "content": {FORM: {"schema": NOTE}}},
                "responses": {"200": answer(status=TEXT), **refusals(400, 401, 415)},
            }
        },
    },
}


class Handler(RequestHandler):
    """What the routes share; `defect` names what is wrong with this server."""

    def initialize(self, defect: str, files: dict[str, tuple[str, bytes]]) -> None:
        """Take the settings."""
        self.defect, self.files = defect, files

    def write_error(self, status_code: int, **_: Any) -> None:
        """A refusal, with what is allowed where the method is not."""
        if status_code == 405:
            unimplemented = RequestHandler.put
            methods = [
                m for m in ("GET", "POST") if getattr(type(self), m.lower()) is not unimplemented
            ]
            self.set_header("Allow", ", ".join(methods))
        self.finish()

    def account(self) -> str:
        """Whose token it is."""
        given = self.request.headers.get("Authorization", "")
        if self.defect == "no door":
            return "TOKEN"
        for name in ("TOKEN", "OTHER"):
            if given == f"Bearer {SECRETS[name]}":
                return name
        raise HTTPError(401)

    def file(self, file_id: str) -> bytes:
        """The account's file."""
        owner, content = self.files.get(file_id, ("", b""))
        is_open = self.defect == "another's file" or (
            self.defect == "another's download" and self.request.path.endswith("/raw")
        )
        if self.account() == owner or (owner and is_open):
            return content
        raise HTTPError(404)


class Plain(Handler):
    """The health check and the contract."""

    def get(self) -> None:
        """Answer."""
        self.write(json.dumps(DOCUMENT) if self.request.path == "/openapi.json" else "well")


class Files(Handler):
    """The collection."""

    def post(self) -> None:
        """Take a file."""
        account = self.account()
        if not self.request.headers.get("Content-Type", "").startswith("multipart/form-data"):
            raise HTTPError(415)
        if not self.request.files.get("file"):
            raise HTTPError(400)
        file_id = uuid4().hex
        self.files[file_id] = (account, self.request.files["file"][0]["body"])
        self.set_status(202)
        more = {"internal": 1} if self.defect == "a field more" else {}
        self.write({"id": file_id, **more})

    def put(self) -> None:
        """Not there, unless the 405 is what is missing."""
        if self.defect != "no 405":
            raise HTTPError(405)


class File(Handler):
    """One file."""

    def get(self, file_id: str) -> None:
        """Show it."""
        self.file(file_id)
        self.write({"id": file_id, "status": "completed"})


class Raw(Handler):
    """Its content."""

    def get(self, file_id: str) -> None:
        """Give it back."""
        self.write(self.file(file_id))


class Hook(Handler):
    """The webhook."""

    def post(self) -> None:
        """Check the signature."""
        if not self.request.headers.get("Content-Type", "").startswith(FORM):
            raise HTTPError(415)
        ids, given = (
            self.get_body_arguments("unique_id"),
            self.get_body_arguments("signature", False),
        )
        if len(ids) != 1 or len(given) != 1:
            raise HTTPError(400)
        right = hashlib.sha1(f"{ids[0]}{SECRETS['PASSWORD']}".encode()).hexdigest()  # noqa: S324
        by_prefix = self.defect == "a prefix" and given[0][:8] == right[:8]
        if given[0] != right and not by_prefix:
            raise HTTPError(401)
        # Only what is signed comes so far.
        if self.defect == "a crash" and not self.get_body_argument("status", "").isascii():
            raise RuntimeError("odd input")
        self.write({"status": "ok"})


ROUTES = (
    *(("/health", Plain), ("/openapi.json", Plain), ("/files", Files), ("/hook", Hook)),
    *((r"/files/([^/]+)", File), (r"/files/([^/]+)/raw", Raw)),
)


@pytest.fixture
def small_service() -> Callable[[str], AbstractContextManager[str]]:
    """A service with one defect, served until the test is over."""

    @contextmanager
    def serve(defect: str) -> Iterator[str]:
        (bound,) = bind_sockets(0, "127.0.0.1")
        loop = asyncio.new_event_loop()
        over = asyncio.Event()

        async def run() -> None:
            shared: dict[str, Any] = {"defect": defect, "files": {}}
            routes = [(path, handler, shared) for path, handler in ROUTES]
            server = HTTPServer(Application(routes, log_function=lambda _: None))
            server.add_sockets([bound])
            await over.wait()
            server.stop()
            await server.close_all_connections()

        thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
        thread.start()
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()

    return serve


TARGET = """
[uploads]
create = "POST /files"
status = "GET /files/{id}"
download = "GET /files/{id}/raw"
token_env = "TOKEN"
[webhook]
path = "/hook"
password_env = "PASSWORD"
[contract]
openapi = "/openapi.json"
other_token_env = "OTHER"
"""


@pytest.fixture
def findings(golive, small_service, write_target, tmp_path) -> Callable[..., dict[str, Any]]:
    """Runs scenarios of the suite against a service with a defect; the findings by name."""

    def run(defect: str, *names: str) -> dict[str, Any]:
        with small_service(defect) as url:
            target = write_target(url, TARGET, allow=["contract"])
            only = ",".join(f"contract.{name}" for name in names)
            words = ("run", target, "--only", only, "--seed", "1", "--out", tmp_path / "runs")
            ran = golive(*words, cwd=tmp_path, env=SECRETS)
        assert ran.returncode == (1 if defect else 0), ran.stderr
        (folder,) = (tmp_path / "runs").iterdir()
        found = json.loads((folder / "verdict.json").read_text())["findings"]
        return {finding["id"].partition(".")[2]: finding for finding in found}

    return run


def test_a_service_that_keeps_its_contract_passes(findings) -> None:
    """Each red below is due to its defect alone."""
    found = findings("", *SUITE)

    assert {name: one["outcome"] for name, one in found.items()} == dict.fromkeys(SUITE, "PASS")


@pytest.mark.parametrize(
    "defect, name, said",
    [
        ("a crash", "server_errors", "POST /hook: Server error"),
        ("a field more", "schemas", "internal"),
        ("no 405", "methods", "PUT"),
        ("no door", "authentication", "authentication"),
        ("a prefix", "hostile_signatures", "its first eight digits"),
        ("another's file", "hostile_account", "another account is told of the upload"),
        ("another's download", "hostile_account", "GET /files/{id}/raw: another account is"),
    ],
)
def test_a_seeded_defect_is_no_go_by_name(findings, defect: str, name: str, said: str) -> None:
    """The right finding is red, says what it is, and how to see it again."""
    finding = findings(defect, name)[name]

    assert finding["outcome"] == "FAIL"
    told = finding["summary"] + finding.get("witness", "")
    assert said in told
    assert "curl" in told


def test_the_reference_deployment_keeps_its_contract(golive, deployment, tmp_path) -> None:
    """`golive contract` is GO, hostile input and all."""
    out = tmp_path / "runs"
    ran = golive("contract", deployment.target_file, "--out", out, cwd=ROOT)

    assert ran.returncode == 0, ran.stderr
    (folder,) = out.iterdir()
    for path in folder.rglob("*"):
        text = path.read_text(errors="replace") if path.is_file() else ""
        assert not any(secret in text for secret in deployment.secrets), path
