"""One file per outside tool. Adapters do the I/O; they never judge."""
