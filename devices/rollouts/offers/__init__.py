"""Permission to install: granted in the transaction that counts what the coming shifts need."""
