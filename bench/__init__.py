"""The benchmark commands: `python -m bench.<name> [--json]`."""
