"""Django's PostgreSQL, but that times are read quickly. Named as the engine of the database."""
