"""Commands of the target file that print what they see."""

import subprocess

from golive.errors import UnobservableError

COMMAND_SECONDS = 20.0


def output(key: str, command: str) -> bytes:
    """What the command at a key of the target file prints."""
    try:
        # The operator's own, with pipes if they like.
        ran = subprocess.run(  # noqa: S602
            command, shell=True, capture_output=True, timeout=COMMAND_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise UnobservableError(key, str(error)) from error
    return ran.stdout
