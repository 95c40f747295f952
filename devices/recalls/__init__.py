"""Recalls: cameras of a model, a lot or a version that must come in, counted down to zero.

While one is open no desk gives such a camera out. What an update cures waits in its bay for it; any
other is taken out of service as soon as it is back in one.
"""
