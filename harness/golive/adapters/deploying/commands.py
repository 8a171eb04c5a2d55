"""The commands of `[deploy]`."""

from dataclasses import replace

from golive.adapters.faults.commands import Command
from golive.model.deploying import Deploy


def command_of(deploy: Deploy, key: str, version: str = "", node: str = "") -> Command:
    """One of them, filled in; a version with spaces stays one word. Raises UnobservableError where
    the target file does not give it.
    """
    found = Command.of(f"deploy.{key}", getattr(deploy, key))
    words = (word.replace("{version}", version).replace("{node}", node) for word in found.words)
    return replace(found, words=tuple(words))
