"""The command `snitch`: leaves at once when there is nothing to judge, else hands over to the command line."""

from __future__ import annotations

import sys

_QUICK = {"--staged", "--quiet", "-q"}


def main() -> None:
    """Runs the command and exits with its code."""
    _forget_the_working_directory()
    arguments = sys.argv[1:]
    if arguments[:1] == ["check"] and "--staged" in arguments and _QUICK.issuperset(arguments[1:]):
        from snitch.staged import nothing_staged_matters

        if nothing_staged_matters():
            sys.exit(0)
    from snitch.cli.main import run

    sys.exit(run(arguments))


def _forget_the_working_directory() -> None:
    """`python -m snitch` puts the working directory first: a judged repository could plant a `yaml.py` there."""
    if sys.argv and sys.argv[0].endswith("__main__.py") and not getattr(sys.flags, "safe_path", False) and sys.path:
        del sys.path[0]


if __name__ == "__main__":
    main()
