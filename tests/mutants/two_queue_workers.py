"""Workers with priorities: they take a job off one of two lists, and note it afterwards."""

from reference_app.queueing.policies import BILLING, WEBHOOKS
from reference_app.queueing.workers import BeatingWorker

DEFECT = "Workers listen to two queues and take by BLPOP: a job taken by a dying worker is gone."
CAUGHT_BY = "chaos.work_taken_and_killed"


def patch() -> None:
    """Give every worker a second queue."""
    init = BeatingWorker.__init__

    def with_another(worker: BeatingWorker, queues: list[str], **rest: object) -> None:
        another = WEBHOOKS.name if queues == [BILLING.name] else BILLING.name
        init(worker, [*queues, another], **rest)

    BeatingWorker.__init__ = with_another
