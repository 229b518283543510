"""What a fault that stopped a run says to the user: what is wrong, where, and what to do."""

from __future__ import annotations

from snitch.checking.commits import Misuse
from snitch.documents import Unreadable
from snitch.documents.problems import Problem
from snitch.escape import for_terminal
from snitch.extras import how_to_have
from snitch.finding import Broken, Undecidable
from snitch.forge.errors import ForgeError
from snitch.forge.request import InvalidEvent
from snitch.git.errors import AbsentObject, GitError, TimedOut
from snitch.measuring.clusters import NoEngine
from snitch.measuring.tables import Unusable
from snitch.policy.layers import InvalidPolicy
from snitch.rulebook import BrokenRulebook
from snitch.snapshot import UnreadableFile

MISUSE, INCONCLUSIVE = 2, 3


def explain_fault(error: Exception) -> tuple[str, int]:
    """The message and the exit code of a fault."""
    if isinstance(error, InvalidPolicy):
        return _policy(error), MISUSE
    if isinstance(error, (AbsentObject, TimedOut)):
        return for_terminal(str(error)), INCONCLUSIVE
    if isinstance(error, (GitError, Misuse, BrokenRulebook, InvalidEvent)):
        return for_terminal(str(error)), MISUSE
    if isinstance(error, Unreadable):
        return "\n".join(_problem(error.path, problem) for problem in error.problems), MISUSE
    if isinstance(error, (Undecidable, Unusable, Broken)):
        mend = f"`snitch explain {error.reported_by}` says how to mend it" if isinstance(error, Broken) else error.help
        return for_terminal(f"{error}; {mend}" if mend else str(error)), INCONCLUSIVE
    if isinstance(error, (UnreadableFile, ForgeError, NoEngine)):
        return for_terminal(str(error)), INCONCLUSIVE
    if isinstance(error, ModuleNotFoundError) and (told := how_to_have(error)) is not None:
        return f"{told[0]}; {told[1]}", MISUSE
    cause = for_terminal(f"{type(error).__name__}: {error}")
    if isinstance(error, OSError):
        return _machine(error), MISUSE
    if isinstance(error, (MemoryError, RecursionError)):
        return cause, INCONCLUSIVE
    return f"a fault of Snitch's own: {cause}\nSet SNITCH_TRACEBACK=1 to see where, and please report it", INCONCLUSIVE


def _machine(error: OSError) -> str:
    if isinstance(error.filename, str) and error.strerror:
        return for_terminal(f"{error.filename}: {error.strerror}")
    return for_terminal(f"{type(error).__name__}: {error}")


def _policy(error: InvalidPolicy) -> str:
    many = "" if len(error.problems) == 1 else f" ({len(error.problems)} problems)"
    lines = [_problem(path, problem) for path, problem in error.problems]
    return "\n".join([f"the policy is not valid{many}", *lines])


def _problem(path: str, problem: Problem) -> str:
    place = f"{path}:{problem.span.line}:{problem.span.column}" if problem.span else path
    help_text = f" ({problem.help})" if problem.help else ""
    return for_terminal(f"{place}: {problem.message}{help_text}")
