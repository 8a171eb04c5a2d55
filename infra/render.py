"""Writes the files of every host: `python -m infra.render infra/values.toml OUT`."""

import argparse
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError

from infra import compose
from infra.data_host import CONFIGURATION, DataHost

HERE = Path(__file__).parent
BALANCER_UNITS = (
    "tether-nginx.service",
    *("tether-health.service", "tether-health.timer"),
    *("tether-certificate.service", "tether-certificate.timer"),
)
ROLES = ("balancer", "api", "worker", "data")
OBSERVER, SECRET = "golive_observer", "CHANGE-ME"


@dataclass(frozen=True)
class File:
    """One file: the template, where it goes below OUT, and values of its own."""

    template: str
    place: str
    values: Mapping[str, Any]


def files(values: Mapping[str, Any]) -> Iterator[File]:
    """Every file of an installation."""
    for role in ROLES:
        yield File("firewall/firewall.nft.j2", f"{role}/etc/nftables.conf", {"role": role})
        yield File("logs/forward.conf.j2", f"{role}/etc/rsyslog.d/50-tether.conf", {"role": role})
    yield from _balancer(values)
    for unit in ("tether-api@.service", "tether-worker.service"):
        role = "api" if "api" in unit else "worker"
        yield File(f"systemd/{unit}.j2", f"{role}/etc/systemd/system/{unit}", {})
    for role in ("api", "worker", "data"):
        own = {"role": role}
        yield File("systemd/sysusers.conf.j2", f"{role}/etc/sysusers.d/tether.conf", own)
        yield File("systemd/tmpfiles.conf.j2", f"{role}/etc/tmpfiles.d/tether.conf", own)
    yield from _data(values)
    yield from _compose(values)


def _balancer(values: Mapping[str, Any]) -> Iterator[File]:
    hosts, ports, paths = (values[name] for name in ("hosts", "ports", "paths"))
    nodes = [f"{host}:{ports['api']}" for host in hosts["api"]]
    nodes_file = f"{paths['nginx']}/nodes.conf"
    live = f"{paths['certificates']}/{values['domain']}"
    nginx = {
        "home": paths["nginx"],
        "access_log": paths["nginx_access"],
        "user": values["accounts"]["balancer"],
        "listen": ports["https"],
        "nodes": nodes,
        "nodes_file": nodes_file,
        "tls": {
            "certificate": f"{live}/fullchain.pem",
            "key": f"{live}/privkey.pem",
            "listen_plain": ports["http"],
            "challenges": f"{paths['nginx']}/challenges",
        },
    }
    yield File("nginx/nginx.conf.j2", "balancer/etc/nginx/nginx.conf", nginx)
    yield File("nginx/nodes.conf.j2", f"balancer{nodes_file}", {"nodes": nodes})
    script = f"balancer{paths['service']}/acme/certificate.sh"
    yield File("acme/certificate.sh.j2", script, {"challenges": f"{paths['nginx']}/challenges"})
    for unit in BALANCER_UNITS:
        place = f"balancer/etc/systemd/system/{unit}"
        yield File(f"systemd/{unit}.j2", place, {"nodes_file": nodes_file})


def _data(values: Mapping[str, Any]) -> Iterator[File]:
    for unit in ("tether-backup.service", "tether-backup.timer", "tether-minio.service"):
        yield File(f"systemd/{unit}.j2", f"data/etc/systemd/system/{unit}", {})
    yield File("logs/collect.conf.j2", "data/etc/rsyslog.d/40-tether-collect.conf", {})
    yield File("logs/logrotate.j2", "data/etc/logrotate.d/tether", {})
    site = DataHost(values["hosts"]["data"], values["ports"])
    for purpose in ("queue", "cache"):
        redis = {
            "site": site,
            "role": f"redis-{purpose}",
            "home": f"{values['paths']['redis']}/{purpose}",
            "acl": f"/etc/redis/{purpose}.acl",
            "observer": OBSERVER,
            "password": SECRET,
            "observer_password": SECRET,
        }
        yield File(f"redis/{purpose}.conf.j2", f"data/etc/redis/redis-{purpose}.conf", redis)
        yield File(f"redis/{purpose}.acl.j2", f"data/etc/redis/{purpose}.acl.example", redis)
    postgres = {"site": site, "cluster": PurePosixPath(CONFIGURATION, "main")}
    place = f"data{CONFIGURATION}"
    yield File("postgres/postgresql.conf.j2", f"{place}/conf.d/tether.conf", postgres)
    yield File("postgres/pg_hba.conf.j2", f"{place}/pg_hba.conf", postgres)
    pgbouncer = {"site": site, "users": "/etc/pgbouncer/userlist.txt"}
    yield File("pgbouncer/pgbouncer.ini.j2", "data/etc/pgbouncer/pgbouncer.ini", pgbouncer)


def _compose(values: Mapping[str, Any]) -> Iterator[File]:
    ports = values["ports"]
    given = compose.values_of(ports=ports, **values["compose"])
    for template in ("compose/values.env", "compose/admin.env.example", "compose/compose.yaml.j2"):
        yield File(template, template.removesuffix(".j2"), given)
    for template in ("postgres/postgresql.conf", "postgres/pg_hba.conf", "pgbouncer/pgbouncer.ini"):
        yield File(f"{template}.j2", f"compose/{template}", given)
    nginx = {
        "home": compose.HOME,
        "access_log": "/dev/stdout",
        "user": "",
        "listen": ports["https"],
        "nodes_file": "",
        "nodes": [f"{node}:{ports['api']}" for node in given["nodes"]],
        "tls": {
            "certificate": f"{compose.CERTIFICATES}/fullchain.pem",
            "key": f"{compose.CERTIFICATES}/privkey.pem",
            "listen_plain": ports["http"],
            "challenges": f"{compose.CERTIFICATES}/challenges",
        },
    }
    yield File("nginx/nginx.conf.j2", "compose/nginx/nginx.conf", nginx)


def render(template: str, values: Mapping[str, Any]) -> str:
    """A template of infra/ filled in; a forgotten value is an error."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - no HTML here
    )
    return environment.get_template(template).render(**values)


def write(values: Mapping[str, Any], out: Path) -> list[Path]:
    """Write all of them; scripts can be run."""
    # `hosts.api` in a template, as in the file.
    shared = {
        name: SimpleNamespace(**value) if isinstance(value, dict) else value
        for name, value in values.items()
    }
    written = []
    for file in files(values):
        path = out / file.place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(file.template, {**shared, **file.values}))
        path.chmod(0o755 if path.suffix == ".sh" else 0o644)
        written.append(path)
    return written


def main() -> int:
    """Render them."""
    parser = argparse.ArgumentParser(prog="infra.render", description=__doc__)
    parser.add_argument("values", type=Path, help="such as infra/values.toml")
    parser.add_argument(
        "out", type=Path, help="a folder that gets one folder for each kind of host"
    )
    given = parser.parse_args()
    try:
        values = tomllib.loads(given.values.read_text())
        written = write(values, given.out)
    except (OSError, tomllib.TOMLDecodeError, UndefinedError, AttributeError) as problem:
        sys.stderr.write(f"{given.values}: {problem}\n")
        return 1
    except KeyError as problem:
        sys.stderr.write(f"{given.values}: lacks {problem}; infra/values.toml shows every value\n")
        return 1
    sys.stdout.writelines(f"{path}\n" for path in written)
    return 0


if __name__ == "__main__":
    sys.exit(main())
