"""Times what somebody waits for who edits workflows: diagnostics after a keystroke, and the hook before a commit.

    python3 benches/editor.py [--freehold target/release/freehold] [--workflows 1000] [--tasks 5000]

First comes one workflow with so many tasks, alone in its project, then a project of so many workflows of four tasks;
each has a central repository beside it. A cold run is one after the system's caches were dropped, which takes root on
Linux.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

HEAD = (
    "workflow: {name}\nschedule: {{ preset: daily }}\nstart_date: 2026-01-01\n"
    "defaults: {{ image: registry.example.com/x:1 }}\ntasks:\n"
)
CHAIN = "  a: { args: [a] }\n  b: { needs: [a] }\n  c: { needs: [b] }\n  d: { needs: [c] }\n"
FAULT = "  last: { needs: [nobody] }\n"
ROUNDS = 15
CACHES = pathlib.Path("/proc/sys/vm/drop_caches")


def write(path, text):
    """Write a file and the folders that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def project(folder, workflows):
    """A project of these workflows by their names, and a central repository that grants it its place."""
    write(folder / "dags/platform.yaml", 'platform: acme\ntarget: { airflow: "3.1" }\n')
    write(folder / "dags/teams/churn.yaml", "team: churn\nmembers: [ada]\n")
    git = ["git", "-C", str(folder / "dags"), "-c", "user.name=b", "-c", "user.email=b@localhost"]
    for command in (["init", "--quiet", "--initial-branch=main"], ["add", "--all"], ["commit", "--quiet", "-m", "x"]):
        subprocess.run([*git, *command], check=True)
    write(folder / "churn/freehold.yaml", "team: churn\nsource: models\ncentral: ../dags\n")
    for name, tasks in workflows.items():
        write(folder / f"churn/workflows/{name}.yaml", HEAD.format(name=name) + tasks)
    return folder / "churn"


class Editor:
    """A language server with one file open."""

    def __init__(self, freehold, file):
        """Start it and wait for it to be there."""
        self.uri, self.text, self.version = file.as_uri(), file.read_text(), 1
        pipe = subprocess.PIPE
        self.server = subprocess.Popen([freehold, "lsp"], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        self.send("initialize", {"capabilities": {}, "rootUri": None, "processId": None}, id=1)
        while self.receive().get("id") != 1:
            pass
        self.send("initialized", {})
        document = {"uri": self.uri, "languageId": "yaml", "version": 1, "text": self.text}
        self.send("textDocument/didOpen", {"textDocument": document})

    def send(self, method, params, **more):
        """One message."""
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.server.stdin.flush()

    def receive(self):
        """The next message."""
        length = 0
        while (line := self.server.stdout.readline().strip()) != b"":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return json.loads(self.server.stdout.read(length))

    def type(self, text, has_fault):
        """Seconds from a change to the diagnostics that follow from it."""
        self.version += 1
        started = time.perf_counter()
        document = {"uri": self.uri, "version": self.version}
        self.send("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        while True:
            message = self.receive()
            params = message.get("params", {})
            if message.get("method") != "textDocument/publishDiagnostics" or params["uri"] != self.uri:
                continue
            if any(found["code"] == "FH0304" for found in params["diagnostics"]) == has_fault:
                return time.perf_counter() - started

    def times(self):
        """Of keystrokes that bring a fault, and take it away."""
        return [self.type(self.text + (FAULT if at % 2 == 0 else ""), at % 2 == 0) for at in range(ROUNDS * 2)][2:]


def keystrokes(freehold, file, what):
    """Print how long one takes."""
    editor = Editor(freehold, file)
    show(f"keystroke to diagnostics, {what}", editor.times())
    editor.server.kill()


def hook(freehold, folder, is_cold):
    """Seconds of the hook for one file."""
    if is_cold:
        subprocess.run(["sync"], check=True)
        CACHES.write_text("3\n")
    started = time.perf_counter()
    command = [freehold, "check", "--skip-foreign", "workflows/w1.yaml"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - started


def show(what, times):
    """Print the median and the slowest."""
    print(
        f"{what}: median {statistics.median(times) * 1000:.0f} ms, slowest {max(times) * 1000:.0f} ms of {len(times)}"
    )


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--freehold", default="target/release/freehold")
    parser.add_argument("--workflows", type=int, default=1000)
    parser.add_argument("--tasks", type=int, default=5000)
    given = parser.parse_args()
    freehold = str(pathlib.Path(given.freehold).resolve())
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name).resolve()
        tasks = "".join(f"  t{at}: {{ args: [run, '{at}'] }}\n" for at in range(given.tasks))
        large = project(place / "large", {"w0": tasks})
        keystrokes(freehold, large / "workflows/w0.yaml", f"a workflow of {given.tasks:,} tasks")
        many = project(place / "many", {f"w{at}": CHAIN for at in range(given.workflows)})
        keystrokes(freehold, many / "workflows/w1.yaml", f"a project of {given.workflows:,} workflows")
        show("hook for one file of it, warm", [hook(freehold, many, is_cold=False) for _ in range(ROUNDS)])
        try:
            show("hook for one file of it, cold", [hook(freehold, many, is_cold=True) for _ in range(5)])
        except OSError as error:
            print(f"hook for one file of it, cold: not measured, caches cannot be dropped ({error.strerror})")


if __name__ == "__main__":
    main()
