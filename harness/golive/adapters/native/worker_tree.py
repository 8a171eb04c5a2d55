"""What the reference service calls the processes below its worker."""

QUEUES = ("webhooks", "billing", "reconciliation", "default", "vop")
# Beside the workers of the queues; the service names its processes after these and those.
HELPERS = ("scheduler", "janitor", "balancer", "clock")
# The least that the deployment asks for: with two, a burst of the gateway is a queue of a hundred.
WEBHOOK_WORKERS = 3
