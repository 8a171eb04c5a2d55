"""Breaks a target and heals it again: network faults by Toxiproxy, processes by its commands."""
