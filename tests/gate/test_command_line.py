"""The whole command against small targets: exit codes, files and sentences."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

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
        ("import sys; sys.exit(0)", "return", 2, "INCONCLUSIVE"),
        ('return passed("seen")', "import sys; sys.exit(0)", 2, "INCONCLUSIVE"),
    ],
    ids=["holds", "refuted", "check crashes", "scenario crashes", "check exits", "scenario exits"],
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


@pytest.mark.alone
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


def test_a_full_disk_is_a_sentence(write_target, catalog, healthy_url, tmp_path) -> None:
    """Where the ledger cannot be written to its end, the run says so and proves nothing."""
    words = [write_target(healthy_url), "--only", "mine", "--catalog"]
    folder = catalog(after="for _ in range(400): gate.http.request('GET', gate.url('/health'))")
    # What a full disk does to a program, without filling one: no file may grow further.
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)); "
    limited += "from golive.cli.app import run; sys.exit(run(sys.argv[1:]))"
    ran = subprocess.run(
        [sys.executable, "-c", limited, "run", *words, folder],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 3, ran.stderr
    assert "operations.ndjson cannot be written: File too large" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("password", ["smoke", "test", "local", "root", "PASS", "mine"])
def test_a_password_that_is_a_plain_word_spoils_nothing(
    golive, write_target, catalog, healthy_url, tmp_path, password
) -> None:
    """Every file stays well-formed and the verdict right, though the word occurs everywhere."""
    target = write_target(healthy_url, '[webhook]\npath = "/w"\npassword_env = "WORD"\n')
    words = ["run", target, "--only", "mine", "--catalog", catalog(), "--json"]

    ran = golive(*words, cwd=tmp_path, env={"WORD": password})

    assert ran.returncode == 0, ran.stderr
    document = json.loads(ran.stdout)
    assert (document["verdict"], document["environment"]) == ("GO", "local")
    assert document["findings"][0]["id"] == "mine.own"
    junit = (run_folder(tmp_path) / "junit.xml").read_text()
    assert ET.fromstring(junit).tag == "testsuites"  # noqa: S314 - our own file


@pytest.mark.parametrize("command", ["judge", "report"])
def test_a_run_is_not_judged_again_with_another_catalog(
    golive, write_target, catalog, healthy_url, tmp_path, command
) -> None:
    """Without the folders that it was made with, a run keeps its verdict; what lacks is named."""
    golive("run", write_target(healthy_url), "--only", "mine", "--catalog", catalog(), cwd=tmp_path)

    again = golive(command, "latest", cwd=tmp_path)

    assert again.returncode == 3
    assert "mine.own" in again.stderr
    assert "--catalog" in again.stderr
    assert verdict(tmp_path)["verdict"] == "GO"


def test_an_exporter_that_crashes_keeps_a_run_from_reading_as_go(
    golive, write_target, catalog, healthy_url, tmp_path
) -> None:
    """Whoever waits for a report that was not written is told, and does not read exit code 0."""
    exporter = catalog() / "reports/own.py"
    exporter.parent.mkdir()
    exporter.write_text(
        "from golive.api import Report, exporter\n\n"
        '@exporter(file_name="own.txt")\n'
        "def render(report: Report) -> str:\n"
        '    """A line."""\n'
    )
    ran = golive(
        "run",
        write_target(healthy_url),
        "--only",
        "mine",
        "--catalog",
        tmp_path / "catalog",
        cwd=tmp_path,
    )

    assert ran.returncode == 2
    assert "exporter own crashed: TypeError: it returned NoneType" in ran.stderr
    assert (run_folder(tmp_path) / "report.html").exists()


def test_a_waived_finding_is_shown_as_such(
    golive, write_target, catalog, healthy_url, tmp_path
) -> None:
    """What somebody accepted is neither red nor green, on the terminal, in the plan and as JSON."""
    target = write_target(healthy_url)
    target.with_name("waivers.toml").write_text(
        '[[waiver]]\nid = "mine.own"\nreason = "known"\napprover = "a person"\n'
        'risk = "small"\nexpires = 2999-01-01\n'
    )
    words = [target, "--only", "mine", "--catalog", catalog('return failed("not so")')]

    planned = golive("plan", *words, "--json", cwd=tmp_path)
    ran = golive("run", *words, cwd=tmp_path)

    assert json.loads(planned.stdout)["waivers"][0]["expires"] == "2999-01-01"
    assert ran.returncode == 0
    assert "WAIVED" in ran.stderr


def test_a_reader_who_leaves_is_not_told_no_go(write_target, healthy_url, tmp_path) -> None:
    """Output into a closed pipe ends without a traceback, and never reads as a verdict of red."""
    run = f"{PROGRAM} run {write_target(healthy_url)} --only smoke.health"
    command = f"{run} 2>&1 >/dev/null | true"
    ran = subprocess.run(
        ["bash", "-c", f"{command}; echo ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.stdout.strip() in {"2", "0"}
    assert "Traceback" not in ran.stderr


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
    [
        "run",
        "smoke",
        "chaos",
        "load",
        "plan",
        "judge",
        "report",
        "runs",
        "up",
        "down",
        "ps",
        "logs",
        "doctor",
        "export",
    ],
)
def test_every_command_has_help_with_an_example(golive, tmp_path, command) -> None:
    """`--help` shows how the command is used."""
    ran = golive(command, "--help", cwd=tmp_path)

    assert ran.returncode == 0
    assert f"golive {command}" in ran.stdout
    assert "Example" in ran.stdout
