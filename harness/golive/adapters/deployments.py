"""The reference deployment, on whichever backend runs it."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from golive.adapters.native.backend import NativeBackend
from golive.errors import DeploymentError
from golive.model.deployment import (
    DEFAULT_API_NODES,
    Backend,
    Deployment,
    DeploymentRequest,
    DeploymentState,
    Progress,
)

DEFAULT_BACKEND = "native"
UP = (DeploymentState.STARTING, DeploymentState.READY, DeploymentState.ABANDONED)
BACKEND_VARIABLE = "GOLIVE_BACKEND"


def _containers() -> Backend:
    # Its libraries take half a second to import, and most machines have no engine.
    from golive.adapters.containers.backend import ContainersBackend

    return ContainersBackend()


BACKENDS: Mapping[str, Callable[[], Backend]] = {"native": NativeBackend, "containers": _containers}


def find_backend(name: str = "") -> Backend:
    """The backend of that name, or that of the environment where none is named."""
    name = name or os.environ.get(BACKEND_VARIABLE) or DEFAULT_BACKEND
    try:
        return BACKENDS[name]()
    except KeyError:
        known = ", ".join(sorted(BACKENDS))
        raise DeploymentError(
            f"there is no backend {name!r}", remedy=f"Backends: {known}"
        ) from None


@contextmanager
def reference_deployment(
    *,
    backend: str = "",
    api_nodes: int = DEFAULT_API_NODES,
    variant: str = "",
    tls: bool = False,
    progress: Progress,
) -> Iterator[Deployment]:
    """A deployment of our own that is gone at the end, whatever happens to us; with a `variant`,
    one that has the seeded defect of that name; with `tls`, entered by https.
    """
    chosen = find_backend(backend)
    request = DeploymentRequest(
        name=f"run-{secrets.token_hex(4)}",
        api_nodes=api_nodes,
        attached=True,
        variant=variant,
        tls=tls,
    )
    deployment = chosen.start(request, progress)
    try:
        yield deployment
    finally:
        chosen.stop(deployment, progress)


def all_deployments() -> tuple[Deployment, ...]:
    """Every deployment of this checkout, of every backend."""
    return tuple(one for make in BACKENDS.values() for one in make().deployments())


def find_deployment(name: str) -> Deployment | None:
    """The deployment of that name; of two on two backends the one that is up."""
    named = [one for one in all_deployments() if one.name == name]
    return next((one for one in named if one.state in UP), named[0] if named else None)


def secrets_of(deployment: Deployment) -> tuple[str, ...]:
    """What of this deployment must appear in no output."""
    return find_backend(deployment.backend).secrets(deployment)
