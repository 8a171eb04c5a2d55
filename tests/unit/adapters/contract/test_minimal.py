"""The contract that is made of a target file."""

from openapi_spec_validator import validate

from golive.adapters.contract.minimal import minimal
from golive.model.target import Target, TargetSection, Uploads, Webhook

TARGET = Target(
    TargetSection("small", "http://127.0.0.1:1", "local"),
    uploads=Uploads(
        create="POST /files",
        status="GET /files/{id}",
        download="GET /files/{id}/raw",
        fields={"kind": "debtors"},
    ),
    webhook=Webhook("/hook", "PASSWORD", "sha256"),
)


def test_every_call_of_the_target_file_is_in_it() -> None:
    """Tools can read it, and what is uploaded is linked to what can be asked for."""
    document = minimal(TARGET)

    validate(document)
    assert set(document["paths"]) == {
        "/health",
        "/files",
        "/files/{id}",
        "/files/{id}/raw",
        "/hook",
    }
    links = document["paths"]["/files"]["post"]["responses"]["202"]["links"]
    assert {link["parameters"]["id"] for link in links.values()} == {"$response.body#/id"}
    assert len(links) == 2


def test_a_target_with_a_health_check_alone_has_a_contract_too() -> None:
    """Nothing is promised that the target file does not name."""
    document = minimal(Target(TARGET.target))

    validate(document)
    assert list(document["paths"]) == ["/health"]
