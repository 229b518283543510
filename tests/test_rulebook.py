"""Rules are found through the entry-point group `snitch.rules`, everybody's door."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from snitch.rule import RepositoryRule, Rule
from snitch.rulebook import rulebook

PLUGIN = '''
"""A team's own rules."""

from snitch import Change, Finding, Rule


class ShoutedDescription(Rule, code="TEAM001"):
    """The description shouts."""

    loudness: int = 1

    def check(self, change: Change):
        text = change.candidate.manifest.description
        if text.isupper():
            yield change.candidate.finding("/description", f"shouts at loudness {self.loudness}")
'''


def install(folder: Path, code: str = PLUGIN, name: str = "team_rules") -> None:
    """Lays a distribution out as an installer would."""
    (folder / f"{name}.py").write_text(code)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[console_scripts]\nx = y:z\n\n[snitch.rules]\nteam = {name}\n")


def ask(folder: Path, expression: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.path.append({str(folder)!r}); from snitch.rulebook import rulebook; print({expression})"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_the_built_in_rules_come_through_the_entry_point() -> None:
    assert "snitch.rules" in rulebook().packages
    assert "snitch.rules" in [point.value for point in entry_points(group="snitch.rules")]


def test_every_rule_has_a_page_and_a_name_of_its_own() -> None:
    for code, rule in rulebook().rules.items():
        assert rule.code == code
        assert issubclass(rule, (Rule, RepositoryRule))
        page = (rule.__doc__ or "").strip()
        assert page.split("\n")[0].endswith("."), f"{code}: the first line of the docstring is the rule's summary"
        assert "Mend it:" in page or code.startswith("SNT"), f"{code}: its page does not say how to mend it"
        assert rule.check.__qualname__.split(".")[0] == rule.__name__


def test_a_plugin_is_found_as_importlib_finds_it(tmp_path: Path) -> None:
    install(tmp_path)
    done = ask(tmp_path, "rulebook().find('shouted-description').code")
    assert done.stdout.strip() == "TEAM001", done.stderr


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError"),
        ("1/0", "ZeroDivisionError"),
        ("def (", "SyntaxError"),
        (PLUGIN.replace("TEAM001", "POL001"), "two installed rules are called POL001"),
        (PLUGIN.replace("ShoutedDescription", "GateEdited"), "gate-edited"),
        (PLUGIN.replace("TEAM001", "team1"), "a rule's code is letters and three digits"),
    ],
)
def test_a_plugin_that_cannot_be_used_stops_everything(tmp_path: Path, code: str, told: str) -> None:
    install(tmp_path, code)
    done = ask(tmp_path, "rulebook()")
    assert done.returncode != 0
    assert "BrokenRulebook" in done.stderr
    assert told in done.stderr


def test_a_plugin_rule_judges_with_its_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, name="team_rules_judging")
    repository = tmp_path / "repository"
    (repository / "models/churn").mkdir(parents=True)
    lines = ["name: churn", "version: 1.0.0", "description: LOUD", "license: mit", "task: other", "library_name: x"]
    (repository / "models/churn/model.yaml").write_text("\n".join([*lines, "weights: [a.skops]", ""]))
    (repository / "snitch.yaml").write_text("rules: {shouted-description: {loudness: 11}}\n")
    for command in (["init", "-q", "-b", "main"], ["add", "."]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    code = (
        f"import sys; sys.path.append({str(tmp_path)!r}); from snitch.cli.main import run; "
        "sys.exit(run(['check', '--staged', '--format', 'concise', '--select', 'TEAM001']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=False)
    line = "models/churn/model.yaml:3:14: warning[TEAM001] shouted-description: shouts at loudness 11"
    assert line in done.stdout.splitlines(), done.stdout + done.stderr
    assert done.returncode == 0
