"""The upload calls that a target file describes."""

import csv
import io
import json
from http import HTTPStatus
from typing import Any

from schwifty import IBAN

from golive.adapters.amounts import cents
from golive.adapters.step import StepIdentity
from golive.adapters.waiting import until
from golive.model.ports import Debtor, File, HttpPort, Listed, Reply, Sheet, Uploaded
from golive.model.target import Call, Uploads

FIRST_NAMES = ("Anna", "Bela", "Clara", "David", "Eva", "Finn", "Greta", "Hugo")
SMALLEST_CENTS, LARGEST_CENTS = 100, 99_999


def at(document: Any, path: str) -> Any:
    """The value at a dotted path of a JSON document, None where it is missing."""
    for name in path.split(".") if path else ():
        document = document.get(name) if isinstance(document, dict) else None
    return document


def decoded(reply: Reply) -> Any:
    """The JSON document of an answer, None where it is not one."""
    try:
        return json.loads(reply.body)
    except ValueError:
        return None


class UploadsAdapter:
    """The upload calls for one step."""

    def __init__(
        self, section: Uploads, http: HttpPort, base_url: str, token: str, step: StepIdentity
    ) -> None:
        self._section = section
        self._http = http
        self._base_url = base_url
        self._headers = {section.token_header: f"{section.token_prefix}{token}"} if token else {}
        self._step = step

    def sample(self, rows: int) -> Sheet:
        """A file with valid IBANs and names that carry the marker; no two runs share a row."""
        debtors = tuple(self._debtor(number) for number in range(1, rows + 1))
        columns = self._section.columns
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow((columns.iban, columns.name, columns.amount))
        for row in debtors:
            writer.writerow((row.iban, row.name, f"{row.amount_cents / 100:.2f}"))
        name = f"{self._step.marker}-{self._step.fresh.getrandbits(32):08x}.csv"
        return Sheet(name, debtors, text.getvalue().encode())

    def _debtor(self, number: int) -> Debtor:
        fresh = self._step.fresh
        name = f"{fresh.choice(FIRST_NAMES)} {self._step.marker} {number}"
        iban = str(IBAN.random(country_code="DE", random=fresh))
        return Debtor(iban, name, fresh.randint(SMALLEST_CENTS, LARGEST_CENTS))

    def send(self, sheet: Sheet, *, node_url: str | None = None) -> Reply:
        """Send a file through the balancer, or to one node."""
        file = File(self._section.file_field, sheet.name, sheet.content)
        return self._call(
            self._section.create, node_url=node_url, form=self._section.fields, files=(file,)
        )

    def accepted_id(self, reply: Reply) -> str | None:
        """The id in an answer to `send`, None where the target did not accept the file."""
        answer = self._section.answer
        identifier = at(decoded(reply), answer.id)
        if reply.status != answer.accepted or identifier is None:
            return None
        return str(identifier)

    def status(self, upload_id: str) -> Uploaded:
        """Ask for the status; an answer that cannot be read has the status `HTTP <code>`."""
        reply = self._call(self._section.status, upload_id)
        document, answer = decoded(reply), self._section.answer
        status = at(document, answer.status)
        created = at(document, answer.created) if answer.created else None
        return Uploaded(
            upload_id,
            str(status) if status is not None else f"HTTP {reply.status}",
            created if isinstance(created, int) else None,
        )

    def settled(self, upload_id: str, *, within_seconds: float) -> Uploaded:
        """The status once it is final, or the last one seen when the time is over."""
        waiting = self._section.answer.waiting
        return until(
            lambda: self.status(upload_id),
            lambda seen: seen.status not in waiting,
            within_seconds=within_seconds,
        )

    def download(self, upload_id: str, *, node_url: str | None = None) -> Reply:
        """Fetch the file again, through the balancer or from one node."""
        return self._call(self._required("download"), upload_id, node_url=node_url)

    def debtors(self, upload_id: str) -> Listed:
        """The debtors that the target lists."""
        reply = self._call(self._required("debtors"), upload_id)
        items = at(decoded(reply), self._section.row.items)
        if reply.status != HTTPStatus.OK or not isinstance(items, list):
            return Listed((), f"the listing answered {reply.status} without a list of debtors")
        try:
            return Listed(tuple(self._row(item) for item in items))
        except (ValueError, ArithmeticError) as error:
            return Listed((), f"the listing has an amount that cannot be read: {error}")

    def _row(self, item: Any) -> Debtor:
        row = self._section.row
        amount = cents(at(item, row.amount), row.unit)
        return Debtor(str(at(item, row.iban)), str(at(item, row.name)), amount)

    def _required(self, key: str) -> str:
        line: str | None = getattr(self._section, key)
        if line is None:
            raise LookupError(f"the target file does not say uploads.{key}")
        return line

    def _call(
        self, line: str, upload_id: str = "", *, node_url: str | None = None, **content: Any
    ) -> Reply:
        call = Call.parse(line)
        url = f"{node_url or self._base_url}{call.path.replace('{id}', upload_id)}"
        return self._http.request(call.method, url, headers=self._headers, **content)
