"""A deployment for files whose tests break it one after the other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from golive.adapters.deployments import reference_deployment
from golive.adapters.native.control.deployed import Deployed
from golive.model.deployment import Deployment


@pytest.fixture(scope="module")
def started() -> Iterator[Deployment]:
    """A deployment of one file alone, which breaks it."""
    with reference_deployment(progress=print) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def deployed(started) -> Deployed:
    """The same as an administrator finds it."""
    return Deployed(Path(started.folder))
