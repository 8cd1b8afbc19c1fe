"""The notifier that the examples' platform defines: it writes down what it would tell."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

try:
    from airflow.sdk.bases.notifier import BaseNotifier
except ImportError:  # Airflow 2
    from airflow.notifications.basenotifier import BaseNotifier

NOTES = "FREEHOLD_NOTES"
"""The environment variable that names the file of what was told."""


class Post(BaseNotifier):
    """Posts `text` to `channel`."""

    template_fields = ("text",)

    def __init__(self, *, channel: str, text: str, **kwargs: Any) -> None:
        """Takes what a platform would write in `with`."""
        super().__init__(**kwargs)
        self.channel = channel
        self.text = text

    def notify(self, context: Any) -> None:
        """Tells, when a run or a task is done."""
        with Path(os.environ[NOTES]).open("a", encoding="utf-8") as notes:
            notes.write(f"{self.channel} {self.text}\n")

    async def async_notify(self, context: Any) -> None:
        """Tells, when a deadline is missed."""
        self.notify(context)
