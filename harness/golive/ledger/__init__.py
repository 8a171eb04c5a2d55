"""The append-only folder of one run: written before, during and after it, sealed, read back."""
