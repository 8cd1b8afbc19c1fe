"""`jq` from its library, for machines without the program: as far as the action, and its tests, use it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import jq


def main() -> int:
    """Writes what the filter makes of the input."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("-r", action="store_true")
    parser.add_argument("-n", action="store_true")
    parser.add_argument("-e", action="store_true")
    parser.add_argument("-f")
    for option in ("--arg", "--argjson", "--rawfile"):
        parser.add_argument(option, nargs=2, action="append", default=[])
    parser.add_argument("rest", nargs="*")
    asked = parser.parse_intermixed_args()
    given = dict(asked.arg)
    given |= {name: json.loads(text) for name, text in asked.argjson}
    given |= {name: Path(path).read_text(encoding="utf-8") for name, path in asked.rawfile}
    program = Path(asked.f).read_text(encoding="utf-8") if asked.f else asked.rest.pop(0)
    filtered = jq.compile(program, args=given)
    if asked.n:
        found = filtered.input_value(None)
    else:
        found = filtered.input_text(
            "".join(Path(path).read_text(encoding="utf-8") for path in asked.rest) or sys.stdin.read()
        )
    last = None
    for last in found:
        print(last if asked.r and isinstance(last, str) else json.dumps(last, indent=2, ensure_ascii=False))
    return 1 if asked.e and last in (None, False) else 0


if __name__ == "__main__":
    sys.exit(main())
