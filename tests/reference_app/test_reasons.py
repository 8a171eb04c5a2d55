"""The policy on reason codes, and where notifications may come from."""

from ipaddress import ip_network

import pytest

from reference_app.settings import Settings
from reference_app.webhooks.reasons import Level, ReasonPolicy, policy_of, should_blacklist_code
from reference_app.webhooks.sources import client_address, is_within


@pytest.fixture
def policy(settings_of, production_env: dict[str, str]) -> ReasonPolicy:
    """The policy as it comes."""
    return policy_of(settings_of(production_env))


@pytest.mark.parametrize("code", ["AC01", "AC04", "AC06", "AG01", "MD01", "MD07", "SL01"])
def test_accounts_that_cannot_be_debited_are_blocked(policy: ReasonPolicy, code: str) -> None:
    """Closed, blocked, wrong, without a mandate: never again."""
    assert should_blacklist_code(code, policy)


@pytest.mark.parametrize("code", ["MD06", "MS02"])
def test_refunds_are_for_a_person_to_decide(policy: ReasonPolicy, code: str) -> None:
    """Asking one's money back is no proof of anything."""
    assert policy.level(code) is Level.REVIEW
    assert not should_blacklist_code(code, policy)


@pytest.mark.parametrize("code", ["AM04", "MS03", "AM05", "RC01", "XT33", "", None, "ac01"])
def test_other_codes_blacklist_nobody(policy: ReasonPolicy, code: str | None) -> None:
    """No money today, no reason given, our own mistake: the account itself is fine."""
    assert policy.level(code) is None


def test_policy_is_configuration(settings_of, production_env: dict[str, str]) -> None:
    """Another list in the environment is another policy, without a change of code."""
    settings: Settings = settings_of({**production_env, "BLACKLIST_CODES": "AM04, MS03"})
    assert should_blacklist_code("AM04", policy_of(settings))
    assert not should_blacklist_code("AC01", policy_of(settings))


def test_only_a_trusted_proxy_may_speak_for_others() -> None:
    """Anybody can write a header; only the balancer is believed."""
    proxies = (ip_network("10.0.0.0/8"),)
    assert client_address("10.1.1.1", "8.8.8.8", proxies) == "8.8.8.8"
    assert client_address("9.9.9.9", "8.8.8.8", proxies) == "9.9.9.9"
    assert client_address("10.1.1.1", "", proxies) == "10.1.1.1"


@pytest.mark.parametrize("address", ["", "nonsense", "8.8.8.8.8", "8.8.4.4, 8.8.8.8", "::1"])
def test_what_is_no_address_lies_nowhere(address: str) -> None:
    """A header that cannot be read opens nothing."""
    assert not is_within(address, (ip_network("0.0.0.0/0"),))
