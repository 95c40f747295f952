"""Whose signatures the department believes: certificates alone, never a private key."""
