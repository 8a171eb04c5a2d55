"""The manifests: built by kustomize, checked against Kubernetes' own schemas."""

import shutil
import subprocess
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from dotenv import dotenv_values

from golive.adapters.native.servers import golang
from golive.adapters.native.servers.finding import built_program
from golive.adapters.native.servers.wanted import GoProgram, Wanted
from golive.adapters.native.versions import Version
from reference_app.settings import Settings
from tests.infra._helping import ROOT

KUBERNETES = "1.33"
KUSTOMIZE = GoProgram("sigs.k8s.io/kustomize/kustomize/v5", "v5.7.1", "kustomize")
EXAMPLE = ROOT / "infra/kubernetes/example"


@pytest.fixture(scope="module")
def manifests() -> list[dict[str, Any]]:
    """What `kustomize build` makes of the example."""
    program = built_program(KUSTOMIZE)
    if not program.is_file():
        if shutil.which("go") is None:
            pytest.skip("kustomize is built from source, and there is no Go on PATH")
        wanted = Wanted("kustomize", "kustomize", Version((5,)), go=KUSTOMIZE)
        program = golang.build(wanted, KUSTOMIZE, ROOT, print)
    built = subprocess.run([program, "build", EXAMPLE], capture_output=True, text=True, check=True)
    return list(yaml.safe_load_all(built.stdout))


def of_kind(manifests: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    """Those of a kind, by name."""
    return {one["metadata"]["name"]: one for one in manifests if one["kind"] == kind}


def pods(manifests: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The templates of pods, by the name of what makes them."""
    makers = {**of_kind(manifests, "Deployment"), **of_kind(manifests, "Job")}
    return {name: one["spec"]["template"] for name, one in makers.items()}


def test_every_manifest_is_valid(manifests) -> None:
    """No field is unknown, none has another type, none that is needed is missing."""
    for manifest in manifests:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)

    kinds = {one["kind"] for one in manifests}
    assert {"Deployment", "Job", "PodDisruptionBudget", "HorizontalPodAutoscaler"} <= kinds
    assert {"NetworkPolicy", "Ingress", "Service", "ConfigMap", "ServiceAccount"} <= kinds


def test_an_invalid_manifest_is_noticed(manifests) -> None:
    """A misspelt field is red."""
    deployment = dict(of_kind(manifests, "Deployment")["tether-api"])
    deployment["spec"] = {**deployment["spec"], "replica": 2}

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, KUBERNETES, strict=True)


def test_pods_are_sealed(manifests) -> None:
    """Nobody is root, writes to the image, gains rights, or has a key to the cluster."""
    assert set(pods(manifests)) == {"tether-api", "tether-worker", "tether-migrate"}
    for template in pods(manifests).values():
        spec = template["spec"]
        (container,) = spec["containers"]
        sealed = container["securityContext"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        assert sealed["readOnlyRootFilesystem"] is True
        assert sealed["allowPrivilegeEscalation"] is False
        assert sealed["capabilities"] == {"drop": ["ALL"]}
        assert container["image"] == "images.example.com/tether:1.0.0"
        assert {one["configMapRef"]["name"][:6] for one in container["envFrom"][:1]} == {"tether"}


def test_selectors_meet_their_pods(manifests) -> None:
    """A selector that meets nothing would be silent: a budget, a policy, a scale for nobody."""
    labels = {name: set(one["metadata"]["labels"].items()) for name, one in pods(manifests).items()}
    paths = {
        "Deployment": ("selector", "matchLabels"),
        "Service": ("selector",),
        "PodDisruptionBudget": ("selector", "matchLabels"),
        "NetworkPolicy": ("podSelector", "matchLabels"),
    }
    selecting = [
        reduce(getitem, path, one["spec"])
        for kind, path in paths.items()
        for one in of_kind(manifests, kind).values()
    ]
    for selector in selecting:
        assert any(set(selector.items()) <= one for one in labels.values()), selector
    scaled = of_kind(manifests, "HorizontalPodAutoscaler").values()
    for one in scaled:
        assert one["spec"]["scaleTargetRef"]["name"] in of_kind(manifests, "Deployment")


def test_ports_and_settings_are_those_of_everywhere_else(manifests, values) -> None:
    """Numbers that are said again here are the same, and the service starts with these settings."""
    (api,) = pods(manifests)["tether-api"]["spec"]["containers"]
    ports = values["ports"]
    policies = of_kind(manifests, "NetworkPolicy")["tether-stores"]["spec"]["egress"]
    settings = dotenv_values(EXAMPLE / "settings.env")
    secrets = dotenv_values(EXAMPLE / "secrets.env.example")

    assert [one["containerPort"] for one in api["ports"]] == [ports["api"]]
    assert {"name": "PORT", "value": str(ports["api"])} in api["env"]
    opened = {one["port"] for rule in policies for one in rule["ports"]}
    assert opened == {53, 443, *(ports[one] for one in ("redis_queue", "redis_cache", "pgbouncer"))}
    assert settings.keys() | secrets.keys() <= dotenv_values(ROOT / ".env.example").keys()
    strong = dict.fromkeys(secrets, "c0rrect-h0rse-battery")
    Settings.model_validate({name.lower(): one for name, one in (settings | strong).items()})


def test_a_pod_ends_later_than_its_work(manifests) -> None:
    """The grace outlasts the drain and the pause before it."""
    for name in ("tether-api", "tether-worker"):
        assert pods(manifests)[name]["spec"]["terminationGracePeriodSeconds"] >= 60 + 10


@pytest.mark.parametrize("path", sorted(Path(EXAMPLE).glob("*.env*")), ids=lambda path: path.name)
def test_examples_hold_no_secret(path: Path) -> None:
    """What looks like a secret is a placeholder."""
    for name, value in dotenv_values(path).items():
        if any(word in name for word in ("PASSWORD", "SECRET", "TOKEN", "KEY")):
            assert str(value).startswith("your_"), name
