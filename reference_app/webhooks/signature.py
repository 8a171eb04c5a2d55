"""The gateway's signature: hex of HASH(id + API password), the hash told by its length."""

import hashlib
import hmac

_HASH_BY_LENGTH = {40: "sha1", 64: "sha256", 128: "sha512"}


def is_valid(signed_id: str, signature: str, password: str) -> bool:
    """Whether the signature fits, exactly (lower-case hex) and in constant time."""
    algorithm = _HASH_BY_LENGTH.get(len(signature))
    if algorithm is None or not password:
        return False
    expected = hashlib.new(algorithm, f"{signed_id}{password}".encode()).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())
