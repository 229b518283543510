"""What the author of a request wrote, in every place that it can be written, is shown and does nothing."""

from __future__ import annotations

import json
import re
import unicodedata
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tests.forge.server import TOKEN, refusal
from tests.gate_process.models import DEPLOYED, WORSE
from tests.gate_process.site import Ran, Site
from tests.judging import EVALUATION, FOLDER, MANIFEST, edit, edit_json
from tests.report.page import Page
from tests.report.runners import commands

CALLS = "@org/team #1 GH-1 https://evil.example/x /approve"
TAGS = "<img src=x onerror=alert(1)> <script>alert(1)</script> </details> <!-- -->"
MARKUP = "![x](https://evil.example/p.png) | cell | `code` ``` ~~~ **b** [a](javascript:alert(1))"
COMMANDS = "::set-output name=a::b ::error::c ##[error]d ##vso[task.complete result=Succeeded]e %0A::add-mask::f"
ACTS = "\x1b[2J\x1b]8;;https://evil.example\x07link\x1b]8;;\x07 \u202eevil\u2066 \u200bhidden \x9b31m"
ALL = (CALLS, TAGS, MARKUP, COMMANDS, ACTS)
#: A folder's name may hold anything but a slash and NUL.
FOLDERS = [f"models/{text.replace('/', ' ')}" for text in ALL]
#: What the gate's own Markdown becomes; a link or a picture would be somebody else's.
OWN_TAGS = {
    *("h2", "h3", "p", "br", "ul", "li", "strong", "code", "pre", "details", "summary", "blockquote"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def hostile() -> dict[str, Any]:
    """A worse model, and hostile texts wherever a finding repeats what it found."""
    keys = "".join(f"{json.dumps(f'{text} {number}')}: 1\n" for number, text in enumerate(ALL))
    manifest = f"{WORSE[MANIFEST]!s}{keys}"
    weights = "\n".join(f"  - {json.dumps(each)}" for each in ALL)
    files = {**WORSE, f"{FOLDER}/CHANGELOG.md": f"# {CALLS}\n\n## [{TAGS}]\n"}
    for number, folder in enumerate(FOLDERS):
        other = str(DEPLOYED[MANIFEST]).replace("name: churn\n", f"name: other-{number}\n")
        files[f"{folder}/model.yaml"] = other.replace("weights: [model.skops]", f"weights:\n{weights}")
    files["models/invalid/model.yaml"] = manifest

    def measure(record: Any) -> None:
        record["metrics"] += [{"type": text, "value": 2} for text in ALL]
        record["slices"] += [
            {"slice": {"plan": text}, "rows": 500, "metrics": [{"type": "roc_auc", "value": 3}]} for text in ALL
        ]
        record["dataset"]["version"] = ACTS

    return {**files, EVALUATION: edit_json(files, EVALUATION, measure)[EVALUATION]}


class Rendered(HTMLParser):
    """A comment as a forge shows it: its tags, and its words outside of code."""

    def __init__(self, comment: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words = ""
        self._code = 0
        self.cells: list[int] = []
        self.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(comment))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert all(key == "style" or (tag, key) == ("code", "class") for key, _ in attrs), (tag, attrs)
        self._code += tag in ("code", "pre")
        if tag == "tr":
            self.cells.append(0)
        if tag in ("td", "th"):
            self.cells[-1] += 1

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("code", "pre")

    def handle_data(self, data: str) -> None:
        self.words += "" if self._code else data


def acting(text: str) -> set[str]:
    """Characters that move a cursor, hide, or turn the text round."""
    return {each for each in text if each != "\n" and unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp")}


@pytest.fixture
def ran(site: Site) -> Ran:
    site.repo.commit(hostile())
    site.propose()
    formats = ("--format", "text", "--format", "github=github.txt", "--format", "html=report.html")
    ran = site.gate_7(*formats, "--verbose", "--check-run")
    assert ran.code == 1
    for text in ("@org/team", "alert(1)", "evil.example", "set-output", "other-0"):
        assert text in ran.out
    return ran


def test_nothing_that_others_wrote_acts(site: Site, ran: Ran) -> None:
    """On the terminal, in the runner's log, in the comment, in the check run, in the page."""
    assert acting(ran.out + ran.err) == set()
    assert commands(ran.out + ran.err) == []

    annotations = (site.root / "empty" / "github.txt").read_text(encoding="utf-8")
    found = commands(annotations)
    assert 0 < len(found) <= 21
    assert {each.name for each in found} <= {"error", "warning", "notice"}
    assert all(re.match(r"[A-Z]{3}[0-9]{3} |Snitch\Z", each.properties["title"]) for each in found)
    assert acting(annotations) == set()

    (comment,) = site.comments
    assert "alert(1)" in comment and "evil.example" in comment
    shown = Rendered(comment)
    assert shown.tags <= OWN_TAGS
    assert not re.search(r"[@#]\w|https?:/|www\.|^/", shown.words, re.MULTILINE)
    assert set(shown.cells) <= {4, 6}
    assert acting(comment) <= {"\u200b"} and "\u200b" not in comment
    assert commands(comment) == []

    (run,) = site.state.check_runs
    assert Rendered(run["output"]["summary"]).tags <= OWN_TAGS
    assert Rendered(run["output"]["text"]).tags <= OWN_TAGS
    assert "does not fit" not in run["output"]["summary"]
    assert acting("".join(each["message"] + each["title"] + each["path"] for each in run["annotations"])) == set()

    page = (site.root / "empty" / "report.html").read_text(encoding="utf-8")
    tags = Page(page).seen
    assert not {"script", "img", "iframe", "object", "link", "form"} & {tag for tag, _ in tags}
    assert not [attrs for _, attrs in tags if any(key.startswith("on") for key in attrs)]
    assert all(attrs.get("href", "#").startswith("#") for _, attrs in tags)
    assert acting(page) == set()


def test_a_report_that_no_comment_could_hold_is_posted_all_the_same(site: Site) -> None:
    keys = "".join(f"key_{number}_{'x' * 400}: 1\n" for number in range(100))
    site.repo.commit({**WORSE, **{f"models/m{number}/model.yaml": f"{WORSE[MANIFEST]!s}{keys}" for number in range(5)}})
    site.propose()
    ran = site.gate_7("--check-run")
    assert (ran.code, len(ran.out) > 300_000) == (1, True), len(ran.out)
    (comment,) = site.comments
    assert 1_000 < len(comment.encode()) <= 65_536
    assert re.search(r"And [0-9]+ findings more", comment)
    (run,) = site.state.check_runs
    assert len(run["annotations"]) > 10
    assert "not published" not in ran.err


def test_a_token_that_a_server_repeats_is_not_repeated(site: Site) -> None:
    site.repo.commit(edit(WORSE, MANIFEST, "name: churn\n", f"name: churn # {TOKEN[:4]}\n"))
    site.propose()
    echo = refusal(422, f"Who are you, {TOKEN}?")
    site.github.fail("POST /repos/acme/models/(issues|statuses)/.*", echo, times=9)
    ran = site.gate_7("--verbose")
    assert ran.code == 1
    assert "***" in ran.err
    site.github.fail("GET /repos/acme/models/pulls/7", echo, times=9)
    assert site.gate_7("--verbose").code == 3


def test_with_a_traceback_the_token_is_still_in_none(site: Site) -> None:
    """Somebody looks for a fault of Snitch's own."""
    site.repo.commit(WORSE)
    site.propose()
    site.github.fail("GET /repos/acme/models/pulls/7", refusal(404, "Not Found"), times=9)
    env = site.environment("pull_request_target", site.event("pull_request", site.state.pulls[7].head))
    process = site.start("gate", env={**env, "SNITCH_TRACEBACK": "1"})
    out, err = process.communicate(timeout=120)
    assert "Traceback" in err and TOKEN not in out + err
