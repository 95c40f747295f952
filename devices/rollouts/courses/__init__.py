"""What people do to a rollout: draft it, approve it, start, pause, go on, end it, try again."""
