"""What the process that explores is told, and what it tells: JSON in the environment, and a file.

Apart from it, so that nobody who reads an answer has to import schemathesis.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter

from golive.model.contract import Exploration
from golive.model.notification import Hash

ORDERS_ENV = "GOLIVE_CONTRACT_ORDERS"


@dataclass(frozen=True)
class Signing:
    """The webhook, and what its notifications are signed with."""

    path: str
    password: str
    algorithm: Hash


@dataclass(frozen=True)
class Filing:
    """The call that takes files, and a file that it takes."""

    call: str
    field: str
    name: str
    content: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Orders:
    """All that the exploring process needs beside the contract."""

    answer_file: str
    marker: str
    token_header: str = ""
    token: str = ""
    token_shown: str = ""
    """How a shell line names the token: `Bearer $API_TOKEN`."""
    signing: Signing | None = None
    filing: Filing | None = None
    ca_file: str | None = None


ORDERS = TypeAdapter(Orders)
ANSWER = TypeAdapter(Exploration)
