"""Backups of the service's database and bucket: `python -m infra.backup create|verify|restore`.

A backup is a folder: the database as `pg_dump` writes it, the objects as a tar file, a manifest
with the checksum of every table and object, and SHA256SUMS, which `sha256sum -c` understands too.
"""
