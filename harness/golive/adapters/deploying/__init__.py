"""Deploys by the commands of a target file: runs them, looks at nodes, keeps the record."""
