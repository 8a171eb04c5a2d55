"""What the reference service calls the processes below its worker."""

QUEUES = ("webhooks", "billing", "reconciliation", "default", "vop")
# Beside the workers of the queues; the service names its processes after these and those.
HELPERS = ("scheduler", "janitor", "balancer", "clock")
# The least that the deployment asks for; more come and go with the load.
WEBHOOK_WORKERS = 2
