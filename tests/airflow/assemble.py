"""Lays out a central repository from example repositories, for one version of Airflow.

usage: assemble.py CENTRAL REPOSITORIES OUT AIRFLOW-VERSION

CENTRAL holds platform.yaml and teams/; each folder of REPOSITORIES (one or more) is a team's repository, with a
freehold.yaml and, for a team that CENTRAL does not know, a grant.yaml; one with refused/VERSION.txt is left out, as
that version does not have what it uses, and so is one with a platform.yaml: CENTRAL's is another policy. OUT gets the
former, with `target:` changed, and each of the latter as sources/<team>/<source>/. Prints the id of each DAG that
must come of it. Needs no library.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path


def main(central: Path, repositories: list[Path], out: Path, version: str) -> None:
    """Makes OUT anew."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(central, out)
    platform = out / "platform.yaml"
    text, changed = re.subn(
        r"(?m)^target:.*$", f'target: {{ airflow: "{version}" }}', platform.read_text(encoding="utf-8")
    )
    if changed != 1:
        sys.exit(f"{platform} has {changed} lines that begin with `target:`, not one")
    platform.write_text(text, encoding="utf-8")
    apart = shutil.ignore_patterns("golden", "refused", "grant.yaml", "runs.json")
    found = sorted(path for folder in repositories for path in folder.glob("*/freehold.yaml"))
    projects = [path for path in found if not (path.parent / "platform.yaml").exists()]
    for project in projects:
        if (project.parent / "refused" / f"{version}.txt").exists():
            continue
        place = out / "sources" / field(project, "team") / field(project, "source")
        shutil.copytree(project.parent, place, ignore=apart)
        print_ids(project, central)
    (out / "teams").mkdir(exist_ok=True)
    for grant in sorted(path for folder in repositories for path in folder.glob("*/grant.yaml")):
        shutil.copy(grant, out / "teams" / f"{field(grant, 'team')}.yaml")


def print_ids(project: Path, central: Path) -> None:
    """Prints the ids of a project's workflows; a YAML file without `workflow:` is data that a workflow names."""
    own, known = project.parent / "grant.yaml", central / "teams" / f"{field(project, 'team')}.yaml"
    grant = own if own.exists() else known
    granted, adopted = granted_ids(grant), adopted_ids(grant)
    for path in sorted(project.parent.glob("workflows/**/*.y*ml")):
        if found := re.search(r"(?m)^workflow:\s*(\S+)", path.read_text(encoding="utf-8")):
            name = found.group(1)
            ids = adopted.get(name, [granted.get(name, f"{field(project, 'team')}__{name}")])
            print("\n".join(ids))


def granted_ids(grant: Path) -> dict[str, str]:
    """The ids that a grant gives, by workflow: the lines of two spaces below `dag_ids:`."""
    text = grant.read_text(encoding="utf-8") if grant.exists() else ""
    block = re.search(r"(?m)^dag_ids:\n((?:  .*\n)+)", text)
    return dict(re.findall(r"(?m)^  (\S+): (\S+)$", block.group(1))) if block else {}


def adopted_ids(grant: Path) -> dict[str, list[str]]:
    """The ids of hand-written files, by workflow: below `adopt:`, in lines of four spaces."""
    text = grant.read_text(encoding="utf-8") if grant.exists() else ""
    block = re.search(r"(?m)^adopt:\n((?:  .*\n)+)", text)
    found = re.findall(r"(?m)^  (\S+):\n(?:    .*\n)*?    dag_ids: \[(.*)\]$", block.group(1)) if block else []
    return {name: ids.split(", ") for name, ids in found}


def field(path: Path, name: str) -> str:
    """The value of a top-level field that is a plain name."""
    found = re.search(rf"(?m)^{name}:\s*([a-z0-9-]+)", path.read_text(encoding="utf-8"))
    return found.group(1) if found else sys.exit(f"{path} has no `{name}:`")


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    first, *folders, target, airflow = sys.argv[1:]
    main(Path(first), [Path(folder) for folder in folders], Path(target), airflow)
