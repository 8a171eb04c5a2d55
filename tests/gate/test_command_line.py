"""The whole command against small targets: exit codes, files and sentences."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("golive")

USER_SCENARIO = '''
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import Capability, Gate, Ruling, Slo, failed, passed, scenario


@dataclass(frozen=True)
class Seen:
    """What was seen."""

    status: int


def check(seen: Sequence[Seen], _slo: Slo) -> Ruling:
    """The body of the check."""
    {check}


@scenario(needs=[Capability.HTTP], evidence=Seen, check=check, remediation="none")
def drive(gate: Gate) -> Iterator[Seen]:
    """The statement."""
    yield Seen(gate.http.request("GET", gate.url("/health")).status)
    {after}
'''


@pytest.fixture
def catalog(tmp_path: Path):
    """Writes a user's catalog with one scenario `mine.own`."""

    def write(check: str = 'return passed("seen")', after: str = "return") -> Path:
        path = tmp_path / "catalog/scenarios/mine/own.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(USER_SCENARIO.replace("{check}", check).replace("{after}", after))
        return tmp_path / "catalog"

    return write


def run_folder(tmp_path: Path) -> Path:
    """The only run folder of a test."""
    (folder,) = (tmp_path / "runs").iterdir()
    return folder


def verdict(tmp_path: Path) -> dict:
    """The verdict document of the only run."""
    return json.loads((run_folder(tmp_path) / "verdict.json").read_text())


@pytest.mark.parametrize(
    "check, after, code, outcome",
    [
        ('return passed("seen")', "return", 0, "PASS"),
        ('return failed("not so")', "return", 1, "FAIL"),
        ("raise ZeroDivisionError", "return", 2, "INCONCLUSIVE"),
        ('return passed("seen")', 'raise RuntimeError("defect")', 2, "INCONCLUSIVE"),
    ],
    ids=["holds", "refuted", "check crashes", "scenario crashes"],
)
def test_the_exit_code_is_the_verdict(
    golive, write_target, catalog, healthy_url, tmp_path, check, after, code, outcome
) -> None:
    """0 GO, 1 NO_GO, 2 UNPROVEN; a crash proves nothing and leaves its traceback in the ledger."""
    ran = golive(
        "run",
        write_target(healthy_url),
        "--only",
        "mine",
        "--catalog",
        catalog(check, after),
        cwd=tmp_path,
    )

    assert ran.returncode == code, ran.stderr
    assert [one["outcome"] for one in verdict(tmp_path)["findings"]] == [outcome]
    if code == 2:
        ledger = "".join(
            path.read_text() for path in run_folder(tmp_path).rglob("*.json") if path.is_file()
        )
        assert "Traceback" in ledger


def test_an_unreachable_target_is_no_go_with_address_and_error(
    golive, write_target, tmp_path
) -> None:
    """What needs the target fails, quickly, and says where nobody answered."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        began = time.monotonic()
        ran = golive("smoke", write_target(url), cwd=tmp_path)

    assert ran.returncode == 1
    assert time.monotonic() - began < 15
    assert f"GET {url}/health: Connection refused" in ran.stderr


def test_a_target_that_swallows_packets_is_no_go_in_time(golive, write_target, tmp_path) -> None:
    """A listener that never answers ends within fifteen seconds as well."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(16)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        ran = golive("smoke", write_target(url), cwd=tmp_path)

    assert ran.returncode == 1
    assert time.monotonic() - began < 15
    assert "no answer in time" in ran.stderr


@pytest.mark.parametrize("only", ["contract", "smoke.typo", "load,chaos"])
def test_a_run_of_nothing_is_unproven(golive, write_target, healthy_url, tmp_path, only) -> None:
    """What was asked for and is not there is never GO."""
    ran = golive("run", write_target(healthy_url), "--only", only, cwd=tmp_path)

    assert ran.returncode == 2
    assert verdict(tmp_path)["verdict"] == "UNPROVEN"


def test_an_empty_catalog_is_unproven(golive, write_target, healthy_url, tmp_path) -> None:
    """A named catalog that holds nothing keeps the run from being GO, and is named."""
    (tmp_path / "empty").mkdir()
    ran = golive(
        "run",
        write_target(healthy_url),
        "--only",
        "smoke.health",
        "--catalog",
        "empty",
        cwd=tmp_path,
    )

    assert ran.returncode == 2
    assert "empty holds no scenario" in ran.stderr


def test_a_bad_target_file_ends_with_3_and_all_of_its_problems(golive, tmp_path) -> None:
    """Usage and configuration errors touch nothing and leave no run behind."""
    (tmp_path / "bad.toml").write_text('[target]\nname = "x"\nurl = "y"\n')

    ran = golive("run", "bad.toml", cwd=tmp_path)

    assert ran.returncode == 3
    assert "line 3: target.url" in ran.stderr
    assert "target.base_url: is missing" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("words", [["no-such-command"], ["run", "--no-such-option"], ["judge"]])
def test_a_usage_error_ends_with_3(golive, tmp_path, words) -> None:
    """2 is UNPROVEN, so a typing error must not end with it."""
    ran = golive(*words, cwd=tmp_path)

    assert ran.returncode == 3
    assert "Error" in ran.stderr


def test_json_is_the_published_document_and_alone_on_stdout(
    golive, write_target, catalog, healthy_url, tmp_path
) -> None:
    """A program reads stdout; people read stderr."""
    ran = golive(
        "run",
        write_target(healthy_url),
        "--only",
        "mine",
        "--catalog",
        catalog(),
        "--json",
        cwd=tmp_path,
    )

    assert json.loads(ran.stdout) == verdict(tmp_path)
    assert "PASS" in ran.stderr


def test_judging_again_says_the_same(golive, write_target, catalog, healthy_url, tmp_path) -> None:
    """`golive judge` needs the folder only, and its verdict is identical to the byte."""
    golive("run", write_target(healthy_url), "--only", "mine", "--catalog", catalog(), cwd=tmp_path)
    before = {
        path.name: path.read_bytes() for path in run_folder(tmp_path).iterdir() if path.is_file()
    }

    ran = golive("judge", "latest", "--catalog", "catalog", cwd=tmp_path)

    after = {
        path.name: path.read_bytes() for path in run_folder(tmp_path).iterdir() if path.is_file()
    }
    assert ran.returncode == 0
    assert after == before


@pytest.mark.parametrize("removal", ["unlink", "empty"])
def test_a_run_without_its_operations_is_unproven(
    golive, write_target, catalog, healthy_url, tmp_path, removal
) -> None:
    """Whoever removes the history removes the proof."""
    golive("run", write_target(healthy_url), "--only", "mine", "--catalog", catalog(), cwd=tmp_path)
    operations = run_folder(tmp_path) / "operations.ndjson"
    operations.unlink() if removal == "unlink" else operations.write_text("")

    ran = golive("judge", "latest", "--catalog", "catalog", cwd=tmp_path)

    assert ran.returncode == 2
    assert verdict(tmp_path)["verdict"] == "UNPROVEN"
    assert "operations.ndjson" in ran.stderr


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_saves_and_reports(
    write_target, catalog, healthy_url, tmp_path, sent
) -> None:
    """Ctrl-C and SIGTERM end with 130, an UNPROVEN verdict and a report of what was seen."""
    mark = tmp_path / "driving"
    folder = catalog(after=f"open({str(mark)!r}, 'w').close(); time.sleep(60)")
    target = write_target(healthy_url)
    words = [PROGRAM, "run", target, "--only", "mine", "--catalog", folder]
    with subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as running:
        _wait_for(mark.exists)
        running.send_signal(sent)
        _, told = running.communicate(timeout=20)

    assert running.returncode == 130, told
    assert verdict(tmp_path)["verdict"] == "UNPROVEN"
    assert "interrupted" in told
    assert (run_folder(tmp_path) / "report.html").exists()


def _wait_for(condition) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def test_secrets_appear_in_no_file_and_no_output(
    golive, write_target, healthy_url, tmp_path
) -> None:
    """A canary given as the webhook's password is found nowhere, in no spelling."""
    canary = "canary-Zx81/+secret"
    target = write_target(healthy_url, '[webhook]\npath = "/w"\npassword_env = "CANARY"\n')

    ran = golive("smoke", target, "--json", cwd=tmp_path, env={"CANARY": canary})

    seen = ran.stdout + ran.stderr
    for path in run_folder(tmp_path).rglob("*"):
        seen += path.read_text() if path.is_file() else ""
    assert "canary-Zx81" not in seen


def test_a_disk_that_cannot_be_written_is_a_sentence(
    golive, write_target, healthy_url, tmp_path
) -> None:
    """No space, no permission, not a folder: where, why and what to do."""
    ran = golive("smoke", write_target(healthy_url), "--out", "/dev/full/runs", cwd=tmp_path)

    assert ran.returncode == 3
    assert "cannot be written: Not a directory" in ran.stderr
    assert "--out" in ran.stderr


def test_reports_are_rendered_again_and_printed(
    golive, write_target, catalog, healthy_url, tmp_path
) -> None:
    """`--format` prints one format; an unknown one is answered with those that exist."""
    golive("run", write_target(healthy_url), "--only", "mine", "--catalog", catalog(), cwd=tmp_path)

    printed = golive(
        "report", "latest", "--format", "markdown", "--catalog", "catalog", cwd=tmp_path
    )
    unknown = golive("report", "latest", "--format", "pdf", cwd=tmp_path)

    assert printed.stdout == (run_folder(tmp_path) / "report.md").read_text()
    assert unknown.returncode == 3
    assert "html, json, junit, markdown" in unknown.stderr


def test_a_plan_touches_nothing(golive, write_target, tmp_path) -> None:
    """Planning against a dead address works, names what cannot run, and writes no folder."""
    ran = golive("plan", write_target("http://127.0.0.1:9"), cwd=tmp_path)

    assert ran.returncode == 0
    assert "because the target file has no [webhook]" in ran.stdout
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    "command",
    ["run", "smoke", "plan", "judge", "report", "runs", "up", "down", "ps", "logs", "doctor"],
)
def test_every_command_has_help_with_an_example(golive, tmp_path, command) -> None:
    """`--help` shows how the command is used."""
    ran = golive(command, "--help", cwd=tmp_path)

    assert ran.returncode == 0
    assert f"golive {command}" in ran.stdout
    assert "Example" in ran.stdout
