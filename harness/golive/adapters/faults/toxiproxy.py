"""Toxiproxy by toxiproxy-python, whose classes are taught here what a fault must not do without:
time-outs, one address for each object, errors for every refusal, and a look at what is there after
every change.
"""

import contextlib
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import quote, urlsplit

import requests
import toxiproxy  # type: ignore[import-untyped]
from toxiproxy.api import APIConsumer  # type: ignore[import-untyped]
from toxiproxy.exceptions import (  # type: ignore[import-untyped]
    InvalidToxic,
    NotFound,
    ProxyExists,
)
from toxiproxy.toxic import Toxic  # type: ignore[import-untyped]

from golive.adapters.waiting import until
from golive.errors import HealError, UnobservableError, UnreachableError

TIMEOUT_SECONDS = 5.0
ENABLED_SECONDS = 10.0
DEFAULT_PORT = 80

# Proxies that the environment names are not for a target; None takes them out.
_NO_DETOUR: Mapping[str, None] = {"http": None, "https": None, "all": None}


class _Api(APIConsumer):  # type: ignore[misc]
    """The requests to one Toxiproxy; the address is the class's, so each address has its class."""

    @classmethod
    def get(cls, url: str, params: Any = None, **options: Any) -> requests.Response:
        return _accepted(super().get(url, params, **_careful(options)))

    @classmethod
    def delete(cls, url: str, **options: Any) -> requests.Response:
        return _accepted(super().delete(url, **_careful(options)))

    @classmethod
    def post(
        cls, url: str, data: Any = None, json: Any = None, **options: Any
    ) -> requests.Response:
        return _accepted(super().post(url, data, json, **_careful(options)))


def _careful(options: Mapping[str, Any]) -> dict[str, Any]:
    return {"timeout": TIMEOUT_SECONDS, "proxies": _NO_DETOUR, "allow_redirects": False, **options}


def _accepted(response: requests.Response) -> requests.Response:
    response.raise_for_status()
    return response


class Proxy(toxiproxy.Proxy):  # type: ignore[misc]
    """One proxy, asked and changed at the address that it came from."""

    def __init__(self, api: type[_Api], **state: Any) -> None:
        super().__init__(**state)
        self._api = api
        self._path = f"/proxies/{quote(self.name, safe='')}"

    def toxics(self) -> dict[str, Toxic]:
        """Its toxics by name."""
        found = self._api.get(f"{self._path}/toxics").json()
        return {entry["name"]: Toxic(**entry) for entry in found}

    def add_toxic(self, **toxic: Any) -> None:
        """Add a toxic."""
        self._api.post(f"{self._path}/toxics", json=toxic)

    def destroy_toxic(self, toxic_name: str) -> bool:
        """Remove a toxic, and look that it is gone; whether it was there."""
        was_there = True
        try:
            self._api.delete(f"{self._path}/toxics/{quote(toxic_name, safe='')}")
        except NotFound:
            was_there = False
        if toxic_name in self.toxics():
            raise HealError(f"toxic {toxic_name} is still on proxy {self.name}")
        return was_there

    def disable(self) -> None:
        """Refuse connections and drop those that there are."""
        if self._switched(on=False):
            raise UnobservableError(self.name, "the proxy is still enabled after it was disabled")

    def enable(self) -> None:
        """Accept connections again. Where its port was taken meanwhile, the server says so only
        when it is asked what is.
        """
        if not until(lambda: self._switched(on=True), bool, within_seconds=ENABLED_SECONDS):
            raise HealError(
                f"proxy {self.name} stays disabled: it cannot listen on {self.listen}",
                remedy="Another process may have taken the port; end it and enable the proxy.",
            )

    def _switched(self, *, on: bool) -> bool:
        # A refusal shows in what is there afterwards, whatever the answer to the wish was.
        with contextlib.suppress(requests.HTTPError, ProxyExists):
            self._api.post(self._path, json={"enabled": on})
        self.enabled = bool(self._api.get(self._path).json()["enabled"])
        return self.enabled


class Toxiproxy(toxiproxy.Toxiproxy):  # type: ignore[misc]
    """The Toxiproxy at one address."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        host = f"[{address.hostname}]" if ":" in (address.hostname or "") else address.hostname
        where = {"host": host, "port": address.port or DEFAULT_PORT}
        self.url = url
        self._api: type[_Api] = type("_ApiAt", (_Api,), where)

    def proxies(self) -> dict[str, Proxy]:
        """Its proxies by name."""
        found = self._api.get("/proxies").json()
        return {name: Proxy(self._api, **state) for name, state in found.items()}

    def proxy(self, name: str) -> Proxy:
        """The proxy of that name. Raises UnobservableError where there is none."""
        with answers(self.url):
            found = self.get_proxy(name)
        if found is None:
            raise UnobservableError(f"TOXIPROXY {self.url}", f"it has no proxy {name!r}")
        return found  # type: ignore[no-any-return]


@contextlib.contextmanager
def answers(url: str) -> Iterator[None]:
    """Say in a sentence what went wrong in the block with the Toxiproxy at that address."""
    place = f"TOXIPROXY {url}"
    try:
        yield
    except (NotFound, InvalidToxic, ProxyExists) as error:
        raise UnobservableError(place, f"it refused: {_said(error)}") from error
    except requests.HTTPError as error:
        answer = error.response.text.strip() if error.response is not None else ""
        raise UnobservableError(place, f"{error}: {answer}") from error
    except requests.JSONDecodeError as error:
        raise UnreachableError("toxics", place, "what answers there is no Toxiproxy") from error
    except requests.RequestException as error:
        raise UnreachableError("toxics", place, _reason(error)) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreachableError("toxics", place, "what answers there is no Toxiproxy") from error


def _said(error: Exception) -> str:
    words = error.args[0] if error.args else ""
    return words.decode(errors="replace").strip() if isinstance(words, bytes) else str(words)


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT_SECONDS:g} s"
    # "…: [Errno 111] Connection refused'))": the rest helps nobody.
    return str(error).rpartition("] ")[2].rstrip("')\"") or type(error).__name__


@dataclass(frozen=True)
class ToxicCure:
    """Takes one toxic of ours from a proxy."""

    api: str
    proxy: str
    toxic: str
    what: str
    kind: Literal["toxic"] = "toxic"

    def heal(self, *, abandoned: bool = False) -> bool:
        """Remove it and prove that; whether it was there. Raises HealError."""
        return _healed(self, lambda proxy: proxy.destroy_toxic(self.toxic), abandoned=abandoned)


@dataclass(frozen=True)
class ProxyCure:
    """Enables a proxy that we disabled."""

    api: str
    proxy: str
    what: str
    kind: Literal["proxy"] = "proxy"

    def heal(self, *, abandoned: bool = False) -> bool:
        """Enable it and prove that; whether it was disabled. Raises HealError."""

        def enabled(proxy: Proxy) -> bool:
            was_disabled = not proxy.enabled
            proxy.enable()
            return was_disabled

        return _healed(self, enabled, abandoned=abandoned)


def _healed(cure: ToxicCure | ProxyCure, mend: Callable[[Proxy], bool], *, abandoned: bool) -> bool:
    try:
        with answers(cure.api):
            proxy = Toxiproxy(cure.api).get_proxy(cure.proxy)
            # A proxy that was removed has taken its toxics along.
            return proxy is not None and mend(proxy)
    except (UnreachableError, UnobservableError) as error:
        if abandoned and _has_ended(cure.api):
            return False
        raise HealError(f"{cure.what} could not be healed: {error}") from error


def _has_ended(url: str) -> bool:
    """Whether the Toxiproxy was on this machine and runs no more: what it did went with it."""
    address = urlsplit(url)
    host = address.hostname or ""
    with contextlib.suppress(ValueError):
        if not (host == "localhost" or ip_address(host).is_loopback):
            return False
        try:
            socket.create_connection((host, address.port or DEFAULT_PORT), TIMEOUT_SECONDS).close()
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False
