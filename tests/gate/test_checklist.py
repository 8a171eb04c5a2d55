"""Checklists that are worked through: killed and resumed, signed, altered, waived."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from golive.adapters.waiting import until
from golive.cli.app import run

PROGRAM = Path(sys.executable).with_name("golive")

SLOW = "echo x >> {folder}/slow; until test -e {folder}/go; do sleep 0.05; done"
WHOLE = {
    "1-answers": 'section = "pre_deployment"\nfindings = ["smoke.health"]',
    "2-meant": 'section = "pre_deployment"\nsignature = "QA"\ndepends_on = ["1-answers"]',
    "3-first": 'section = "deployment"\ndepends_on = ["pre_deployment"]\n'
    'command = ["sh", "-c", "echo x >> {folder}/first"]',
    "4-slow": f'section = "deployment"\ndepends_on = ["3-first"]\ncommand = ["sh", "-c", "{SLOW}"]',
    "5-booked": 'section = "smoke"\nfindings = ["smoke.webhook"]\ndepends_on = ["deployment"]',
}
SMALL = {
    "1-answers": 'section = "smoke"\nfindings = ["smoke.health"]',
    "2-meant": 'section = "smoke"\nsignature = "QA"\ndepends_on = ["1-answers"]',
}


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Bench:
    """One list, one target, and the command line."""

    folder: Path
    target: Path

    def words(self, command: str, *words: str) -> list[str]:
        """A command of `golive checklist` on them."""
        if command in ("sign", "waive"):
            item, *more = words
            place = [item, str(self.target), "--list", "mine", "--as", "A. Person", *more]
        else:
            place = ["mine", str(self.target), *words]
        catalog = ["--catalog", str(self.folder / "catalog")]
        return [str(PROGRAM), "checklist", command, *place, *catalog]

    def __call__(self, command: str, *words: str) -> Ran:
        """Run one where no terminal is."""
        return self.golive(*self.words(command, *words)[1:])

    def golive(self, *words: str) -> Ran:
        """Any command, where no terminal is."""
        out, err = StringIO(), StringIO()
        with chdir(self.folder), redirect_stdout(out), redirect_stderr(err):
            code = run(list(words))
        return Ran(code, out.getvalue(), err.getvalue())

    @property
    def gate(self) -> tuple[str, ...]:
        """The list as part of a run of the gate."""
        return ("run", str(self.target), "--catalog", "catalog", "--only", "checklist.mine")

    @property
    def logbook(self) -> Path:
        """Where signatures lie."""
        (path,) = (self.folder / "go-live").glob("*/logbook.ndjson")
        return path

    def records(self, kind: str) -> list[dict]:
        """Its records of one kind."""
        lines = map(json.loads, self.logbook.read_text().splitlines())
        return [line for line in lines if line["kind"] == kind]

    def times(self, name: str) -> int:
        """How often a command has left its line."""
        path = self.folder / name
        return len(path.read_text().splitlines()) if path.exists() else 0


def bench(folder: Path, target: Path, items: Mapping[str, str]) -> Bench:
    """A list of these items."""
    place = folder / "catalog/checklists/mine"
    place.mkdir(parents=True)
    for name, text in items.items():
        head = f'statement = "{name} holds"\nwhy = "a test"\n'
        (place / f"{name}.toml").write_text(head + text.replace("{folder}", str(folder)))
    return Bench(folder, target)


@pytest.fixture
def small(tmp_path: Path, write_target, healthy_url: str) -> Bench:
    """Two items on a service that is well."""
    return bench(tmp_path, write_target(healthy_url), SMALL)


def answered_then_killed(made: Bench) -> None:
    """Sit at a terminal, sign what is asked, and kill golive while the slow command runs."""
    ours, theirs = pty.openpty()
    words = made.words("run", "--as", "Zoë Person")
    with subprocess.Popen(
        words, cwd=made.folder, stdin=theirs, stdout=theirs, stderr=theirs
    ) as ran:
        os.close(theirs)
        try:
            os.write(ours, b"y\nseen with my own eyes\n")
            assert until(lambda: made.times("slow"), bool, within_seconds=90)
        finally:
            ran.send_signal(signal.SIGKILL)
    os.close(ours)


def test_a_killed_list_goes_on_where_it_was(deployment, tmp_path: Path) -> None:
    """Nothing is asked, looked at or run twice; the command that went on is waited for."""
    for name in ("toml", "env"):
        source = Path(deployment.target_file).with_suffix(f".{name}")
        shutil.copy(source, tmp_path / f"copy.{name}")
    made = bench(tmp_path, tmp_path / "copy.toml", WHOLE)
    answered_then_killed(made)

    halted = made("status", "--json")
    (tmp_path / "go").touch()
    resumed = made("run")

    assert halted.returncode == 2
    document = json.loads(halted.stdout)
    assert [item["outcome"] for item in document["items"]] == [
        *("PASS", "PASS", "PASS", "INCONCLUSIVE", "INCONCLUSIVE")
    ]
    assert "Zoë Person (QA)" in document["items"][1]["signed"][0]
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert "5 of 5 items" in resumed.stdout
    assert (made.times("first"), made.times("slow")) == (1, 1)
    assert [one["subject"] for one in made.records("signed")] == ["mine.2-meant"]
    assert [one["subject"] for one in made.records("finding")] == ["smoke.health", "smoke.webhook"]
    assert len(list((tmp_path / "runs").iterdir())) == 2
    assert not any(secret in made.logbook.read_text() for secret in deployment.secrets)


def test_unattended_nobody_signs(small: Bench) -> None:
    """A list with a signature is UNPROVEN without a person, and says whose turn it is."""
    ran = small("run")

    assert ran.returncode == 2
    assert small.records("signed") == []
    assert "next to sign: QA: 2-meant" in ran.stdout


def test_a_signature_needs_what_it_rests_on(small: Bench) -> None:
    """Refused before, taken after, refused a second time, and never for what golive decides."""
    early, automatic = small("sign", "2-meant"), small("sign", "answers")
    small("run")
    signed, twice = small("sign", "meant", "--note", "seen"), small("sign", "meant")
    status = small("status")

    assert [early.returncode, automatic.returncode, twice.returncode] == [3, 3, 3]
    assert "it waits for mine.1-answers" in early.stderr
    assert "findings and commands decide about it, not people" in automatic.stderr
    assert "it is signed already, by A. Person (QA)" in twice.stderr
    assert signed.returncode == 0, signed.stderr
    assert status.returncode == 0, status.stdout


def test_an_edited_signature_is_detected(small: Bench) -> None:
    """Status and run are NO_GO and name the line; nobody can sign behind it."""
    small("run")
    small("sign", "meant")
    whole = small.logbook.read_text()
    small.logbook.write_text(whole.replace("A. Person", "The Boss"))

    status, ran, signed = small("status"), small("run"), small("sign", "meant")

    assert (status.returncode, ran.returncode, signed.returncode) == (1, 1, 3)
    for one in (status.stdout, ran.stdout, signed.stderr):
        assert "line 2 was altered" in one
    small.logbook.write_text(whole)
    assert small("status").returncode == 0


def test_a_waiver_is_written_and_ends(small: Bench) -> None:
    """Waived by a person until a day, the list is GO; when the day is over, NO_GO."""
    small("run")
    words = ("--reason", "known", "--approver", "The Boss", "--risk", "small", "--expires")
    past = small("waive", "meant", *words, "2020-01-01")
    waived = small("waive", "meant", *words, "2999-12-31")
    accepted = small("status")
    file = small.target.with_name("waivers.toml")
    file.write_text(file.read_text().replace("2999-12-31", "2020-01-01"))
    void = small("status")

    assert past.returncode == 3
    assert waived.returncode == 0, waived.stderr
    assert accepted.returncode == 0, accepted.stdout
    assert void.returncode == 1
    assert "the waiver of mine.2-meant expired on 2020-01-01 and is void" in void.stdout


def test_a_failed_command_is_run_again_only_when_asked(
    tmp_path: Path, write_target, healthy_url: str
) -> None:
    """It says why it failed; mended, `--again` runs it once more."""
    command = 'command = ["sh", "-c", "echo x >> {folder}/made; echo no luck; test -e {folder}/ok"]'
    made = bench(tmp_path, write_target(healthy_url), {"1-made": f'section = "smoke"\n{command}'})

    failed, unchanged = made("run"), made("run")
    (tmp_path / "ok").touch()
    mended = made("run", "--again", "made")

    assert [failed.returncode, unchanged.returncode, mended.returncode] == [1, 1, 0]
    assert "its command ended with 1: no luck" in unchanged.stdout
    assert made.times("made") == 2


SCRIPTS = """
[deploy]
order = ["only"]
current = "cat {folder}/version"
running = "cat {folder}/version"
drain = "true"
start = "sh -c 'echo {{version}} > {folder}/version'"
"""


def test_a_deploy_that_was_rolled_back_counts_no_longer(
    deployment, tmp_path: Path, monkeypatch
) -> None:
    """By whomever, and outside of the list: it is named, and made again only when asked."""
    target = tmp_path / "target.toml"
    source = Path(deployment.target_file)
    kept, _, behind = source.read_text().partition("\n[deploy]\n")
    sections = behind.partition("\n[")
    target.write_text(kept + "".join(sections[1:]) + SCRIPTS.format(folder=tmp_path))
    shutil.copy(source.with_suffix(".env"), target.with_suffix(".env"))
    (tmp_path / "version").write_text("v1\n")
    item = 'command = ["golive", "deploy", "{target}", "--version", "{version}"]\nonce = true'
    made = bench(tmp_path, target, {"1-deploy": f'section = "deployment"\n{item}'})
    monkeypatch.setenv("PATH", f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}")

    deployed, standing = made("run", "--version", "v2"), made("status")
    rolled_back = made.golive("rollback", str(target))
    undone, gate, unasked = made("status"), made.golive(*made.gate), made("run")
    again = made("run", "--again", "deploy")

    assert [one.returncode for one in (deployed, standing, rolled_back)] == [0, 0, 0]
    assert [one.returncode for one in (undone, gate, unasked)] == [2, 2, 2]
    assert "another deploy or a roll-back has come after it" in undone.stdout
    assert "another deploy or a roll-back has come after it" in gate.stderr
    assert again.returncode == 0, again.stderr
    assert len(made.records("started")) == 2
    assert (tmp_path / "version").read_text() == "v2\n"


def test_a_command_that_lacks_its_version_is_not_run(
    tmp_path: Path, write_target, healthy_url: str
) -> None:
    """Without --version it stays unproven; with it, words are filled in and no shell reads them."""
    item = 'section = "deployment"\ncommand = ["touch", "{folder}/made {version}"]'
    made = bench(tmp_path, write_target(healthy_url), {"1-deploy": item})

    lacking, given = made("run"), made("run", "--version", "v1; $(id)")

    assert lacking.returncode == 2
    assert "is not run without --version" in lacking.stderr
    assert given.returncode == 0, given.stdout
    assert (tmp_path / "made v1; $(id)").exists()


def test_days_go_by_faster_in_a_rehearsal_only(
    tmp_path: Path, write_target, healthy_url: str
) -> None:
    """The command is told how fast, the logbook keeps it, and production is refused."""
    item = 'section = "monitoring"\ncommand = ["touch", "{folder}/{time_scale}"]'
    target = write_target(healthy_url)
    made = bench(tmp_path, target, {"1-day": item})

    rehearsed = made("run", "--time-scale", "720")
    target.write_text(target.read_text().replace('"local"', '"production"'))
    refused = made("run", "--time-scale", "720", "--again", "day")

    assert rehearsed.returncode == 0, rehearsed.stdout
    assert (tmp_path / "720").exists()
    assert made.records("started")[0]["note"].endswith("/720")
    assert refused.returncode == 3
    assert "a day of production takes a day" in refused.stderr


def test_another_commit_makes_evidence_stale(small: Bench) -> None:
    """What was signed of one commit says nothing of the next; the logbook's own commit is none."""

    def git(*words: str) -> None:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        subprocess.run(["git", *who, *words], cwd=small.folder, check=True, capture_output=True)

    git("init", "--quiet")
    git("add", "catalog")
    git("commit", "--quiet", "-m", "one")
    small("run")
    small("sign", "meant")
    git("add", "--force", "go-live")
    git("commit", "--quiet", "-m", "the logbook")
    same = small("status")
    git("commit", "--quiet", "--allow-empty", "-m", "empty")
    (small.folder / "file").write_text("changed")
    git("add", "file")
    git("commit", "--quiet", "-m", "two")
    other = small("status")

    assert same.returncode == 0, same.stdout
    assert other.returncode == 2
    assert "smoke.health was not judged, or is stale" in other.stdout


def test_signatures_get_into_the_report_of_a_run(small: Bench) -> None:
    """`golive run --only checklist.mine`: UNPROVEN, signed GO, and judged again the same."""
    small("run")
    before = small.golive(*small.gate)
    small("sign", "meant", "--note", "seen")
    after = small.golive(*small.gate, "--out", "last")
    (folder,) = (small.folder / "last").iterdir()
    again = small.golive("judge", str(folder), "--catalog", "catalog")
    item = json.loads((folder / "verdict.json").read_text())["items"][-1]
    copied = folder / "evidence/checklists/mine/logbook.ndjson"
    copied.write_text(copied.read_text().replace("A. Person", "The Boss"))
    altered = small.golive("judge", str(folder), "--catalog", "catalog")

    assert [one.returncode for one in (before, after, again, altered)] == [2, 0, 0, 1]
    assert "1 checklist item is not proven: mine.2-meant" in before.stderr
    assert (item["outcome"], item["rests_on"]) == ("PASS", "signature of QA")


LOADED = '''
from collections.abc import Iterator
from dataclasses import dataclass

from golive.api import Capability, Gate, passed, scenario


@dataclass(frozen=True)
class Seen:
    """What was seen."""

    status: int


@scenario(
    needs=[Capability.HTTP], evidence=Seen, check=lambda _, slo: passed("held"), remediation=""
)
def own(gate: Gate) -> Iterator[Seen]:
    """It carries the load."""
    yield Seen(gate.http.request("GET", gate.url("/health")).status)
'''


def test_what_production_refuses_a_rehearsal_shows(
    tmp_path: Path, write_target, healthy_url: str
) -> None:
    """Load is made on staging only; production's list names the run and the target it was on."""
    staging = write_target(healthy_url, allow=["load"])
    production = tmp_path / "production.toml"
    text = staging.read_text().replace('"local"', '"production"')
    production.write_text(text.replace('name = "small"', 'name = "prod"'))
    item = 'section = "integration"\nfindings = ["load.own"]'
    made = bench(tmp_path, production, {"1-load": item})
    (tmp_path / "catalog/scenarios/load").mkdir(parents=True)
    (tmp_path / "catalog/scenarios/load/own.py").write_text(LOADED)

    refused = made("run")
    with chdir(tmp_path), redirect_stderr(StringIO()):
        words = ["run", str(staging), "--catalog", "catalog", "--only", "load.own"]
        rehearsed = run([*words, "--out", "staging"])
    (folder,) = (tmp_path / "staging").iterdir()
    shown = made("run", "--rehearsed", str(folder))

    assert (refused.returncode, rehearsed, shown.returncode) == (2, 0, 0)
    assert "a production target refuses load" in refused.stdout
    (record,) = (one for one in made.records("finding") if one["outcome"] == "PASS")
    assert (record["run"], record["note"]) == (folder.name, "on small (local): held")


def test_lists_and_items_can_be_looked_at(golive, tmp_path: Path) -> None:
    """Which lists there are, what one holds, and everything that is known of an item."""
    lists = golive("checklist", "list", cwd=tmp_path)
    whole = golive("checklist", "show", "go_live", cwd=tmp_path)
    one = golive("checklist", "show", "deploy", cwd=tmp_path)
    none = golive("checklist", "show", "no-such-item", cwd=tmp_path)

    assert [one.returncode for one in (lists, whole, one, none)] == [0, 0, 0, 3]
    assert "go_live" in lists.stdout
    assert "201-deploy" in whole.stdout
    assert "golive deploy {target} --version {version}" in one.stdout
    assert "golive rollback {target}" in one.stdout
    assert "no-such-item" in none.stderr
