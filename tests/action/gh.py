#!/usr/bin/env python3
"""A `gh` that answers from a folder, `$GH_FAKE`, and writes down there what it was asked to change."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

FAKE = Path(os.environ["GH_FAKE"])


def option(name: str) -> str:
    """The value behind an option."""
    return sys.argv[sys.argv.index(name) + 1]


def main() -> int:
    """Does what of `gh` the action uses."""
    words = sys.argv[1:3]
    if words in (["release", "download"], ["run", "download"]):
        source = FAKE / words[0]
        names = [option("--pattern")] if words[0] == "release" else [entry.name for entry in source.iterdir()]
        target = Path(option("--dir"))
        target.mkdir(parents=True, exist_ok=True)
        for name in names:
            if not (source / name).exists():
                return 1
            shutil.copy(source / name, target / name, follow_symlinks=False)
        return 0
    if words == ["attestation", "verify"]:
        (FAKE / "proved.json").write_text(json.dumps(sys.argv[3:]))
        return int((FAKE / "forged").exists())
    if "--method" in sys.argv:
        denied = FAKE / "denied"
        if denied.exists() and denied.read_text() == sys.argv[4]:
            return 1
        asked = {
            "method": option("--method"),
            "path": sys.argv[4],
            "body": json.loads(Path(option("--input")).read_text())["body"],
        }
        (FAKE / "written.json").write_text(json.dumps(asked))
        return 0
    path = next(word for word in sys.argv[2:] if word.startswith("repos/")).split("?")[0]
    answer = FAKE / (path.replace("/", "_") + ".json")
    if not answer.is_file():
        return 1
    value = json.loads(answer.read_text())
    if "--jq" in sys.argv:
        for key in option("--jq").strip(".").split("."):
            value = value[key]
        print(value)
    else:
        print(json.dumps(value))
    return 0


sys.exit(main())
