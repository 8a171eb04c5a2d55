"""Addresses with a password in them, before a driver makes something else of them."""

UNCLEAR = "its address is unclear: write '/', '@' and ':' of the password as %2F, %40, %3A"


def splits_password(url: str) -> bool:
    """Whether a plain slash in the password makes a driver take its beginning for host and port.

    The driver's error would then print that part.
    """
    _, separator, rest = url.partition("://")
    return bool(separator) and "@" in rest and "@" not in rest.partition("/")[0]
