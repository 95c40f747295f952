"""Where every camera is, at a glance: one card per camera, each in exactly one bucket.

It writes nothing and owns no table; it reads what inventory and health know.
"""
