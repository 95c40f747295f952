"""Cameras that drifted are brought back: a rollout of repairs, which the fleet starts by itself."""
