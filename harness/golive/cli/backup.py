"""`golive backup`."""

from pathlib import Path

from golive.cli.console import write
from golive.cli.gating import OutOption
from golive.cli.rolling import DryRunOption, TargetFile, deploying
from golive.config.secrets import printable
from golive.errors import ConfigurationError, DeployError, StepFailedError
from golive.model.deploying import Act, DeployStep


def command(
    target: TargetFile, dry_run: DryRunOption = False, out: OutOption = Path("runs")
) -> None:
    """Back up what a deployment keeps, by the command of its target file, as a deploy does first.

    Example: golive backup targets/staging.toml
    """
    with deploying(target, out) as found:
        if found.deploy.backup is None:
            raise ConfigurationError(
                f"{target} has no command `backup` in [deploy]",
                remedy="docs/deploying.md shows one.",
            )
        if dry_run:
            words = found.operator(out).command(Act.BACKUP, "", "").words
            write(f"would run: {printable(' '.join(words))}\n")
            return
        try:
            said = found.operator(out).perform(DeployStep(Act.BACKUP), "")
        except StepFailedError as error:
            raise DeployError(f"there is no backup: {error}") from error
    write(f"{printable(said.strip())}\n")
