"""`model.yaml`: the manifest, what a model says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from snitch.formats.scalars import Count, Duration, Name, SemVer, Text

Task = Literal[
    "binary-classification", "multiclass-classification", "regression", "ranking", "text-generation", "other"
]
ColumnType = Literal["boolean", "integer", "long", "float", "double", "string", "binary", "datetime"]


class Owner(Struct, frozen=True, forbid_unknown_fields=True):
    """A person or team who answers for the model, and how to reach them."""

    name: str | None = None
    contact: str | None = None


class TrainingData(Struct, frozen=True, forbid_unknown_fields=True):
    """A dataset the model was trained on, pinned by revision, and the days it covers."""

    name: Text
    revision: str | None = None
    start: date | None = None
    end: date | None = None
    rows: Count | None = None
    profile: Text | None = None


class Training(Struct, frozen=True, forbid_unknown_fields=True):
    """How the model was trained: code, hyperparameters, seed, data."""

    code: Text | None = None
    params: Text | None = None
    seed: int | None = None
    duration: Duration | None = None
    data: tuple[TrainingData, ...] = ()


class Column(Struct, frozen=True, forbid_unknown_fields=True):
    """A column of the signature, in MLflow's types."""

    name: Text
    type: ColumnType
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    enum: tuple[Any, ...] | None = None


class Signature(Struct, frozen=True, forbid_unknown_fields=True):
    """What goes into the model and what comes out."""

    inputs: tuple[Column, ...] = ()
    outputs: tuple[Column, ...] = ()


class Release(Struct, frozen=True, forbid_unknown_fields=True):
    """Why this version exists and how it is rolled out; for the registry."""

    hypothesis: str | None = None
    decision: str | None = None
    rollout: tuple[Annotated[float, Meta(ge=0, le=100)], ...] = ()
    rollback_to: SemVer | None = None


class Manifest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`model.yaml`: the manifest of one model."""

    name: Name
    version: SemVer
    description: Text
    license: Text
    task: Task
    library_name: Text
    weights: Annotated[tuple[Text, ...], Meta(min_length=1)]
    owners: tuple[Owner, ...] = ()
    architecture: str | None = None
    dependencies: Text | None = None
    decision_threshold: float | None = None
    predict: Annotated[tuple[Text, ...], Meta(min_length=1)] | None = None
    cases: Text | None = None
    training: Training | None = None
    signature: Signature | None = None
    release: Release | None = None
    metadata: dict[str, Any] | None = None

    @property
    def named_files(self) -> Iterator[tuple[str, str]]:
        """Every file that the manifest names: the JSON pointer to where, and the path relative to the manifest."""
        for index, weights in enumerate(self.weights):
            yield f"/weights/{index}", weights
        training = self.training or Training()
        for pointer, name in (
            ("/dependencies", self.dependencies),
            ("/cases", self.cases),
            ("/training/code", training.code),
            ("/training/params", training.params),
        ):
            if name is not None:
                yield pointer, name
        for index, data in enumerate(training.data):
            if data.profile is not None:
                yield f"/training/data/{index}/profile", data.profile
