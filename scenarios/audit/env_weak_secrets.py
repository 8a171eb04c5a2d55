"""What a list of passwords holds is found in a second."""

from collections.abc import Iterator

from zxcvbn import zxcvbn

from golive.api import Capability, Gate, Setting, between, every, scenario, secrets_of

STRONG = 4
MOST_CHARACTERS = 72


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.env_file"],
    evidence=Setting,
    check=every(between(STRONG, 4)),
    remediation="Make a new secret for what is named: openssl rand -base64 24.",
)
def env_weak_secrets(gate: Gate) -> Iterator[Setting]:
    """No secret can be guessed."""
    for name, value in secrets_of(gate, least_characters=1).items():
        guessed = zxcvbn(value[:MOST_CHARACTERS])
        yield Setting("environment", f"strength of {name}, 0 to 4", int(guessed["score"]))
