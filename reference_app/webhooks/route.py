"""POST /api/webhooks/emp: signature, one atomic step in Redis, answer. Nothing else."""

from datetime import UTC, datetime
from http import HTTPStatus

from reference_app.http.handler import BaseHandler
from reference_app.http.problems import FieldError, ProblemError
from reference_app.queueing.claim import Claim
from reference_app.queueing.policies import WEBHOOKS, JobRequest
from reference_app.webhooks import signature
from reference_app.webhooks.notification import Notification, from_fields, parse_form

FORM = "application/x-www-form-urlencoded"
PROCESS_JOB = "reference_app.webhooks.job.process_emp_webhook"
_MESSAGES = {Claim.ACCEPTED: "Accepted", Claim.ALREADY_PROCESSED: "Already processed"}


class EmpWebhookHandler(BaseHandler):
    """Takes the gateway's notifications."""

    max_body_bytes = 64 * 1024

    def check_headers(self) -> None:
        """Take forms only."""
        given = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if given != FORM:
            raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send {FORM}.")

    async def post(self) -> None:
        """Accept one notification, new or known."""
        form = parse_form(self.body())
        notification = from_fields(form)
        self._check_signature(notification, form.get("signature", ""))
        job = job_for(notification, self.request_id)
        claim = await self.services.queue.claim(f"tether:webhook:emp:{notification.key}", job)
        self._answer(notification, claim)

    def _check_signature(self, notification: Notification, given: str) -> None:
        password = self.services.settings.emp_api_password.get_secret_value()
        if not signature.is_valid(notification.unique_id, given, password):
            reason = "does not fit" if given else "is missing"
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                "The notification is not signed by the gateway.",
                FieldError("signature", reason),
                headers={"WWW-Authenticate": 'Signature realm="emp"'},
            )

    def _answer(self, notification: Notification, claim: Claim) -> None:
        self.set_header("X-Tether-Result", claim.value)
        self.set_header("Vary", "Accept")
        if "application/json" in self.request.headers.get("Accept", "").lower():
            self.write_json({"status": "ok", "message": _MESSAGES[claim]})
        else:
            self.set_header("Content-Type", "application/xml")
            self.write(notification.echo())


def job_for(notification: Notification, request_id: str) -> JobRequest:
    """The job that gives a notification its effect; its id follows from the event's identity."""
    return JobRequest(
        queue=WEBHOOKS,
        function=PROCESS_JOB,
        args=(dict(notification.fields),),
        job_id=f"emp-{notification.key}",
        description=f"notification {notification.unique_id} {notification.status}",
        meta={"request_id": request_id, "received_at": datetime.now(UTC).isoformat()},
    )
