"""Load: when requests are due, what they are, what was measured, and what that proves."""
