"""Finds scenarios, checklist items and exporters by folder and loads them by path."""
