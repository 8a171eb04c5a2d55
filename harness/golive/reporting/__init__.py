"""Verdict to report: what a reader is told. Pure, so an old run can be reported again from disk."""
