"""Times `freehold verify` for a change of one workflow in central repositories of several sizes.

    python3 benches/verify.py [--freehold target/release/freehold] [SIZE]...

Sizes are in workflows: 100, 10000 and 100000 unless some are given. One team is real and has ten workflows; the others
are filler of the same shape, a hundred workflows each, which the verifier must never look at.
"""

import argparse
import pathlib
import statistics
import subprocess
import tempfile
import time

WORKFLOW = (
    "workflow: {name}\ndefaults: {{ image: registry.example.com/x:1 }}\ntasks: {{ hello: {{ args: [{word}] }} }}\n"
)
ROUNDS = 15


def git(folder, *arguments, data=None):
    """Run git in a folder and give what it says."""
    command = ["git", "-C", str(folder), "-c", "user.name=b", "-c", "user.email=b@localhost", *arguments]
    return subprocess.run(command, input=data, check=True, capture_output=True).stdout.decode().strip()


def write(folder, path, text):
    """Write a file and the folders that it needs."""
    full = folder / path
    full.parent.mkdir(parents=True, exist_ok=True)
    full.write_text(text)


def real(folder, freehold):
    """A repository with one team, and the ids of two commits that differ in one workflow."""
    git(folder.parent, "init", "--quiet", "--initial-branch=main", str(folder))
    write(folder, "platform.yaml", 'platform: acme\ntarget: { airflow: "3.1" }\n')
    write(folder, "teams/real.yaml", "team: real\nmembers: [ada]\n")
    write(folder, "sources/real/own/freehold.yaml", "team: real\nsource: own\n")
    ids = []
    for word in ("hello", "bye"):
        for at in range(10):
            text = WORKFLOW.format(name=f"w{at}", word=word if at == 0 else "hello")
            write(folder, f"sources/real/own/workflows/w{at}.yaml", text)
        subprocess.run([freehold, "compile", str(folder)], check=True, capture_output=True)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", word)
        ids.append(git(folder, "rev-parse", "HEAD"))
    return ids


def fill(folder, ids, size):
    """The same two commits with filler beside the real team."""
    teams = range(max(0, (size - 10) // 100))
    files = [
        path
        for team in teams
        for path in (f"teams/t{team}.yaml", f"sources/t{team}/s/freehold.yaml", f"sources/t{team}/s/freehold.lock")
    ]
    for team in teams:
        for at in range(100):
            files += [f"sources/t{team}/s/workflows/w{at}.yaml", f"dags/t{team}/w{at}.py"]
    stream = ["blob\nmark :1\ndata 7\nfiller\n\n"]
    stream.append(f"commit refs/heads/base\nmark :2\ncommitter b <b@localhost> 0 +0000\ndata 4\nbase\nfrom {ids[0]}\n")
    stream += [f"M 100644 :1 {path}\n" for path in files]
    stream.append("\ncommit refs/heads/head\ncommitter b <b@localhost> 0 +0000\ndata 4\nhead\nfrom :2\n")
    for line in git(folder, "diff-tree", "-r", *ids).splitlines():
        about, path = line.split("\t")
        stream.append(f"M 100644 {about.split()[3]} {path}\n")
    git(folder, "fast-import", "--quiet", data=("".join(stream) + "\n").encode())


def seconds(freehold, folder):
    """Time one verification."""
    command = [freehold, "verify", "--repo", str(folder), "--base", "base", "--head", "head", "--team", "real"]
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--freehold", default="target/release/freehold")
    parser.add_argument("sizes", nargs="*", type=int, default=[100, 10_000, 100_000])
    arguments = parser.parse_args()
    freehold = str(pathlib.Path(arguments.freehold).resolve())
    with tempfile.TemporaryDirectory() as temporary:
        folders = {}
        for size in arguments.sizes:
            folder = pathlib.Path(temporary) / str(size)
            fill(folder, real(folder, freehold), size)
            git(folder, "repack", "-adq")
            folders[size] = folder
        # One after another and again, so that a noisy moment meets all of them alike.
        times = {size: [] for size in folders}
        for _ in range(ROUNDS):
            for size, folder in folders.items():
                times[size].append(seconds(freehold, folder))
        first = statistics.median(next(iter(times.values())))
        for size, measured in times.items():
            median = statistics.median(measured)
            print(f"{size:>7} workflows: median {median * 1000:6.1f} ms, {median / first:.2f} times the first")


if __name__ == "__main__":
    main()
