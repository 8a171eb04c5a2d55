"""What a deployment of containers lets the harness read and break, for its target file."""

import shlex
import sys

from golive.adapters.containers import control
from golive.adapters.containers.ground import API_PORT, Ground
from golive.adapters.native.control import roles
from golive.adapters.native.target import Offers

LOGS_OBSERVED = ("worker", "nginx", "postgres")


def made_by(ground: Ground) -> Offers:
    """Logs, processes, and the nodes as the balancer knows them; no fault commands."""
    site = ground.outside
    return Offers(
        logs=[site.log(role) for role in (*site.api_roles(), *LOGS_OBSERVED)],
        processes={
            name.replace("-", "_"): {verb: _command(ground, name, verb) for verb in verbs}
            for name, verbs in roles.offered(site).items()
        },
        commands={},
        upstream={role: f"{role}:{API_PORT}" for role in site.api_roles()},
    )


def _command(ground: Ground, name: str, verb: str) -> str:
    # -P: whatever lies in the folder where it is called is not what is to be run.
    module = control.__name__
    return shlex.join([sys.executable, "-P", "-m", module, str(ground.folder), name, verb])
