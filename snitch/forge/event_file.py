"""The file in which a CI tells of the event that set it off: bounded, strict, each error with the JSON pointer."""

from __future__ import annotations

from typing import TypeVar

from snitch.documents import Unreadable, join_pointer, read_document
from snitch.forge.request import InvalidEvent

Kind = TypeVar("Kind", str, int, bool)

_WORDS = {str: "text", int: "a number", bool: "true or false"}


class EventObject:
    """A JSON object and the pointer to it; what is asked of it must be there, and of the kind asked for.

    Every method raises InvalidEvent.
    """

    def __init__(self, data: dict[str, object], pointer: str = "") -> None:
        self._data = data
        self.pointer = pointer

    def text(self, key: str) -> str:
        return self._value(key, str)

    def number(self, key: str) -> int:
        """A whole number above zero, as every id is."""
        number = self._value(key, int)
        if not 0 < number < 10**18:
            raise InvalidEvent(self.where(key), f"{number if abs(number) < 10**18 else 'this'} is not a number above 0")
        return number

    def flag_or_false(self, key: str) -> bool:
        """What older servers leave out."""
        return False if self._data.get(key) is None else self._value(key, bool)

    def object(self, key: str) -> EventObject:
        found = self.object_or_none(key)
        if found is None:
            raise InvalidEvent(self.where(key), "is missing" if key not in self._data else "is null")
        return found

    def object_or_none(self, key: str) -> EventObject | None:
        """None where it is null, as what was deleted since is, or absent."""
        data = self._data.get(key)
        if data is not None and not isinstance(data, dict):
            raise InvalidEvent(self.where(key), "is not an object")
        return None if data is None else EventObject(data, self.where(key))

    def objects(self, key: str) -> list[EventObject]:
        """The objects of a list; none where it is absent."""
        data = self._data.get(key, [])
        if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
            raise InvalidEvent(self.where(key), "is not a list of objects")
        return [EventObject(each, f"{self.where(key)}/{index}") for index, each in enumerate(data)]

    def where(self, key: str) -> str:
        """The JSON pointer of a member."""
        return self.pointer + join_pointer(key)

    def _value(self, key: str, kind: type[Kind]) -> Kind:
        value = self._data.get(key)
        if value is None:
            raise InvalidEvent(self.where(key), "is missing" if key not in self._data else "is null")
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise InvalidEvent(self.where(key), f"is not {_WORDS[kind]}")
        return value


def read_event(variable: str, content: bytes) -> EventObject:
    """The event in a file that a variable names.

    Raises:
        InvalidEvent: it is too large, or not one JSON object without duplicate keys.
    """
    try:
        data = read_document("event.json", content).data
    except Unreadable as error:
        problem = error.problems[0]
        place = f" (line {problem.span.line}, column {problem.span.column})" if problem.span else ""
        raise InvalidEvent(variable, f"the event file {problem.as_predicate}{place}") from None
    if not isinstance(data, dict):
        raise InvalidEvent(variable, "the event file does not hold an object")
    return EventObject(data)
