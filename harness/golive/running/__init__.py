"""Runs the steps of a plan and keeps what they saw. Owns order, deadlines and Ctrl-C."""
