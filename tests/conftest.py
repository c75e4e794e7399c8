"""Property tests use the same examples each time; `make explore` looks for new ones."""

from hypothesis import HealthCheck, settings

# A suite that gates a change must say the same of the same code. What exploring finds becomes an example of its own.
settings.register_profile("repeatable", derandomize=True, database=None)
settings.register_profile("explore", derandomize=False, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")
