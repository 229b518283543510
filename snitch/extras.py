"""What an installation may lack: the libraries that only measuring models, or asking forges, takes."""

from __future__ import annotations

#: The extra that brings each library, by the name it is imported by.
_EXTRAS = {
    **dict.fromkeys(("duckdb", "joblib", "numpy", "pandas", "pandera", "pyarrow", "scipy", "sklearn"), "evaluate"),
    **dict.fromkeys(("github", "requests"), "gate"),
}


def how_to_have(error: ModuleNotFoundError) -> tuple[str, str] | None:
    """What is missing here and how to have it; None where it is nothing that an extra brings."""
    library = (error.name or "").partition(".")[0]
    if library not in _EXTRAS:
        return None
    return f"{library} is not installed here", f"install it: `pip install 'model-snitch[{_EXTRAS[library]}]'`"
