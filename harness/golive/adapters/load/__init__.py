"""Generates load in child processes, and keeps what they measured."""
