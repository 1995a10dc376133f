"""Sets of strings a parameter can still have: finite, or all strings but some."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choices:
    """The strings in `values` (in order of declaration), or, when `others`, every string but those."""

    values: tuple[str, ...]
    others: bool = False

    @property
    def single(self) -> str | None:
        """The only string of the set, or None when it has more, or none."""
        return self.values[0] if not self.others and len(self.values) == 1 else None

    def __contains__(self, text: str) -> bool:
        return (text in self.values) is not self.others

    def only(self, text: str) -> Choices:
        """The part that is exactly `text`."""
        return Choices((text,))

    def without(self, texts: tuple[str, ...]) -> Choices:
        """The part that is none of `texts`."""
        if self.others:
            return Choices((*self.values, *(text for text in texts if text not in self.values)), others=True)
        return Choices(tuple(value for value in self.values if value not in texts))

    def union(self, other: Choices) -> Choices:
        """All strings of either."""
        if self.others and other.others:
            return Choices(tuple(value for value in self.values if value in other.values), others=True)
        if self.others:
            return Choices(tuple(value for value in self.values if value not in other.values), others=True)
        if other.others:
            return other.union(self)
        return Choices((*self.values, *(value for value in other.values if value not in self.values)))

    def meets(self, other: Choices) -> bool:
        """Whether some string is in both."""
        if self.others and other.others:
            return True
        if self.others:
            return any(value in self for value in other.values)
        return any(value in other for value in self.values)

    def same_as(self, other: Choices) -> bool:
        """Whether both hold the same strings, whatever their order."""
        return self.others is other.others and set(self.values) == set(other.values)


ANY_TEXT = Choices((), others=True)
TRUTH = Choices(("true", "false"))
