"""Runs a command of a checklist so that its end is known even if golive is killed meanwhile."""
