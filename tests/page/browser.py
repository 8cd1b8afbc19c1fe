"""Unpacks the browser that `package-lock.json` names, from the package in which it comes.

python browser.py PACKAGES FOLDER
"""

import io
import sys
import tarfile
from pathlib import Path
from xml.sax.saxutils import escape

import brotli

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}/fonts</dir>
  <cachedir>{folder}/fonts-cache</cachedir>
</fontconfig>
"""


def unpack(packages: Path, folder: Path) -> None:
    """Write the program, and what a machine without a desktop does not have: libraries and a font."""
    source = packages / "@sparticuz" / "chromium" / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "chromium"
    program.write_bytes(brotli.decompress((source / "chromium.br").read_bytes()))
    program.chmod(0o755)
    for name in ("al2023", "fonts"):
        archive = io.BytesIO(brotli.decompress((source / f"{name}.tar.br").read_bytes()))
        with tarfile.open(fileobj=archive) as members:
            members.extractall(folder, filter="data")

    # The one in the package names folders of the machine that it was made for, and a browser without any font ends.
    (folder / "fonts.conf").write_text(FONTS.format(folder=escape(str(folder.resolve()))), encoding="utf-8")


if __name__ == "__main__":
    unpack(Path(sys.argv[1]), Path(sys.argv[2]))
