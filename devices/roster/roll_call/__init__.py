"""What a commander does at roll call: promise spares, and say that the shift was looked at."""
