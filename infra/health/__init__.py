"""The active health check of the balancer: nginx itself only counts requests that failed."""
