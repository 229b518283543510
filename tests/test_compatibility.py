"""What differs between two versions of a model, and how much of a bump it is worth."""

from __future__ import annotations

import pytest

from snitch.compatibility import Difference, Size, changes_between, incompatibilities, raised_by
from snitch.finding import Broken
from snitch.formats.manifest import Column, Signature
from snitch.formats.scalars import Version
from snitch.model import Model
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from tests.judging import FOLDER, MANIFEST, SPOTLESS, Files, edit, without

PARAMETERS, WEIGHTS = f"{FOLDER}/params.yaml", f"{FOLDER}/model.skops"
_TRAINING = str(SPOTLESS[MANIFEST]).partition("training:\n")[2].partition("signature:")[0]
UNTRAINED = edit(SPOTLESS, MANIFEST, f"training:\n{_TRAINING}", "")


def differences(candidate: Files, deployed: Files) -> list[Difference]:
    sides = [Model(Repository(MemorySnapshot(files)), FOLDER) for files in (candidate, deployed)]
    return list(changes_between(*sides))


def reasons(old: Column, new: Column) -> list[str]:
    return list(incompatibilities(Signature((old,)), Signature((new,))))


class TestColumns:
    """What a column accepts may grow and must not shrink."""

    @pytest.mark.parametrize(
        ("old", "new", "reason"),
        [
            (Column("x", "double", required=False), Column("x", "double"), "input x is required now"),
            (Column("x", "double"), Column("x", "double", minimum=0), "the minimum of input x rose"),
            (Column("x", "double", minimum=0), Column("x", "double", minimum=1), "the minimum of input x rose"),
            (Column("x", "double"), Column("x", "double", maximum=1), "the maximum of input x fell"),
            (Column("x", "double", maximum=2), Column("x", "double", maximum=1), "the maximum of input x fell"),
            (Column("x", "string"), Column("x", "string", enum=("a",)), "input x takes fewer values"),
            (Column("x", "string", enum=("a", "b")), Column("x", "string", enum=("b",)), "input x takes fewer values"),
        ],
    )
    def test_less_is_accepted(self, old: Column, new: Column, reason: str) -> None:
        assert reasons(old, new) == [reason]
        assert reasons(new, old) == []

    @pytest.mark.parametrize(
        "column",
        [
            Column("x", "double"),
            Column("x", "double", required=False),
            Column("x", "double", minimum=0, maximum=1),
            Column("x", "string", enum=("a", "b")),
        ],
    )
    def test_as_much_is_accepted(self, column: Column) -> None:
        assert reasons(column, column) == []


class TestSignatures:
    SIGNATURE = Signature((Column("x", "double"),), (Column("y", "double"),))

    def test_without_an_old_one_nobody_was_promised_anything(self) -> None:
        assert list(incompatibilities(None, self.SIGNATURE)) == []

    def test_without_a_new_one_everything_is_gone(self) -> None:
        assert list(incompatibilities(self.SIGNATURE, None)) == ["input x is gone", "output y is gone"]

    def test_another_output_breaks_nobody(self) -> None:
        more = Signature(self.SIGNATURE.inputs, (*self.SIGNATURE.outputs, Column("z", "double")))
        assert list(incompatibilities(self.SIGNATURE, more)) == []


class TestChanges:
    def test_nothing_differs(self) -> None:
        assert differences(SPOTLESS, SPOTLESS) == []

    def test_nothing_differs_without_training(self) -> None:
        assert "training" not in UNTRAINED[MANIFEST]
        assert differences(UNTRAINED, UNTRAINED) == []

    @pytest.mark.parametrize(
        ("path", "difference"),
        [
            (PARAMETERS, Difference("the parameters", Size.PATCH)),
            (WEIGHTS, Difference("the weights", Size.MINOR)),
        ],
        ids=["parameters", "weights"],
    )
    def test_a_file_that_only_the_deployed_model_lacks_differs(self, path: str, difference: Difference) -> None:
        assert differences(SPOTLESS, without(SPOTLESS, path)) == [difference]
        with pytest.raises(Broken):
            differences(without(SPOTLESS, path), SPOTLESS)

    def test_another_threshold_makes_another_model(self) -> None:
        other = edit(SPOTLESS, MANIFEST, "decision_threshold: 0.42", "decision_threshold: 0.99")
        assert differences(other, SPOTLESS) == [Difference("the decision threshold", Size.PATCH)]

    def test_so_does_other_code_that_predicts(self) -> None:
        command = "decision_threshold: 0.42\npredict: [python, predict.py]"
        files = edit(SPOTLESS, MANIFEST, "decision_threshold: 0.42", command)
        files |= {f"{FOLDER}/predict.py": "print(1)\n"}
        other = files | {f"{FOLDER}/predict.py": "print(0)\n"}
        assert differences(other, files) == [Difference("the prediction code (predict.py)", Size.PATCH)]

    def test_an_architecture_that_was_not_told_before_is_no_other_one(self) -> None:
        untold = edit(SPOTLESS, MANIFEST, "architecture: HistGradientBoostingClassifier\n", "")
        assert differences(SPOTLESS, untold) == []
        assert differences(untold, SPOTLESS) == [Difference("architecture", Size.MAJOR, counts=False)]


@pytest.mark.parametrize(
    ("old", "new", "size"),
    [
        ("1.4.0", "1.4.0", Size.NONE),
        ("1.4.0", "1.4.0+7", Size.NONE),
        ("1.4.0", "1.4.1", Size.PATCH),
        ("1.4.0", "1.5.0", Size.MINOR),
        ("1.4.3", "2.0.0", Size.MAJOR),
        ("2.0.0-rc.1", "2.0.0", Size.MAJOR),
        ("2.1.0-rc.1", "2.1.0-rc.2", Size.MINOR),
        ("2.1.1-rc.1", "2.1.1", Size.PATCH),
        ("2.1.0-rc.1", "2.1.1", Size.PATCH),
    ],
)
def test_the_part_that_was_raised(old: str, new: str, size: Size) -> None:
    assert raised_by(Version(old), Version(new)) == size
