"""As much of the Kubernetes API, on 127.0.0.1, as Airflow's pod operator uses: pods, their logs, `exec`, no events."""

from __future__ import annotations

import itertools
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import websocket
from .fake_pod import FakePod, now

_PATH = re.compile(
    r"/api/v1/namespaces/(?P<namespace>[^/]+)/(?P<kind>pods|events)(?:/(?P<name>[^/]+))?(?:/(?P<part>\w+))?"
)
_STDOUT, _STATUS = 1, 3


class FakeKubernetes:
    """A cluster of one node: this machine. Use it as a context manager; `seen` keeps every pod ever created."""

    def __init__(self, folder: Path, entrypoints: dict[str, list[str]]) -> None:
        """Pods' files go below `folder`; `entrypoints` says what images run."""
        self.folder = folder
        self.entrypoints = entrypoints
        self.live: dict[tuple[str, str], FakePod] = {}
        self.seen: list[FakePod] = []
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads = True
        self.server.cluster = self

    def __enter__(self) -> FakeKubernetes:
        """Starts to answer."""
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops to answer."""
        self.server.shutdown()
        self.server.server_close()

    def kube_config(self) -> str:
        """A kubeconfig that leads here, as JSON."""
        server = f"http://127.0.0.1:{self.server.server_port}"
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "fake",
                "clusters": [{"name": "fake", "cluster": {"server": server}}],
                "users": [{"name": "fake", "user": {}}],
                "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "fake"}}],
            }
        )

    def create(self, namespace: str, manifest: dict[str, Any]) -> FakePod | None:
        """Makes and starts a pod; `None` when there is one of that name."""
        with self.lock:
            metadata = manifest["metadata"]
            place = namespace, metadata["name"]
            if place in self.live:
                return None
            number = next(self.numbers)
            metadata.update(namespace=namespace, uid=f"uid-{number}", resourceVersion="1", creationTimestamp=now())
            pod = FakePod(manifest, self.folder / str(number), self.entrypoints)
            self.live[place] = pod
            self.seen.append(pod)
        pod.start()
        return pod

    def select(self, namespace: str, selector: str) -> list[FakePod]:
        """The pods of a namespace whose labels fit a label selector."""
        with self.lock:
            pods = [pod for (place, _), pod in self.live.items() if place == namespace]
        return [pod for pod in pods if _fits(pod.manifest["metadata"].get("labels") or {}, selector)]


def _fits(labels: dict[str, str], selector: str) -> bool:
    for term in filter(None, (term.strip() for term in selector.split(","))):
        if "!=" in term:
            name, _, value = term.partition("!=")
            good = labels.get(name) != value
        elif "=" in term:
            name, _, value = term.partition("=")
            good = labels.get(name) == value.lstrip("=")
        elif term.startswith("!"):
            good = term[1:] not in labels
        else:
            good = term in labels
        if not good:
            return False
    return True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """Reads a pod, a list, a log; upgrades to a WebSocket for `exec`."""
        kind, namespace, name, part, query = self._asked()
        if kind == "events":
            return self._answer(200, {"kind": "EventList", "apiVersion": "v1", "metadata": {}, "items": []})
        if kind != "pods":
            return self._refuse(404, "NotFound")
        if not name:
            pods = [pod.as_json() for pod in self._cluster.select(namespace, query.get("labelSelector", [""])[0])]
            return self._answer(200, {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": pods})
        pod = self._cluster.live.get((namespace, name))
        if pod is None:
            return self._refuse(404, "NotFound")
        if part == "log":
            return self._answer(200, pod.log(follow=query.get("follow", [""])[0].lower() == "true"))
        if part == "exec":
            return self._exec(pod, query["command"])
        return self._answer(200, pod.as_json())

    def do_POST(self) -> None:
        """Creates a pod."""
        kind, namespace, _, _, _ = self._asked()
        body = self._body()
        if kind != "pods":
            return self._refuse(404, "NotFound")
        pod = self._cluster.create(namespace, body)
        return self._answer(201, pod.as_json()) if pod else self._refuse(409, "AlreadyExists")

    def do_PATCH(self) -> None:
        """Changes a pod's labels."""
        _, namespace, name, _, _ = self._asked()
        body = self._body()
        pod = self._cluster.live.get((namespace, name))
        if pod is None:
            return self._refuse(404, "NotFound")
        pod.manifest["metadata"].setdefault("labels", {}).update(body.get("metadata", {}).get("labels") or {})
        return self._answer(200, pod.as_json())

    def do_DELETE(self) -> None:
        """Deletes a pod; the cluster goes on to remember that it has seen it."""
        _, namespace, name, _, _ = self._asked()
        self._body()
        pod = self._cluster.live.pop((namespace, name), None)
        return self._answer(200, pod.as_json()) if pod else self._refuse(404, "NotFound")

    @property
    def _cluster(self) -> FakeKubernetes:
        return self.server.cluster

    def _asked(self) -> tuple[str | None, str, str | None, str | None, dict[str, list[str]]]:
        url = urlsplit(self.path)
        found = _PATH.fullmatch(url.path)
        parts = found.group("kind", "namespace", "name", "part") if found else (None, "", None, None)
        return *parts, parse_qs(url.query)

    def _body(self) -> dict[str, Any]:
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")

    def _answer(self, code: int, content: dict[str, Any] | str) -> None:
        kind, text = ("text/plain", content) if isinstance(content, str) else ("application/json", json.dumps(content))
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def _refuse(self, code: int, reason: str) -> None:
        self._answer(code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code})

    def _exec(self, pod: FakePod, command: list[str]) -> None:
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", websocket.accept(self.headers["Sec-WebSocket-Key"]))
        self.send_header("Sec-WebSocket-Protocol", "v4.channel.k8s.io")
        self.end_headers()
        if "-c" in command:
            websocket.send(self.wfile, _STDOUT, pod.handed_over(command[-1]))
        else:
            # A shell that waits for input: the operator only ever types the command that kills the sidecar.
            websocket.receive(self.rfile)
            pod.stop_sidecar()
        websocket.send(self.wfile, _STATUS, b'{"status": "Success"}')
        websocket.close(self.wfile)
        self.close_connection = True
