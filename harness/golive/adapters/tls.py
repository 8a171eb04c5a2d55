"""What this machine trusts, and the certificate authority that a target file names beside it."""

import ssl


def trusting(ca_file: str | None) -> ssl.SSLContext:
    """A client's side of TLS; the named authority alone is trusted where there is one."""
    return ssl.create_default_context(cafile=ca_file)
