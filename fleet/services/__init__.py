"""PostgreSQL and Redis for an installation that was given neither.

Both run as children of whoever starts them, on sockets only, with their files
under VAR_DIR; they are for trying, testing and small departments. A department
that has its own names them in DATABASE_URL and REDIS_URL.
"""
