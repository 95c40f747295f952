"""What a rollout does by itself: its waves open, are done, and it comes to its end."""
