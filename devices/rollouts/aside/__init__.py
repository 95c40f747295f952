"""Cameras that no rollout takes, until somebody says otherwise."""
