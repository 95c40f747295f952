"""The door of update clients: hawkBit's Direct Device Integration, as `docs/ddi.md` tells it.

Update clients in cameras, or in docks for them, poll here, fetch what a rollout offers, and say
how it went. The door decides nothing: what may be offered is in rows, what words mean in rollouts.
"""
