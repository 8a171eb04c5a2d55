"""Configuration and stand-ins for the servers around the service."""
