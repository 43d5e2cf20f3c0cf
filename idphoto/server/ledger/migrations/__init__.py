"""Migrations of the ledger's tables, one file each, in order. They run when a ledger is opened."""
