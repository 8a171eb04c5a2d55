"""Checklists that are worked through: findings, commands and signatures, until nothing is open.

Example: golive checklist run go_live targets/staging.toml --version v1.2.0
"""
