"""Known holes of Python packages, by pip-audit, which asks a service on the internet."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Sequence

from golive.errors import UnobservableError
from golive.model.ports import Recorder
from golive.model.setting import Setting

SECONDS = 50.0
PLACE = "advisories"


def known(requirements: str | None, recorder: Recorder) -> Sequence[Setting]:
    """Each package with its known holes. Raises UnobservableError where nobody can be asked."""
    if requirements is None:
        raise LookupError("the target file does not say audit.requirements")
    if importlib.util.find_spec("pip_audit") is None:
        raise UnobservableError(PLACE, "pip-audit is not installed: pip install golive[advisories]")
    with recorder.operation("ADVISORIES", requirements=requirements) as operation:
        settings = _settings(_audit(requirements))
        operation.ok(packages=len(settings))
    return settings


def _audit(requirements: str) -> str:
    words = ("--disable-pip", "--no-deps", "--vulnerability-service", "osv", "--format", "json")
    command = (sys.executable, "-m", "pip_audit", *words, "--requirement", requirements)
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise UnobservableError(PLACE, f"pip-audit: {type(error).__name__}") from error
    if not ran.stdout.strip():
        said = ran.stderr.strip().splitlines() or ["it said nothing"]
        raise UnobservableError(PLACE, f"pip-audit: {said[-1]}")
    return ran.stdout


def _settings(text: str) -> Sequence[Setting]:
    return tuple(
        Setting(
            f"{package['name']} {package.get('version', '')}",
            "known holes",
            " ".join(hole["id"] for hole in package.get("vulns", ())),
            package.get("skip_reason", ""),
        )
        for package in json.loads(text)["dependencies"]
    )
