"""The contract of one step: read, compared, explored; each of them once a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from golive.adapters.contract import compatibility, documents, exploring
from golive.adapters.contract.documents import Document
from golive.adapters.contract.orders import Filing, Orders, Signing
from golive.adapters.contract.shared import Shared
from golive.adapters.step import StepIdentity
from golive.errors import UnobservableError
from golive.model.contract import Body, Exploration
from golive.model.ports import HttpPort, Recorder, UploadsPort
from golive.model.target import Target, Uploads

SAMPLE_ROWS = 3


@dataclass(frozen=True)
class Access:
    """The target, its secrets, the seed of the run, and where it takes uploads, those."""

    target: Target
    secrets: Mapping[str, str]
    seed: str
    uploads: UploadsPort | None


class ContractAdapter:
    """The contract of one step."""

    def __init__(
        self,
        access: Access,
        http: HttpPort,
        step: StepIdentity,
        recorder: Recorder,
        shared: Shared,
    ) -> None:
        self._access = access
        self._http = http
        self._step = step
        self._recorder = recorder
        self._shared = shared

    def explore(self, cases: int) -> Exploration:
        """Explore, or give again what was explored before in this run."""
        document = self._document()
        target = self._access.target
        base_url = documents.base_of(document, target.target.base_url)
        with self._recorder.operation(
            "explore contract", cases=cases, known=cases in self._shared.explorations
        ) as operation:
            if cases not in self._shared.explorations:
                orders = self._orders()
                self._shared.explorations[cases] = exploring.explore(
                    document, base_url, orders, cases, self._access.seed
                )
            found = self._shared.explorations[cases]
            operation.ok(cases=found.cases, broken=len(found.broken), problem=found.problem)
        return found

    def bodies(self) -> Sequence[Body]:
        """Calls that take a body, with the media types and statuses that they name."""
        document = self._document()
        found = []
        for method, path, operation in documents.operations(document):
            body = documents.resolved(document, operation.get("requestBody", {}))
            if body.get("content"):
                statuses = tuple(map(str, operation["responses"]))
                found.append(Body(method, path, tuple(body["content"]), statuses))
        return found

    def breaking(self) -> Sequence[str]:
        """What of the contract breaks callers of the baseline."""
        section = self._access.target.contract
        if section.baseline is None:
            raise LookupError("the target file does not say contract.baseline")
        document = documents.whole(self._access.target, self._http)
        older = documents.from_file(section.baseline)
        with self._recorder.operation("compare contracts", baseline=section.baseline) as operation:
            try:
                found = tuple(dict.fromkeys(compatibility.breaking(older, document)))
            except (KeyError, TypeError, AttributeError) as error:
                raise UnobservableError(
                    section.baseline, f"cannot be compared: {error!r}"
                ) from error
            operation.ok(breaking=len(found))
        return found

    def _document(self) -> Document:
        return documents.current(self._access.target, self._http)

    def _orders(self) -> Orders:
        target, secrets = self._access.target, self._access.secrets
        signing = filing = None
        header = token = shown = ""
        if target.webhook:
            password = secrets[target.webhook.password_env]
            signing = Signing(target.webhook.path, password, target.webhook.signature)
        if target.uploads and self._access.uploads:
            filing = _filing(target.uploads, self._access.uploads)
            if name := target.uploads.token_env:
                header, prefix = target.uploads.token_header, target.uploads.token_prefix
                token, shown = f"{prefix}{secrets[name]}", f"{prefix}${name}"
        return Orders(
            *("", self._step.marker, header, token, shown, signing, filing),
            ca_file=target.target.ca_file,
        )


def _filing(section: Uploads, uploads: UploadsPort) -> Filing:
    sheet = uploads.sample(SAMPLE_ROWS)
    return Filing(
        call=section.create,
        field=section.file_field,
        name=sheet.name,
        content=sheet.content.decode(),
        fields=tuple(section.fields.items()),
    )
