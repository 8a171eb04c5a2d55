"""The names of images: those of the environment, else stand-ins built here, else pinned ones."""

import os
from collections.abc import Mapping
from pathlib import Path

from docker import DockerClient
from docker.errors import ImageNotFound
from dotenv import dotenv_values

from golive.errors import DeploymentError

VALUES = "infra/compose/values.env"
CHOICE = "GOLIVE_IMAGES"
LOCAL, OFFICIAL = "local", "official"
OURS = ("app", "gateway")
SERVERS = ("postgres", "redis", "pgbouncer", "nginx", "minio", "toxiproxy")


def variable(image: str) -> str:
    """The variable that names an image."""
    return f"GOLIVE_IMAGE_{image.upper()}"


def values(checkout: Path) -> Mapping[str, str]:
    """Images, ports and limits, as compose takes them too; the environment has the last word."""
    known = dotenv_values(checkout / VALUES, interpolate=False)
    return {name: os.environ.get(name, value or "") for name, value in known.items()}


def choose(client: DockerClient, checkout: Path) -> Mapping[str, str]:
    """The name of each image, all of them there or to be pulled."""
    chosen = os.environ.get(CHOICE, "")
    if chosen not in ("", LOCAL, OFFICIAL):
        raise DeploymentError(
            f"{CHOICE} is {chosen!r}", remedy=f"Leave it out, or say {LOCAL} or {OFFICIAL}."
        )
    pinned = values(checkout)
    found = {image: pinned[variable(image)] for image in (*OURS, *SERVERS)}
    for image in SERVERS:
        stand_in = f"golive/{image}"
        if variable(image) in os.environ or chosen == OFFICIAL:
            continue
        if chosen == LOCAL or _is_there(client, stand_in):
            found[image] = stand_in
    _require_built(client, found)
    return found


def _require_built(client: DockerClient, found: Mapping[str, str]) -> None:
    ours = [name for name in found.values() if name.startswith("golive/")]
    missing = [name for name in ours if not _is_there(client, name)]
    if missing:
        raise DeploymentError(
            f"images that are built here are missing: {', '.join(missing)}",
            remedy="Build them: make images",
        )


def _is_there(client: DockerClient, name: str) -> bool:
    try:
        client.images.get(name)
    except ImageNotFound:
        return False
    return True
