"""Writes the target file of a deployment, and its secrets beside it."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from golive.adapters.native import control, places, releasing
from golive.adapters.native.control import commands, footprint, roles
from golive.adapters.native.credentials import write_private
from golive.adapters.native.site import Site
from golive.adapters.native.units import nginx, postgres, redis, toxiproxy
from golive.adapters.native.worker_tree import QUEUES
from golive.errors import DeploymentError
from golive.model.deployment import titled

# What the template begins with.
MARK = "# Written by `golive up`"
TEMPLATE = "targets/reference.toml.j2"
BASELINE = "infra/targets/reference.openapi.json"
LOGS_OBSERVED = ("worker", "nginx", "nginx-access", "postgres")


def require_free(target_file: Path) -> None:
    """Raise if what is there under either name is not ours to replace."""
    foreign = set(filter(_is_there, _pair(target_file))) - set(_ours(target_file))
    if foreign:
        raise DeploymentError(
            f"not written by golive, so not to be replaced: {', '.join(map(str, sorted(foreign)))}",
            remedy="Move it away, or start the deployment under another --name.",
        )


@dataclass(frozen=True)
class Offers:
    """What the harness may read, break and deploy: log files, and commands by role, by fault, by
    step of a deploy, by look at what the service takes of its machine. `upstream` says where the
    balancer reaches nodes, if that is not where the harness does.
    """

    logs: Sequence[Path]
    processes: Mapping[str, Mapping[str, str]]
    commands: Mapping[str, Mapping[str, str]]
    upstream: Mapping[str, str] = field(default_factory=dict)
    deploy_order: Sequence[str] = ()
    deploy: Mapping[str, str] = field(default_factory=dict)
    footprint: Mapping[str, str] = field(default_factory=dict)


def write(site: Site, target_file: Path) -> None:
    """Write the target file `<name>.toml`, and `<name>.env` beside it."""
    logs = [site.log(role) for role in (*site.api_roles(), *LOGS_OBSERVED)]
    offers = Offers(
        logs,
        _processes(site),
        _commands(site),
        # Who takes jobs first: no node may ask for work that no worker knows yet.
        deploy_order=(roles.WORKER, *site.api_roles()),
        deploy=_deploy(site),
        footprint={look: _module(site, footprint, look) for look in footprint.LOOKS},
    )
    write_with(site, target_file, offers)


def write_with(site: Site, target_file: Path, offers: Offers) -> None:
    """The same with other offers."""
    target_file.parent.mkdir(exist_ok=True)
    env_file = target_file.with_suffix(".env")
    text = site.render(
        TEMPLATE,
        name=titled(target_file.stem, site.variant.id if site.variant else ""),
        env_file=env_file.name,
        base_url=nginx.base_url(site),
        ca_file=nginx.ca_file(site),
        left_out=site.left_out,
        logs=offers.logs,
        upstream=offers.upstream,
        baseline=str(site.checkout / BASELINE),
        proxies=toxiproxy.PROXIES,
        queues=QUEUES,
        processes=offers.processes,
        commands=offers.commands,
        deploy_order=offers.deploy_order,
        deploy=offers.deploy,
        footprint=offers.footprint,
    )
    # The secrets first: a target file without them would be of no use.
    write_private(env_file, f"{MARK}; what {target_file.name} needs.\n{_environment(site)}")
    write_private(target_file, text)


def _processes(site: Site) -> Mapping[str, Mapping[str, str]]:
    """Role -> verb -> command; a hyphen would have to be quoted in a dotted key."""
    return {
        name.replace("-", "_"): {verb: _command(site, name, verb) for verb in verbs}
        for name, verbs in roles.offered(site).items()
    }


def _commands(site: Site) -> Mapping[str, Mapping[str, str]]:
    """The same for faults that are more than the end of a process."""
    found = {name: commands.load(name) for name in commands.names()}
    return {
        name.replace("-", "_"): {
            "begin": _command(site, name, "begin"),
            "end": _command(site, name, "end"),
            "touches": command.touches,
        }
        for name, command in found.items()
        if command.possible()
    }


def _deploy(site: Site) -> Mapping[str, str]:
    """Step of a deploy -> command."""
    # Not in the deployment's folder: a backup must outlive it.
    backups = str(places.state_folder() / "backups" / site.folder.name)
    return {
        "current": _module(site, releasing, "current"),
        "check": _module(site, releasing, "check", "{version}", backups),
        "pending": _module(site, releasing, "pending", "{version}"),
        "prepare": _module(site, releasing, "prepare", "{version}"),
        "backup": _module(site, releasing, "backup", backups),
        "migrate": _module(site, releasing, "migrate", "{version}"),
        "drain": _module(site, releasing, "drain", "{node}"),
        "start": _module(site, releasing, "start", "{node}", "{version}"),
        "running": _module(site, releasing, "running", "{node}"),
        "admit": _module(site, releasing, "admit", "{node}"),
        "finish": _module(site, releasing, "finish"),
    }


def _command(site: Site, name: str, verb: str) -> str:
    return _module(site, control, name, verb)


def _module(site: Site, module: ModuleType, *words: str) -> str:
    # -P: whatever lies in the folder where it is called is not what is to be run.
    return shlex.join([sys.executable, "-P", "-m", module.__name__, str(site.folder), *words])


def remove(target_file: Path) -> None:
    """Remove both, unless somebody has replaced them; what is gone is gone."""
    for path in _ours(target_file):
        path.unlink(missing_ok=True)


def _ours(target_file: Path) -> tuple[Path, ...]:
    """Those of the two that we wrote. The secrets belong to the target file as long as it is there
    and ours, whatever a user has done to them.
    """
    pair = _pair(target_file)
    return pair if _is_ours(target_file) else tuple(filter(_is_ours, pair))


def _pair(target_file: Path) -> tuple[Path, Path]:
    return target_file, target_file.with_suffix(".env")


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _is_ours(path: Path) -> bool:
    try:
        with path.open(errors="replace") as file:
            return file.readline().startswith(MARK)
    except OSError:
        return False


def _environment(site: Site) -> str:
    credentials = site.credentials
    queue = f"{redis.OBSERVER}:{credentials.redis_queue_observer}@{site.address('redis-queue')}"
    cache = f"{redis.OBSERVER}:{credentials.redis_cache_observer}@{site.address('redis-cache')}"
    # Generated of letters, digits, - and _ alone: neither a shell nor a URL needs them quoted.
    values = {
        "REFERENCE_API_TOKEN": credentials.api_token,
        "REFERENCE_OTHER_TOKEN": credentials.other_token,
        "REFERENCE_WEBHOOK_PASSWORD": credentials.webhook_password,
        "REFERENCE_SQL_DSN": postgres.observer_dsn(site),
        "REFERENCE_QUEUE_URL": f"redis://{queue}/0",
        "REFERENCE_CACHE_URL": f"redis://{cache}/0",
        "REFERENCE_S3_KEY": credentials.minio_observer_key,
        "REFERENCE_S3_SECRET": credentials.minio_observer_secret,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())
