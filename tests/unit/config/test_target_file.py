"""Target files: what is right is read, what is wrong is said, all of it, with lines."""

from pathlib import Path

import pytest

from golive.config.target_file import read_target, secret_names
from golive.errors import ConfigurationError, TargetFileError
from golive.model.settings import Selection
from golive.model.target import Capability
from golive.planning.planner import Entries, Occasion, make_plan

SMALLEST = """
[target]
name = "t"
base_url = "http://127.0.0.1:1"
environment = "staging"
"""

WRONG = """\
[target]
name = "t"
base_url = "ftp://t"
environment = "prod"
colour = "blue"

[uploads]
create = "POSTX /a"
status = "GET b"

[webhook]
path = "x"

[slo]
p95_ms = "fast"

[nonsense]
"""


def written(tmp_path: Path, text: str) -> Path:
    """A target file with this text."""
    path = tmp_path / "target.toml"
    path.write_text(text)
    return path


def test_a_small_file_is_enough(tmp_path: Path) -> None:
    """Name, address and environment make a target; everything else has a default."""
    target = read_target(written(tmp_path, SMALLEST))

    assert target.target.allow == ("smoke",)
    assert target.capabilities == {Capability.HTTP}
    assert target.slo.error_budget.availability == 0.999


def test_all_problems_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    """Nobody mends a file one error at a time."""
    with pytest.raises(TargetFileError) as caught:
        read_target(written(tmp_path, WRONG))

    found = {(problem.line, problem.key) for problem in caught.value.problems}
    assert found == {
        (3, "target.base_url"),
        (4, "target.environment"),
        (5, "target.colour"),
        (8, "uploads.create"),
        (9, "uploads.status"),
        (11, "webhook.password_env"),
        (12, "webhook.path"),
        (15, "slo.p95_ms"),
        (17, "nonsense"),
    }
    assert caught.value.exit_code == 3


def test_a_value_of_the_right_type_can_still_be_wrong(tmp_path: Path) -> None:
    """Addresses and calls are checked by form, and the sentence shows the form."""
    with pytest.raises(TargetFileError) as caught:
        read_target(written(tmp_path, SMALLEST.replace("http://", "htp:/")))

    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (4, "target.base_url")
    assert "http:// or https://" in problem.reason


@pytest.mark.parametrize(
    "line, told",
    [
        ("error_budget.availability = 99.9", "less than 1, such as 0.999, not 99.9"),
        ("error_budget.availability = 1.0", "less than 1"),
        ("error_budget.window_days = 0", "must be more than 0"),
        ("p99_ms = -1", "must be more than 0, not -1"),
    ],
)
def test_an_objective_that_means_nothing_is_refused(tmp_path: Path, line: str, told: str) -> None:
    """A budget of less than nothing would never burn, and one of nothing always."""
    with pytest.raises(TargetFileError) as caught:
        read_target(written(tmp_path, f"{SMALLEST}\n[slo]\n{line}\n"))

    assert told in caught.value.problems[0].reason


def test_a_wrong_form_is_told_beside_a_wrong_type(tmp_path: Path) -> None:
    """One mistake in a file hides no other, in whichever section they stand."""
    text = SMALLEST.replace('"staging"', "7")
    text += '[nodes]\na = "b"\n[webhook.new]\nheader = "X"\nstatus = "200 OK"\n'

    with pytest.raises(TargetFileError) as caught:
        read_target(written(tmp_path, text))

    assert {problem.key for problem in caught.value.problems} == {
        "target.environment",
        "nodes.a",
        "webhook.new.header",
        "webhook.new.status",
        "webhook.path",
        "webhook.password_env",
    }


@pytest.mark.parametrize("url", ["http://gate:S3cret@staging.example", "gate:S3cret@staging"])
def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    """Addresses are printed everywhere, so they must not hold a secret; the error shows none."""
    text = SMALLEST.replace("http://127.0.0.1:1", url)

    with pytest.raises(TargetFileError, match="must hold no user and no password") as caught:
        read_target(written(tmp_path, text))

    assert "S3cret" not in str(caught.value)


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    """A syntax error is a problem like any other."""
    with pytest.raises(TargetFileError) as caught:
        read_target(written(tmp_path, "[target]\nname = \n"))

    assert caught.value.problems[0].line == 2


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    """The next step is part of the error."""
    with pytest.raises(ConfigurationError, match="golive up"):
        read_target(tmp_path / "none.toml")


def test_secrets_are_named_with_the_key_that_asks_for_them(tmp_path: Path) -> None:
    """Whoever misses a variable can find who wants it."""
    text = SMALLEST + '[webhook]\npath = "/w"\npassword_env = "PASSWORD"\n'

    assert secret_names(read_target(written(tmp_path, text))) == {
        "PASSWORD": "webhook.password_env"
    }


@pytest.mark.parametrize("path", sorted(Path("targets").glob("*.example.toml")), ids=str)
def test_example_targets_are_right(path: Path) -> None:
    """What we show people to copy is accepted."""
    assert read_target(path).target.name


@pytest.mark.parametrize(
    "section, key, reason",
    [
        ('[faults.toxiproxy]\napi = "ftp://x"', "faults.toxiproxy.api", "http:// or https://"),
        ('[faults.toxiproxy]\napi = "https://x"', "faults.toxiproxy.api", "speaks no TLS"),
        (
            '[faults.toxiproxy]\napi = "http://x"\nproxies = { a = "b/c" }',
            "faults.toxiproxy.proxies.a",
            "no '/'",
        ),
        (
            '[faults.processes.worker]\nstatus = "s"\nstart = "it\'s"',
            "faults.processes.worker.start",
            "No closing quotation",
        ),
        (
            '[faults.commands.x]\nbegin = ""\nend = "e"\ntouches = "t"',
            "faults.commands.x.begin",
            "must be a command",
        ),
    ],
)
def test_what_breaks_must_have_its_form(
    tmp_path: Path, section: str, key: str, reason: str
) -> None:
    """A fault that could not be made, or not be healed, is found before anything is broken."""
    with pytest.raises(TargetFileError) as caught:
        read_target(written(tmp_path, SMALLEST + section))

    (problem,) = caught.value.problems
    assert problem.key == key
    assert reason in problem.reason


def test_what_may_be_broken_is_read(tmp_path: Path) -> None:
    """The sections grant their capabilities."""
    text = """
    [faults.toxiproxy]
    api = "http://127.0.0.1:8474"
    proxies = { redis_queue = "redis" }
    [faults.processes.worker]
    status = "ops status"
    start = "ops start"
    """
    target = read_target(written(tmp_path, SMALLEST + text))

    assert target.capabilities == {Capability.HTTP, Capability.TOXICS, Capability.PROCESSES}


def test_a_target_file_is_data(tmp_path: Path) -> None:
    """Neither its commands nor what looks like code in it is run by reading it and planning a run:
    a stranger's file can be looked at.
    """
    mark = tmp_path / "was run"
    run = f"touch '{mark}'"
    text = f"""
    health = "/{{{{ 7 * 7 }}}}/$({run})/`{run}`/%(x)s"
    [faults.processes.worker]
    status = "{run}"
    start = "{run}"
    """
    target = read_target(written(tmp_path, SMALLEST + text))
    make_plan(target, Entries({}, ()), Selection(), Occasion("r", "2026-01-05", "0"))

    assert not mark.exists()
    assert target.target.health.startswith("/{{ 7 * 7 }}/$(touch")


@pytest.mark.parametrize(
    "content, base_url, reason",
    [
        (None, "https://t", "No such file or directory"),
        ("no certificate", "https://t", "holds no certificate"),
        (None, "http://t", "needs an https:// base_url"),
    ],
)
def test_an_authority_that_cannot_be_trusted_is_told_at_once(
    tmp_path: Path, content: str | None, base_url: str, reason: str
) -> None:
    """Not by the first request, and not by none."""
    authority = tmp_path / "ca.pem"
    if content is not None:
        authority.write_text(content)
    text = SMALLEST.replace("http://127.0.0.1:1", base_url) + f'ca_file = "{authority}"\n'

    with pytest.raises(TargetFileError) as caught:
        read_target(written(tmp_path, text))

    assert ("target.ca_file", 6) in {(one.key, one.line) for one in caught.value.problems}
    assert reason in str(caught.value)
