"""Makes a release's archive from a wheel: what users of the wheel and of the archive run is one and the same program.

    python archive.py WHEEL TARGET OUT

writes `freehold-<version>-<target>.tar.gz` with the program, the licence, manual pages and completions, its SHA-256
checksum beside it, and the software bill of materials as `freehold-<version>-<target>.cyclonedx.json`. Archives of the
same wheel are the same bytes.
"""

import gzip
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHELLS = ("bash", "zsh", "fish", "elvish", "powershell")


def archive(wheel: Path, target: str, out: Path) -> Path:
    """The archive's path."""
    version = wheel.name.split("-")[1]
    name = f"freehold-{version}-{target}"
    out.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as held:
        program = next(path for path in held.namelist() if "/scripts/freehold" in path)
        materials = next(path for path in held.namelist() if path.endswith(".cyclonedx.json"))
        (out / f"{name}.cyclonedx.json").write_bytes(held.read(materials))
        files = {Path(program).name: (held.read(program), 0o755)}
    files["LICENSE"] = ((ROOT / "LICENSE").read_bytes(), 0o644)
    files["README.md"] = ((ROOT / "README.md").read_bytes(), 0o644)
    files |= said_by_itself(*files[Path(program).name], Path(program).name)
    packed = out / f"{name}.tar.gz"
    packed.write_bytes(gzip.compress(tape(name, files), mtime=0))
    digest = hashlib.sha256(packed.read_bytes()).hexdigest()
    (out / f"{packed.name}.sha256").write_text(f"{digest}  {packed.name}\n", newline="\n")
    return packed


def tape(folder: str, files: dict[str, tuple[bytes, int]]) -> bytes:
    """Files, each with its mode, as a tar file."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, (content, mode) in sorted(files.items()):
            entry = tarfile.TarInfo(f"{folder}/{path}")
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return held.getvalue()


def said_by_itself(content: bytes, mode: int, name: str) -> dict[str, tuple[bytes, int]]:
    """Manual pages and completions, which the program writes."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, name)
        program.write_bytes(content)
        program.chmod(mode)
        files = {}
        for shell in SHELLS:
            said = subprocess.run([program, "completions", shell], check=True, stdout=subprocess.PIPE).stdout
            files[f"completions/freehold.{shell}"] = (said, 0o644)
        pages = Path(folder, "man")
        subprocess.run([program, "--quiet", "man", "--out", pages], check=True)
        for page in pages.iterdir():
            files[f"man/{page.name}"] = (page.read_bytes(), 0o644)
        return files


if __name__ == "__main__":
    print(archive(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
