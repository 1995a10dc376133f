"""Settings every test shares."""

from hypothesis import settings

pytest_plugins = ["pytester"]

# The same examples in every run, on a machine of any speed; --hypothesis-profile=explore looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile("repeatable")
