"""Groups of workers: which queues share processes, and between which numbers."""

from dataclasses import dataclass

from reference_app.queueing.policies import (
    BILLING,
    DEFAULT,
    RECONCILIATION,
    VOP,
    WEBHOOKS,
    QueuePolicy,
)
from reference_app.settings import Settings


@dataclass(frozen=True)
class WorkerGroup:
    """Queues that share worker processes; every worker serves one of them."""

    name: str
    queues: tuple[QueuePolicy, ...]
    least: int
    start: int
    most: int


def groups_of(settings: Settings) -> list[WorkerGroup]:
    """The groups that this node runs."""
    webhooks = WorkerGroup(
        "webhooks",
        (WEBHOOKS,),
        settings.workers_webhooks_min,
        settings.workers_webhooks_start,
        settings.workers_webhooks_max,
    )
    pairs = (
        _pair("billing", (BILLING, RECONCILIATION), settings.workers_billing_max),
        _pair("default", (DEFAULT, VOP), settings.workers_default_max),
    )
    groups = (webhooks, *pairs)
    return [group for group in groups if group.most and group.name in settings.worker_groups]


def _pair(name: str, queues: tuple[QueuePolicy, ...], most: int) -> WorkerGroup:
    return WorkerGroup(name, queues, least=len(queues), start=len(queues), most=most)
