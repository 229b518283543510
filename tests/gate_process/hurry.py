"""A gate that does not wait long."""

from __future__ import annotations

import sys


def gate(**patience: float) -> tuple[str, ...]:
    """The gate, which does not wait before it asks again, and with less patience where a test has less."""
    set_all = "".join(f"force_setattr(patience.PATIENCE, {name!r}, {value})\n" for name, value in patience.items())
    code = "import sys\nfrom msgspec.structs import force_setattr\nfrom snitch.forge import patience\n"
    code += f"patience._PAUSES = (0.0,)\n{set_all}"
    return sys.executable, "-c", code + "from snitch.cli.main import run\nsys.exit(run(sys.argv[1:]))\n"


AT_ONCE, HASTY = gate(), gate(budget=2.0, longest=0.9)
