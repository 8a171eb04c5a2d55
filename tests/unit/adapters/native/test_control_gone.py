"""What drills may ask of a deployment that has ended."""

from pathlib import Path

import pytest

from golive.adapters.native.control.__main__ import main


@pytest.mark.parametrize(
    "words, code, said",
    [
        (("worker", "status"), 0, "gone\n"),
        (("redis_memory", "end"), 0, ""),
        (("worker", "start"), 3, ""),
        (("redis_memory", "begin"), 3, ""),
    ],
)
def test_a_deployment_that_is_gone_has_nothing_to_mend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str
) -> None:
    """Whoever heals after a crash is told so; whoever breaks or starts it fails."""
    assert main([str(tmp_path / "no-deployment"), *words]) == code

    assert capsys.readouterr().out == said
