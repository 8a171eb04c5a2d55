"""What bearer tokens are good for, and what is stored of them."""

import hashlib

READ_UPLOADS, WRITE_UPLOADS, BILLING = "uploads:read", "uploads:write", "billing"
SCOPES = (READ_UPLOADS, WRITE_UPLOADS, BILLING)


def token_hash(token: str) -> bytes:
    """What is stored of a token. Tokens are long and random, so a plain hash cannot be guessed."""
    return hashlib.sha256(token.encode()).digest()
