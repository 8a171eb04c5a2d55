"""Direct debits: billed once per debtor, reconciled with the gateway, names checked before."""
