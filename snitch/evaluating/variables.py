"""What the processes that run models are told of this one's variables: no token, no secret, no path, no proxy."""

from __future__ import annotations

import os

_THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM", "BLIS", "RAYON", "POLARS_MAX", "NUMBA")


def bare_environment() -> dict[str, str]:
    """What every child has."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return {**kept, "PATH": os.defpath, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def variables(work: str, executable: str) -> dict[str, str]:
    """All the variables of a model's process, which may write below `work`.

    One thread each, and one seed: how many there are changes the last bits of a sum.
    """
    home, temporary = os.path.join(work, "home"), os.path.join(work, "tmp")
    return {
        **bare_environment(),
        **{f"{name}_NUM_THREADS": "1" for name in _THREADS},
        "PATH": f"{os.path.dirname(executable)}:{os.defpath}",
        "HOME": home,
        "TMPDIR": temporary,
        "XDG_CACHE_HOME": temporary,
        "MPLCONFIGDIR": temporary,
        "NUMBA_CACHE_DIR": temporary,
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "LOKY_MAX_CPU_COUNT": "1",
        "JOBLIB_MULTIPROCESSING": "0",
    }
