"""A payment gateway to test against: it takes sales, notifies, and knows what must come of it.

Independent of the service on purpose: it shares no code with what it checks.
"""
