"""Rolls an image out step by step, and back where a trigger fires: `python serving/rollout.py MODEL IMAGE`.

The steps and the triggers are in rollout.yaml; deploy.sh and observe.sh do what only your organisation knows how to do.
Whatever is not measured, or is no number, counts as a trigger that fired.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent


def measure(model: str, image: str) -> dict[str, Any]:
    """What observe.sh prints; nothing, where it fails."""
    done = subprocess.run(["sh", HERE / "observe.sh", model, image], stdout=subprocess.PIPE, text=True)
    try:
        measured = json.loads(done.stdout) if done.returncode == 0 else {}
    except ValueError:
        measured = {}
    return measured if isinstance(measured, dict) else {}


def fired(triggers: dict[str, dict[str, float]], measured: dict[str, Any]) -> str | None:
    """The first trigger that fired, in words; None where all is well."""
    for name, limit in triggers.items():
        value = measured.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            return f"{name} was not measured"
        if value > limit["above"]:
            return f"{name} is {value}, above {limit['above']}"
    return None


def watch(
    plan: dict[str, Any], minutes: float, look: Callable[[], dict[str, Any]], sleep: Callable[[float], None]
) -> str | None:
    """Looks until the time of a step is over; why it is to be rolled back, or None."""
    measured: dict[str, Any] = {}
    for _ in range(max(1, math.ceil(minutes / plan["every_minutes"]))):
        sleep(60 * min(minutes, plan["every_minutes"]))
        measured = look()
        reason = fired(plan["rollback"], measured)
        if reason is not None:
            return reason
    requests = measured.get("requests")
    if isinstance(requests, bool) or not isinstance(requests, (int, float)) or not requests >= plan["minimum_requests"]:
        return f"{requests} requests; {plan['minimum_requests']} are needed to tell"
    return None


def deploy(model: str, image: str, percent: float) -> None:
    print(f"{model}: {percent} % of the traffic", flush=True)
    subprocess.run(["sh", HERE / "deploy.sh", model, image, str(percent)], check=True)


def roll_out(model: str, image: str, plan: dict[str, Any], sleep: Callable[[float], None] = time.sleep) -> int:
    """Returns the exit code: 0 at the whole traffic, 1 rolled back."""
    for step in plan["steps"]:
        try:
            deploy(model, image, step["percent"])
            reason = watch(plan, step["minutes"], lambda: measure(model, image), sleep)
        except subprocess.CalledProcessError:
            reason = "deploy.sh failed"
        if reason is not None:
            print(f"{model}: rolled back at {step['percent']} %: {reason}", file=sys.stderr)
            deploy(model, image, 0)
            return 1
    return 0


if __name__ == "__main__":
    model, image = sys.argv[1:]
    sys.exit(roll_out(model, image, yaml.safe_load((HERE / "rollout.yaml").read_text(encoding="utf-8"))))
