"""The secret by which workers of a load, and those who wait for them, know each other."""

import os

from golive.config.secrets import register
from golive.errors import ConfigurationError

VARIABLE = "GOLIVE_WORKER_SECRET"
SHORTEST = 16


def read_worker_secret() -> str:
    """What the environment says. Raises ConfigurationError where it says too little."""
    secret = os.environ.get(VARIABLE, "")
    if len(secret) < SHORTEST:
        why = f"has fewer than {SHORTEST} characters" if secret else "is not set"
        raise ConfigurationError(
            f"{VARIABLE} {why}: workers and golive load know each other by it",
            remedy=f"Draw one (openssl rand -hex 32), and export {VARIABLE} on every machine.",
        )
    return register(secret)
