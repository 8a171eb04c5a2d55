"""POST /api/webhooks/emp: signature, one atomic step in Redis, answer. Nothing else."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import cast

import structlog

from reference_app.http.handler import BaseHandler
from reference_app.http.measures import RequestMeasures
from reference_app.http.problems import FieldError, ProblemError
from reference_app.queueing.claim import Claim
from reference_app.queueing.policies import WEBHOOKS, JobRequest
from reference_app.webhooks import signature
from reference_app.webhooks.body import FORM, JSON, parse_body
from reference_app.webhooks.notification import Notification, from_fields
from reference_app.webhooks.sources import client_address, is_within

PROCESS_JOB = "reference_app.webhooks.job.process_emp_webhook"
_MESSAGES = {Claim.ACCEPTED: "Accepted", Claim.ALREADY_PROCESSED: "Already processed"}

log = structlog.get_logger("webhooks")


class EmpWebhookHandler(BaseHandler):
    """Takes the gateway's notifications."""

    max_body_bytes = 64 * 1024

    def check_headers(self) -> None:
        """Take forms and JSON, from the gateway's addresses only where they are told."""
        if self.media_type not in {FORM, JSON}:
            raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send {FORM} or {JSON}.")
        settings = self.services.settings
        allowed = settings.emp_source_networks
        # Tornado puts no header into remote_ip: the server runs without xheaders.
        address = client_address(
            str(self.request.remote_ip),
            self.request.headers.get("X-Real-IP", ""),
            settings.trusted_proxies,
        )
        if allowed and not is_within(address, allowed):
            raise ProblemError(HTTPStatus.FORBIDDEN, "Notifications are not taken from there.")

    async def post(self) -> None:
        """Accept one notification, new or known."""
        fields = parse_body(self.media_type, self.body())
        notification = from_fields(fields)
        self._check_signature(notification, fields.get("signature", ""))
        job = job_for(notification, self.request_id)
        claim_key = f"tether:webhook:emp:{notification.key}"
        claim = await self.services.queue.claim(claim_key, job, notification.terms)
        if claim is Claim.CONFLICTING:
            raise _conflicting(notification)
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
        if claim is Claim.ACCEPTED:
            cast("RequestMeasures", self.settings["measures"]).accepted.inc()
        self.set_header("X-Tether-Result", claim.value)
        self.set_header("Vary", "Accept")
        accepted = self.request.headers.get("Accept", "").lower()
        if self.media_type == JSON or JSON in accepted:
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


def _conflicting(notification: Notification) -> ProblemError:
    # Without an echo: the gateway sends again while people look at what the log is shouting.
    log.error(
        "conflicting_notification", unique_id=notification.unique_id, status=notification.status
    )
    return ProblemError(
        HTTPStatus.CONFLICT,
        "The same event was announced before with other terms; the first one holds.",
        FieldError(notification.kind.id_field, "is known with another amount, type or reason"),
    )
