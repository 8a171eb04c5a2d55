"""What is known of the last deploy, across processes."""

from dataclasses import replace
from pathlib import Path

import pytest

from golive.adapters.deploying.records import FILE, Records
from golive.errors import DeployError
from golive.model.deploying import Act, DeployOutcome, DeployRecord, StepRecord


@pytest.fixture
def records(tmp_path) -> Records:
    """Those of one target; the word `hidden` is a secret."""
    return Records(tmp_path / "deploys" / "t.json", lambda text: text.replace("hidden", "***"))


def record_in(folder: Path) -> DeployRecord:
    """One that was killed while a server was being drained."""
    step = StepRecord(Act.DRAIN, "api-1", back=False, started="now", said="hidden")
    return DeployRecord("id", "t", "v2", "v2", "v1", "now", str(folder / "run"), (step,))


def test_there_is_none_at_first(records) -> None:
    """Where nothing was deployed, that is what is known."""
    assert records.last() is None


def test_what_was_kept_is_known_again(records, tmp_path) -> None:
    """The record comes back, says that it was left half way, and holds no secret; the run folder
    has the same.
    """
    records.keep(record_in(tmp_path))

    last = records.last()
    assert last is not None
    assert last.is_left
    assert last.touched == ("api-1",)
    assert last.outcome is DeployOutcome.UNDER_WAY
    assert last.steps[0].said == "***"
    assert (tmp_path / "run" / FILE).read_bytes() == records.file.read_bytes()


def deployed(folder: Path, release: str, previous: str) -> DeployRecord:
    """One that went well."""
    step = StepRecord(Act.DRAIN, "api-1", back=False, started="now")
    done = DeployOutcome.DEPLOYED
    run = str(folder / release)
    return DeployRecord(release, "t", release, release, previous, "now", run, (step,), done)


def test_a_deploy_that_was_refused_leaves_the_way_back_of_the_one_before(records, tmp_path) -> None:
    """It has changed nothing, so it is known in its run folder alone."""
    records.keep(deployed(tmp_path, "v1", "v0"))
    refused = replace(record_in(tmp_path), steps=(), outcome=DeployOutcome.NOT_BEGUN)

    records.keep(refused)

    last = records.last()
    assert last is not None
    assert (last.release, last.previous) == ("v1", "v0")
    assert (tmp_path / "run" / FILE).exists()


def test_one_that_was_taken_back_leaves_it_too(records, tmp_path) -> None:
    """Half way it is the one that is known; afterwards the one that runs again is."""
    records.keep(deployed(tmp_path, "v1", "v0"))
    records.keep(record_in(tmp_path))
    under_way = records.last()
    records.keep(replace(record_in(tmp_path), outcome=DeployOutcome.ROLLED_BACK))

    last = records.last()
    assert under_way is not None
    assert under_way.is_left
    assert last is not None
    assert (last.release, last.outcome) == ("v1", DeployOutcome.DEPLOYED)


def test_what_a_person_undid_cannot_be_undone_once_more(records, tmp_path) -> None:
    """The version before runs; of the one before that nothing is known."""
    records.keep(deployed(tmp_path, "v1", "v0"))
    undoing = replace(deployed(tmp_path, "v1", "v0"), id="undoing")

    records.keep(replace(undoing, outcome=DeployOutcome.UNDER_WAY))
    records.keep(replace(undoing, outcome=DeployOutcome.ROLLED_BACK))

    last = records.last()
    assert last is not None
    assert (last.id, last.outcome) == ("undoing", DeployOutcome.ROLLED_BACK)


def test_two_at_once_are_refused(records) -> None:
    """The second is told, and may begin when the first has ended."""
    with records.sole(), pytest.raises(DeployError, match="under way"), records.sole():
        pass
    with records.sole():
        records.forget()


def test_a_record_that_cannot_be_read_is_no_word_that_all_is_well(records) -> None:
    """A broken file is an error, not an empty history."""
    records.file.parent.mkdir()
    records.file.write_text("{")

    with pytest.raises(DeployError, match="cannot be read"):
        records.last()
