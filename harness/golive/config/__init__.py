"""Flags, environment and TOML become settings, a target and secrets."""
