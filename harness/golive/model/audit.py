"""Section `[audit]` of a target file: what of a deployment's configuration may be looked at."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from golive.model.section import Section

SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|KEY$|KEY_ID$", re.IGNORECASE)
"""What the name of a variable that holds a secret has in it."""

LEAST_CHARACTERS = 8
"""Shorter values, such as "redis", occur in ordinary text by chance."""


@dataclass(frozen=True)
class Audit(Section):
    """Section `[audit]`: files by their paths on this machine, and what the target says of itself.

    Each is optional; the findings that rest on a missing one say so.
    """

    env_file: str | None = None
    """The service's environment, as it is deployed."""
    env_example: str | None = None
    """The example that `env_file` was made from."""
    nginx_config: str | None = None
    upstream: Mapping[str, str] = field(default_factory=dict)
    """Where the balancer reaches a node, if not at its address in `[nodes]`."""
    pgbouncer_config: str | None = None
    git_repository: str | None = None
    requirements: str | None = None
    """The service's locked Python packages, for the look-up of advisories: their names and versions
    are sent to osv.dev where it is named.
    """
    cache_url_env: str | None = None
    """The cache's Redis, for an observer."""
    database_role: str | None = None
    """The role by which the service comes to its database."""
    idempotency_keys: str | None = None
    """A pattern of the keys in the queue's Redis by which notifications are known again."""
    idempotency_hours: float = 24.0
    """How long such a key must be kept, and no longer."""
    prepares_statements: bool = True
    """Whether the service's driver prepares statements; matters behind a transaction pool."""
    version: str = "version"
    """The dotted path of the version in the answer of the health check."""
    public_host: str | None = None
    """The deployment's host as the internet sees it; nothing but the balancer may answer there."""
    services: Mapping[str, str] = field(default_factory=dict)
    """Where the services are: redis_queue, redis_cache, postgres, pgbouncer, s3 = "host:port"."""
