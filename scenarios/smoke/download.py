"""THR-602, test 4: the file comes back as it was sent, whichever node is asked."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from golive.api import (
    Capability,
    Gate,
    Ruling,
    Slo,
    UnreachableError,
    failed,
    inconclusive,
    passed,
    scenario,
)

BALANCER = "balancer"


@dataclass(frozen=True)
class Download:
    """One download: the node that took the upload, the node that was asked, what came back."""

    taken_by: str
    asked: str
    upload_status: int
    sent_sha256: str
    status: int | None
    sha256: str
    error: str


def the_same_bytes_come_back(seen: Sequence[Download], _slo: Slo) -> Ruling:
    """Every other node serves the bytes that one node took."""
    for one in seen:
        if one.error:
            return failed(f"{one.asked}: {one.error}")
        if one.status != HTTPStatus.OK:
            return failed(
                f"{one.asked} answered {one.status} for a file that {one.taken_by} took "
                f"with {one.upload_status}"
            )
        if one.sha256 != one.sent_sha256:
            return failed(f"{one.asked} served other bytes than {one.taken_by} took")
    # Which node answers behind the balancer is not known: it may be the one that took the file.
    others = [one for one in seen if one.asked not in (one.taken_by, BALANCER)]
    if not others:
        return inconclusive("the target file lists fewer than two [nodes]")
    asked = ", ".join(one.asked for one in others)
    return passed(
        f"{seen[0].taken_by} took the file, {asked} served the same bytes", nodes=len(others)
    )


@scenario(
    needs=[Capability.UPLOADS],
    requires=["uploads.download"],
    evidence=Download,
    check=the_same_bytes_come_back,
    remediation="Serve downloads from the bucket, not from the disk of the node that took it.",
)
def download(gate: Gate) -> Iterator[Download]:
    """A file that one API node took is served byte for byte by the others."""
    sheet = gate.uploads.sample(rows=3)
    sent = hashlib.sha256(sheet.content).hexdigest()
    taken_by, taken_url = next(iter(gate.target.nodes.items()), (BALANCER, None))
    try:
        reply = gate.uploads.send(sheet, node_url=taken_url)
    except UnreachableError as error:
        yield Download(taken_by, taken_by, 0, sent, None, "", error.reason)
        return
    upload_id = gate.uploads.accepted_id(reply)
    if upload_id is None:
        yield Download(taken_by, taken_by, reply.status, sent, None, "", "the upload was refused")
        return
    nodes = {**gate.target.nodes, BALANCER: None}
    for asked, node_url in nodes.items():
        try:
            served = gate.uploads.download(upload_id, node_url=node_url)
        except UnreachableError as error:
            yield Download(taken_by, asked, reply.status, sent, None, "", error.reason)
        else:
            digest = hashlib.sha256(served.body).hexdigest()
            yield Download(taken_by, asked, reply.status, sent, served.status, digest, "")
