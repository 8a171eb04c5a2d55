"""What all sections of a target file have in common: an unknown key is an error."""

from collections.abc import Mapping
from typing import Any, ClassVar


class Section:
    """Base of the dataclasses that a target file is read into."""

    # Read by pydantic's TypeAdapter in `config`; the model itself needs the standard library only.
    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"extra": "forbid"}


class InvalidKeysError(ValueError):
    """Keys of one section that have the right type and a wrong value: (key, reason) each."""

    def __init__(self, keys: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{key}: {reason}" for key, reason in keys))
        self.keys = keys


def require(**rules: str | None) -> None:
    """Raise `InvalidKeysError` for each key whose rule gives a reason (None = it is fine)."""
    broken = tuple((key, reason) for key, reason in rules.items() if reason is not None)
    if broken:
        raise InvalidKeysError(broken)
