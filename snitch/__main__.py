"""The command `snitch`: leaves at once when nothing is to be judged, else runs the hook or the command line."""

from __future__ import annotations

import gc
import sys

TYPE_CHECKING = False  # as typing has it, whose import would cost the hook more than everything before it
if TYPE_CHECKING:
    from snitch.checking.commits import Moment

#: What the hooks are run with. Anything else is the command line's to understand.
_MOMENTS: dict[str, Moment] = {"--staged": "staged", "--pre-push": "pre-push"}
_QUIET = {"--quiet", "-q"}


def main() -> None:
    """Runs the command and exits with its code, also where it is interrupted before it has begun."""
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()  # the interpreter would look through everything once more, only to let go of it


def _run() -> int:
    gc.set_threshold(500_000, 50, 50)  # a run makes few cycles and many values
    _forget_the_working_directory()
    arguments = sys.argv[1:]
    moment = _hook(arguments)
    if moment == "staged":
        from snitch.staged import nothing_staged_matters

        if nothing_staged_matters():
            return 0
    if moment:
        from snitch.cli.hook import run_hook

        return run_hook(moment, quiet=not _QUIET.isdisjoint(arguments))
    from snitch.cli.main import run

    return run(arguments)


def _hook(arguments: list[str]) -> Moment | None:
    """The moment that a hook is run at; None where this is not a plain run of a hook."""
    moments = set(arguments[1:]) - _QUIET
    if arguments[:1] != ["check"] or len(moments) != 1:
        return None
    return _MOMENTS.get(moments.pop())


def _forget_the_working_directory() -> None:
    """`python -m snitch` puts the working directory first: a judged repository could plant a `yaml.py` there."""
    if sys.argv and sys.argv[0].endswith("__main__.py") and not getattr(sys.flags, "safe_path", False) and sys.path:
        del sys.path[0]


if __name__ == "__main__":
    main()
