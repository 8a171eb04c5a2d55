"""The variants of the reference deployment: each is well-formed, starts, and is really broken."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from redis import Redis

from golive.adapters.deployments import reference_deployment
from golive.adapters.native import variants
from golive.model.deployment import Deployment
from golive.model.notification import Notification, form_of

ROOT = Path(__file__).parents[2]
IDS = variants.known(ROOT)
# Each in a process of its own, forked so that the service is imported once; says which went on.
PUT_ON_EACH = """
import os, sys
import _run, reference_app.api, reference_app.worker, reference_app.migrate
for mutant in sys.argv[1:]:
    if os.fork() == 0:
        _run.put_on(mutant)
        print(mutant, flush=True)
        os._exit(0)
    os.wait()
"""

CAUGHT_BY = re.compile(r"(chaos|smoke|contract|load|audit)\.[a-z0-9_]+")


@pytest.mark.parametrize("mutant", IDS)
def test_a_mutant_says_what_it_breaks(mutant) -> None:
    """Every file names its defect in a sentence, the finding that catches it, and one way in."""
    found = variants.find(ROOT, mutant)
    source = (variants.file_of(ROOT, mutant)).read_text()

    assert found is not None
    assert found.defect[0].isupper()
    assert found.defect.endswith(".")
    assert CAUGHT_BY.fullmatch(found.caught_by)
    assert ("def patch() -> None:" in source) != bool(found.configuration)


@pytest.mark.parametrize("mutant", IDS)
def test_a_mutant_fits_the_configuration(mutant) -> None:
    """What a mutant replaces in a server's configuration is still there."""
    found = variants.find(ROOT, mutant)

    assert found is not None
    for template, replaced in found.configuration.items():
        assert all(right in (ROOT / "infra" / template).read_text() for right in replaced)


def test_every_mutant_fits_the_service() -> None:
    """Every defect can be put on today's service: what it replaces is still there."""
    words = [sys.executable, "-c", PUT_ON_EACH, *IDS]
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT / variants.FOLDER}"}
    ran = subprocess.run(words, env=paths, capture_output=True, text=True, check=False)

    assert ran.stdout.split() == list(IDS), ran.stderr


def test_no_defect_is_there_twice() -> None:
    """The mutants are as many as their sentences, and more than a handful."""
    sentences = {found.defect for found in (variants.find(ROOT, one) for one in IDS) if found}

    assert len(sentences) == len(IDS) >= 19


def test_a_variant_that_does_not_exist(golive, tmp_path) -> None:
    """An unknown variant starts nothing and is answered with those that are known."""
    ran = golive("up", "--name", "none-such", "--variant", "nonsense", cwd=tmp_path)

    assert ran.returncode == 3
    assert "no variant 'nonsense'" in ran.stderr
    assert all(one in ran.stderr for one in IDS)
    assert "none-such" not in golive("ps", cwd=tmp_path).stdout


@contextmanager
def started(variant: str, golive, folder: Path) -> Iterator[tuple[Deployment, dict[str, str]]]:
    """A deployment of the variant, which its target file and `ps` name and smoke finds sound."""
    with reference_deployment(variant=variant, progress=print) as deployment:
        ran = golive("smoke", deployment.target_file, "--out", folder / "runs", cwd=folder)
        assert ran.returncode == 0, ran.stderr
        assert f"(variant: {variant})" in ran.stderr
        assert f"{deployment.name} (variant: {variant}): ready" in golive("ps", cwd=folder).stdout
        env_file = Path(deployment.target_file).with_suffix(".env")
        lines = (line.partition("=") for line in env_file.read_text().splitlines() if "=" in line)
        yield deployment, {name: value for name, _, value in lines}


def test_a_defect_of_the_code(golive, tmp_path) -> None:
    """With `signature_optional` smoke is GO, and an unsigned notification is taken."""
    with started("signature_optional", golive, tmp_path) as (deployment, access):
        notification = Notification("a" * 32, "forged-1", "approved", 100)
        form = form_of(notification, access["REFERENCE_WEBHOOK_PASSWORD"], "sha1")
        url = f"{deployment.base_url}/api/webhooks/emp"
        wrong = httpx.post(url, data={**form, "signature": "0" * 40})
        unsigned = httpx.post(url, data={k: v for k, v in form.items() if k != "signature"})

    assert (wrong.status_code, unsigned.status_code) == (401, 200)


def test_a_defect_of_a_configuration(golive, tmp_path) -> None:
    """With `no_aof` smoke is GO, and the queue's Redis writes nothing down."""
    with started("no_aof", golive, tmp_path) as (_, access):
        queue = Redis.from_url(access["REFERENCE_QUEUE_URL"])
        with queue:
            told = {**queue.config_get("appendonly"), **queue.config_get("save")}

    assert told == {"appendonly": "no", "save": ""}
