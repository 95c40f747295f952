"""Moving many cameras' turns at once: guarded, with the cameras' rows and the ledger."""
