"""An operator that the examples' platform allows: it writes down what it was given.

So a run shows what became of it.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from acme_alerts import NOTES

try:
    from airflow.sdk import BaseOperator
except ImportError:  # Airflow 2
    from airflow.models.baseoperator import BaseOperator


class Note(BaseOperator):
    """Notes `text` with lengths of time, a moment and an asset; only Python's own types can be written down."""

    template_fields = ("text",)

    def __init__(self, *, text: str, since: datetime, about: Any, windows: dict[str, timedelta], **kwargs: Any) -> None:
        """Takes what a workflow would write in `with`."""
        super().__init__(**kwargs)
        self.text = text
        self.since = since
        self.about = about
        self.windows = windows

    def execute(self, context: Any) -> None:
        """Writes it down."""
        windows = ", ".join(f"{name} {window.total_seconds():.0f} s" for name, window in self.windows.items())
        with Path(os.environ[NOTES]).open("a", encoding="utf-8") as notes:
            notes.write(f"{self.text} since {self.since.isoformat()} about {self.about.uri}: {windows}\n")
