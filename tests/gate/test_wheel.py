"""The wheel: built from this checkout, used from somewhere else."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT]
    built = subprocess.run(build, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `golive` program of a fresh environment that holds the wheel.

    The dependencies come from the environment of the tests by a `.pth` file, so that the test needs
    no network; nothing of this checkout is importable there.
    """
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, with_pip=False, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = home / "lib" / version / "site-packages"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    install += ["--ignore-installed"]  # the checkout itself is installed beside it, and stays
    subprocess.run([*install, "--prefix", home, wheel], check=True, capture_output=True)
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin" / "golive"


def run(installed: Path, cwd: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """Run the installed program away from the checkout, with the environment's own interpreter."""
    python = installed.with_name("python")
    return subprocess.run(
        [python, installed, *map(str, words)],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_holds_the_package_and_its_catalog_only(wheel: Path) -> None:
    """One import name; scenarios, checklists, exporters and templates inside it; no tests."""
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"golive"}
    assert "golive/py.typed" in names
    assert "golive/_catalog/scenarios/smoke/health.py" in names
    assert "golive/_catalog/reports/templates/report.html.j2" in names
    assert any(name.startswith("golive/_catalog/checklists/staging_smoke/") for name in names)


def test_the_installed_program_uses_the_wheel(installed: Path, tmp_path: Path) -> None:
    """What runs is the installed package, not the checkout."""
    python = installed.with_name("python")
    where = "import golive, golive.catalog.catalog as c; print(golive.__file__, c.built_in())"
    ran = subprocess.run(
        [python, "-c", where], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert str(ROOT / "harness") not in ran.stdout
    assert "_catalog" in ran.stdout


def test_plan_and_smoke_work_from_the_wheel(
    installed: Path, write_target, healthy_url: str, tmp_path: Path
) -> None:
    """A target file is all that an installed golive needs."""
    target = write_target(healthy_url)

    planned = run(installed, tmp_path, "plan", target)
    smoked = run(installed, tmp_path, "run", target, "--only", "smoke.health")

    assert planned.returncode == 0, planned.stderr
    assert "smoke.health" in planned.stdout
    assert smoked.returncode == 0, smoked.stderr
    assert (next(tmp_path.glob("runs/*")) / "report.html").exists()


def test_the_reference_deployment_needs_a_checkout(installed: Path, tmp_path: Path) -> None:
    """Outside the repository `golive run` without a target says what to do instead."""
    ran = run(installed, tmp_path, "run")

    assert ran.returncode == 3
    assert "TARGET" in ran.stderr
    assert "Traceback" not in ran.stderr
