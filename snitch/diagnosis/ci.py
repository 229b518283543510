"""What the CI's files, the rules of the branch and the event of this run make of the gate: binding or advice."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from snitch.diagnosis.ailment import ADVISORY, Ailment
from snitch.diagnosis.code_owners import EXAMPLE_OWNER, GITHUB_PLACES, GITLAB_PLACES, CodeOwners, read_code_owners
from snitch.diagnosis.github_jobs import check_job
from snitch.diagnosis.github_triggers import PRIVILEGED, check_names, check_queue, check_triggers, names_for, started_by
from snitch.diagnosis.other_ci import AZURE, GITLAB, azure_gates, check_azure, check_gitlab, gitlab_gates
from snitch.diagnosis.protection import Protection
from snitch.diagnosis.workflow_files import CiFile, Workflow, gate_jobs, jobs_of, read_ci_file, read_workflows
from snitch.layout import BENCHMARKS, POLICY
from snitch.policy.layers import InvalidPolicy
from snitch.policy.policy import Policy, is_pattern
from snitch.policy.reading import read_policy
from snitch.repository import Repository
from snitch.snapshot import Snapshot, UnreadableFile

_PAGE = "https://github.com/model-snitch/snitch/blob/main/docs/ci.md"
#: The approver whom the template names for an example.
EXAMPLE_APPROVER = "platform-lead"
_ASK, _AGAIN = "gh api repos/OWNER/NAME", "snitch doctor --ci --rules"


class CiFacts(Struct, frozen=True, kw_only=True):
    """What is known of how the gate is run."""

    workflows: list[Workflow]
    gitlab: CiFile | None = None
    azure: CiFile | None = None
    owners: CodeOwners = CodeOwners()
    #: The files whose change changes the gate, apart from the workflows.
    guarded: tuple[str, ...] = ()
    #: The environments' branches; None, with the approvers, where the policy is not valid.
    branches: tuple[str, ...] = ()
    approvers: tuple[str, ...] | None = ()
    #: How many approvals each environment asks for that asks for any.
    approvals: tuple[tuple[str, int], ...] = ()
    #: The branch whose workflow GitHub runs, and which files of the CI are otherwise there (None: nobody can tell).
    default_branch: str = ""
    differing: frozenset[str] | None = None
    #: The checks that a person says are required, and the rules of the branch, where they are known.
    required: tuple[str, ...] = ()
    protection: Protection | None = None
    #: What set off the run that this is, where a request could edit the file that it runs; or why that is not known.
    advisory_event: str = ""
    event_fault: str = ""


def gather_ci(snapshot: Snapshot, default: Snapshot | None, policy: Policy | None) -> CiFacts:
    """Looks at the files of a snapshot; `default` is the branch whose workflows GitHub runs, where it is here."""
    files = {path: read_ci_file(snapshot, path) for path in (GITLAB, AZURE) if path in snapshot}
    workflows = read_workflows(snapshot)
    places = GITLAB_PLACES if GITLAB in files and not gate_jobs(workflows) else GITHUB_PLACES
    owners = read_code_owners(snapshot, places)
    differing = None
    if default is not None:
        paths = [workflow.file.path for workflow in workflows]
        differing = frozenset(path for path in paths if default.entries.get(path) != snapshot.entries[path])
    return CiFacts(
        workflows=workflows,
        gitlab=files.get(GITLAB),
        azure=files.get(AZURE),
        owners=owners,
        guarded=_guarded(snapshot, owners),
        branches=_branches(policy) if policy else (),
        approvers=(policy.gate.approvers or ()) if policy else None,
        approvals=tuple((each.name, each.approvals) for each in policy.environments if each.approvals)
        if policy
        else (),
        default_branch=policy.deployed_branch if policy else "",
        differing=differing,
    )


def read_policy_of(snapshot: Snapshot) -> Policy | None:
    """The policy of a snapshot; None where it is not valid, which `snitch doctor` without `--ci` tells."""
    repository = Repository(snapshot)
    try:
        return read_policy(repository, repository)
    except (InvalidPolicy, UnreadableFile):
        return None


def _branches(policy: Policy) -> tuple[str, ...]:
    named = [name for environment in policy.environments for name in environment.branches if not is_pattern(name)]
    return tuple(dict.fromkeys(named))


def _guarded(snapshot: Snapshot, owners: CodeOwners) -> tuple[str, ...]:
    """The policy, one file of each benchmark, and the code owners' own file."""
    benchmarks: dict[str, str] = {}
    for path in snapshot:
        if path.startswith(f"{BENCHMARKS}/"):
            benchmarks.setdefault("/".join(path.split("/")[:2]), path)
    first = [benchmarks[folder] for folder in sorted(benchmarks)] or [f"{BENCHMARKS}/any/benchmark.yaml"]
    return (POLICY, *first, *([owners.path] if owners.path else []))


def diagnose_ci(facts: CiFacts) -> list[Ailment]:
    """Everything that would make the gate only advisory, in the order in which it is best mended."""
    jobs = gate_jobs(facts.workflows)
    found = [*_files(facts), *_event(facts)]
    for job in jobs:
        found += check_triggers(job, facts.workflows, facts.branches)
        found += check_job(job, facts.workflows)
    has_queue = facts.protection.has_queue if facts.protection else None
    found += check_queue(jobs, facts.workflows, has_queue=has_queue)
    checks = facts.protection.checks if facts.protection else ()
    required = (*facts.required, *(check.name for check in checks))
    is_known = bool(facts.required) or (facts.protection is not None and not facts.protection.workflows)
    found += check_names(jobs, facts.workflows, required, facts.branches, is_known=is_known)
    found += [*_protection(facts), *_merging(facts), *_publishing(facts), *_owners(facts), *_policy(facts)]
    if jobs and not any(each.level == "fail" for each in found):
        called = (name for job in jobs for name in names_for(job, facts.branches).values() or [job.check_name])
        names = [f"`{name}`" for name in dict.fromkeys(called)]
        found.append(Ailment("gate", "ok", f"no file here makes {' or '.join(names)} only advisory"))
    # One step may be looked at for two gates.
    return list(dict.fromkeys(found))


def _files(facts: CiFacts) -> Iterator[Ailment]:
    """Which files run the gate, whether they can be read, and whether they are the ones that count."""
    others = [file for file in (facts.gitlab, facts.azure) if file is not None]
    for file in (*(workflow.file for workflow in facts.workflows), *others):
        if file.fault:
            yield Ailment("files", "fail", f"{file.path} cannot be read: {file.fault}", "correct it")
    gates = gate_jobs(facts.workflows)
    if facts.gitlab is not None:
        yield from check_gitlab(facts.gitlab)
    if facts.azure is not None:
        yield from check_azure(facts.azure)
    if not gates and not any((gitlab_gates(file) or azure_gates(file)) for file in others):
        yield Ailment("files", "fail", "no CI file here runs `snitch gate`", "snitch init --ci github")
    started = [each for job in gates for each in (job.workflow, *started_by(job, facts.workflows))]
    privileged = any(each.triggers.keys() & set(PRIVILEGED) for each in started)
    for path in sorted({each.file.path for each in started} & (facts.differing or frozenset())):
        if privileged:
            message = f"{path}: not as it stands on {facts.default_branch}, and that is the one that runs"
            yield Ailment("files", "warn", message, f"merge it into {facts.default_branch}")


def _event(facts: CiFacts) -> Iterator[Ailment]:
    if facts.event_fault:
        message = f"what set off this run cannot be told: {facts.event_fault}"
        yield Ailment("event", "fail", message, "see the CI's variables")
    elif facts.advisory_event:
        message = f"set off by {facts.advisory_event}, whose author can edit what runs: this run is {ADVISORY}"
        yield Ailment("event", "fail", message, f"what binds, for each CI: {_PAGE}")


def _protection(facts: CiFacts) -> Iterator[Ailment]:
    """What the rules of the branch leave open."""
    protection = facts.protection
    if protection is None:
        return
    if not protection.needs_pull_request:
        message = "no rule asks for a pull request, so whoever may push needs none"
        yield Ailment("rules", "fail", message, "add the rule `Require a pull request before merging`")
    elif not protection.dismisses_stale_reviews:
        message = "an approval outlives the commit that it was given for"
        yield Ailment("rules", "warn", message, "set `Dismiss stale approvals when new commits are pushed`")
    if protection.needs_pull_request and not protection.needs_code_owner:
        message = "no review by a code owner is required, so CODEOWNERS only proposes reviewers"
        yield Ailment("rules", "fail", message, "set `Require review from Code Owners`")
    if protection.needs_pull_request and protection.approvals == 0 and facts.approvals:
        asked = ", ".join(f"`{name}` asks for {number}" for name, number in facts.approvals)
        message = f"no approving review is required, though the policy does: {asked}"
        yield Ailment("rules", "warn", message, "set `Required approvals` in the rules of that environment's branch")
    if not protection.blocks_force_pushes:
        message = "no rule forbids a forced push, which takes back what was judged and merged"
        yield Ailment("rules", "warn", message, "add the rule `Block force pushes`")
    if not protection.blocks_deletion:
        message = "no rule forbids to delete the branch, and with it what is deployed and who was asked"
        yield Ailment("rules", "warn", message, "add the rule `Restrict deletions`")
    for check in protection.checks:
        if check.app is None and any(job.may_be_called(check.name) for job in gate_jobs(facts.workflows)):
            message = f"the check `{check.name}` may come from anybody who can write a commit status"
            yield Ailment("rules", "warn", message, "choose GitHub Actions as its expected source")


def _merging(facts: CiFacts) -> Iterator[Ailment]:
    """Whether what lands is what was judged: the merge into the tip that the target has then."""
    protection = facts.protection
    if protection is None:
        if gate_jobs(facts.workflows):
            yield _unseen(facts)
        return
    if protection.has_queue:
        return  # What a queue has made is judged, and that very commit lands.
    if (protection.checks or protection.workflows) and not protection.is_strict:
        message = "a green check outlives the target's tip: what was merged since is not judged together with it"
        mend = "set `Require branches to be up to date before merging`, or require a merge queue"
        yield Ailment("merging", "fail", message, mend)
    if protection.allows_rebase:
        message = "rebase merging is allowed, and may land another tree than the merge that was judged"
        mend = "leave `Rebase` out of the allowed merge methods, or turn it off in the repository's settings"
        yield Ailment("merging", "fail", message, mend)
    elif protection.allows_rebase is None:
        message = "these rules do not say whether rebase merging is allowed; it may land another tree than was judged"
        mend = f"{_ASK} > repository.json; {_AGAIN} rules.json --rules repository.json"
        yield Ailment("merging", "warn", message, mend)


def _unseen(facts: CiFacts) -> Ailment:
    """What nobody has looked at without the rules of the branch."""
    mend = f"{_ASK}/rules/branches/main > rules.json; {_AGAIN} rules.json"
    if facts.required:
        message = "whether checks must be up to date, and how requests are merged, stands in no file here"
        return Ailment("merging", "warn", message, mend)
    message = "whether the check is required was not looked at, nor how requests are merged: it stands in no file here"
    return Ailment("rules", "warn", message, f"hand over the branch's rules with --rules: {mend}")


def _publishing(facts: CiFacts) -> Iterator[Ailment]:
    """Who publishes only after a green gate never tells why one was red."""
    for workflow in facts.workflows:
        for job in jobs_of(workflow):
            publishes = any("snitch publish" in str(step.get("run", "")) for step in job.steps)
            if publishes and "success" in str(job.data.get("if", "")):
                message = f"{job.at('if', key=True)}: a red gate's result is never published"
                yield Ailment("job", "warn", message, "remove `if`")


def _owners(facts: CiFacts) -> Iterator[Ailment]:
    owners = facts.owners
    if facts.azure is not None and facts.gitlab is None and not facts.workflows:
        return  # Azure knows no code owners; its branch policies name reviewers.
    if owners.path is None:
        message = "there is no CODEOWNERS: a change of the gate is reviewed by just anybody"
        yield Ailment("owners", "fail", message, f"name owners of /{POLICY}, /{BENCHMARKS}/ and /.github/ in one")
        return
    if owners.fault:
        yield Ailment("owners", "fail", f"{owners.path} {owners.fault}", "shorten it")
        return
    gates = [job.file.path for job in gate_jobs(facts.workflows)]
    if facts.gitlab is not None and gitlab_gates(facts.gitlab):
        gates.append(GITLAB)
    free = [path for path in dict.fromkeys((*facts.guarded, *gates)) if not owners.owns(path)]
    if free:
        message = f"{owners.path} gives no owner to {', '.join(free)}"
        yield Ailment("owners", "fail", message, "name who answers for the rules, not who trains the models")
    if owners.examples:
        message = f"{owners.path} names the template's examples, who are nobody: {', '.join(owners.examples)}"
        yield Ailment("owners", "warn", message, f"put users or teams of your own in place of {EXAMPLE_OWNER}")


def _policy(facts: CiFacts) -> Iterator[Ailment]:
    if facts.approvers is None:
        yield Ailment("policy", "fail", "the policy is not valid", "snitch doctor says what is wrong with it")
    elif not facts.approvers:
        message = "the policy names no `gate.approvers`: a change of policy, benchmarks or workflows stays blocked"
        yield Ailment("policy", "warn", message, "gate: {approvers: [LOGIN]} in snitch.yaml")
    elif EXAMPLE_APPROVER in facts.approvers:
        message = (
            f"`gate.approvers` names `{EXAMPLE_APPROVER}`, the template's example: whoever has that login approves"
        )
        yield Ailment("policy", "warn", message, "put a login of your own in its place in snitch.yaml")
