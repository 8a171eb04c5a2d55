"""GET /openapi.json: what the service promises, from openapi.yaml beside this file."""

import json
from functools import cache
from pathlib import Path

import yaml

from reference_app.http.handler import BaseHandler


class ContractHandler(BaseHandler):
    """The contract."""

    async def get(self) -> None:
        """Show the document."""
        self.set_header("Content-Type", "application/json")
        self.write(document())


@cache
def document() -> str:
    """The OpenAPI 3.1 document as JSON; anchors and merges of YAML are resolved."""
    return json.dumps(yaml.safe_load(Path(__file__).with_name("openapi.yaml").read_text()))
