"""Ledger to findings to verdict. Pure, so an old run can be judged again from disk."""
