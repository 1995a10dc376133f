"""`python -m infra_checks`."""

from infra_checks.cli import main

if __name__ == "__main__":
    main()
