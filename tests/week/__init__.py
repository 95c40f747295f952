"""A week of simulated West Hartford, second by second, and whether the product ever says of it
what is not so. `living.py` is the loop; tests and `make bench` (family `week`) go through it."""
