"""Makes the catalogue's data files of pinned sources; not part of the wheel.

Run `python -m infra_checks.iam.catalogue.build`; see __main__.py. Nothing at run time imports it.
"""
