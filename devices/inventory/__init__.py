"""What the department owns and who wears it: stations, docks, bays, cameras, officers, codes.

Everything here changes by a person's act or an import, and each change is in the ledger.
What a camera says of itself is in the room `health`.
"""
