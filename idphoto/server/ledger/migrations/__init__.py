"""Changes of the ledger's tables, one file each, in order; run when a ledger is opened."""
