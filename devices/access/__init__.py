"""Who may speak and for what: people's postings and API tokens, docks' and cameras' tokens.

A token is shown once and stored as a digest, so a copied database logs nobody in.
"""
