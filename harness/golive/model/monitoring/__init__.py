"""Judges the first hours of a deployment: uptime, burn of the error budget, incidents."""
