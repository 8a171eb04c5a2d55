"""What all sections of a target file have in common: an unknown key is an error."""

from collections.abc import Mapping
from typing import Any, ClassVar


class Section:
    """Base of the dataclasses that a target file is read into."""

    # Read by pydantic's TypeAdapter in `config`; the model itself needs the standard library only.
    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"extra": "forbid"}
