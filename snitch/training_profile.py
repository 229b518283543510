"""The training profiles that a manifest names, as a snapshot holds them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from snitch.documents import Problem, Unreadable
from snitch.finding import Broken
from snitch.formats.manifest import TrainingData
from snitch.formats.profile import Profile, profile_faults
from snitch.model import Model
from snitch.snapshot import UnreadableFile
from snitch.source import File, Source, unreadable


class NamedProfile(Struct, frozen=True):
    """A profile that the manifest names: of which of its training data, and where it lies."""

    index: int
    data: TrainingData
    file: File

    @property
    def profile(self) -> Profile:
        """The profile.

        Raises:
            Unreadable: it is none, with every cause.
            Broken: its content cannot be had.
        """
        try:
            return read_profile(self.file.source, self.file.path)
        except UnreadableFile as error:
            raise unreadable(error) from None

    @property
    def sound(self) -> Profile:
        """The profile, where another rule tells what is wrong with it.

        Raises:
            Broken: it is none, which `drifted-feature` tells, or its content cannot be had.
        """
        try:
            return self.profile
        except Unreadable:
            raise Broken(f"{self.file.path} is not valid", reported_by="DAT004", path=self.file.path) from None


def named_profiles(model: Model) -> Iterator[NamedProfile]:
    """The profiles that a model's manifest names.

    Raises:
        Broken: the manifest is not valid, or a profile is not in the tree.
    """
    training = model.manifest.training
    for index, data in enumerate(training.data if training is not None else ()):
        if data.profile is not None:
            path = model.resolve(data.profile)
            if path not in model.repository.snapshot:
                raise Broken(f"{path} is not in the tree", reported_by="MET007", path=path)
            yield NamedProfile(index, data, File(model.repository, path))


def read_profile(source: Source, path: str) -> Profile:
    """The profile in a file of a snapshot.

    Raises:
        KeyError, UnreadableFile: there is no such file, or its content cannot be had.
        Unreadable: it is no profile, with every cause.
    """
    profile = source.decoded(path, Profile)
    document = source.document(path)
    faults = [Problem(pointer, told, span=document.locate(pointer)) for pointer, told in profile_faults(profile)]
    if faults:
        raise Unreadable(path, tuple(faults[:_MOST]))
    return profile


#: Nobody mends more at once.
_MOST = 20
