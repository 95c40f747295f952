"""The fleet for programs: read-only, the same reach and the same words as the pages.

Every address stands in `permissions.ENDPOINTS`; one that does not lets nobody in.
"""
