"""Takes the version from Cargo.toml, the only place where it stands."""

import re
from pathlib import Path

from setuptools import setup

manifest = Path(__file__).with_name("Cargo.toml").read_text(encoding="utf-8")
version = re.search(r'^version = "([^"]+)"', manifest, re.MULTILINE)[1]
setup(version=version, install_requires=[f"freehold=={version}"], py_modules=[])
