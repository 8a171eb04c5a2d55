"""A file with secrets does not belong into the history."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.git_repository"],
    evidence=Setting,
    check=every(one_of("none")),
    remediation="git rm --cached it, write it into .gitignore, and make its secrets anew.",
)
def git_environment(gate: Gate) -> Iterator[Setting]:
    """No environment file was ever committed."""
    paths = gate.audit.repository.committed(r"(.*/)?\.env(\.(local|production|staging|prod))?")
    yield Setting("source", "environment files", " ".join(paths) or "none")
