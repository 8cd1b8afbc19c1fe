"""What the proof found: failures with the place they are about, and counts of what was looked at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Report:
    """Collects failures; the proof goes on after one, so that a run tells all of them."""

    failures: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def fail(self, where: str, what: str) -> None:
        """Notes that `what` is wrong at `where`; further lines of `what` are indented under it."""
        self.failures.append(f"{where}: " + what.rstrip().replace("\n", "\n    "))

    def count(self, what: str, number: int = 1) -> None:
        """Adds to the number of `what` that were looked at."""
        self.counts[what] += number

    def summary(self) -> str:
        """`39 DAGs, 211 tasks`, in the order in which they were first counted."""
        return ", ".join(f"{number} {what}" for what, number in self.counts.items())
