"""The lock of the service's image is a part of the whole lock."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PIN = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9._-]*)(\[[^\]]*\])?==(?P<version>[^\s;\\]+)", re.MULTILINE
)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def pins(path: Path) -> dict[str, str]:
    """Version by name."""
    return {one["name"]: one["version"] for one in PIN.finditer(path.read_text())}


def test_the_image_is_built_of_what_was_tested() -> None:
    """Every package of the image has the version of requirements.lock, and its hashes."""
    image, whole = (
        ROOT / "infra/images/app/requirements.lock",
        ROOT / "requirements.lock",
    )

    assert len(pins(image)) > 10
    assert pins(image).items() <= pins(whole).items()
    assert set(HASH.findall(image.read_text())) <= set(HASH.findall(whole.read_text()))
