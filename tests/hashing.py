"""Passwords and PINs of tests: hashed as in life, with argon2, but for a fraction of its work."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    time_cost, memory_cost, parallelism = 1, 8, 1
