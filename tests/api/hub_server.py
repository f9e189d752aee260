"""A server on loopback that speaks as much of the Hub's HTTP as is used.

Repositories are kept in memory: creating, committing small and large files,
reading them at a revision, private ones behind a token.
"""

import base64
import contextlib
import hashlib
import http.server
import json
import re
import threading
from typing import ClassVar

TOKEN = "hf_loopback"


class Hub(http.server.BaseHTTPRequestHandler):
    """One hub; its state is the class's."""

    protocol_version = "HTTP/1.1"
    repositories: ClassVar[dict[str, dict[str, bytes]]] = {}
    private: ClassVar[set[str]] = set()
    large: ClassVar[dict[str, bytes]] = {}
    requests: ClassVar[list[str]] = []

    def log_message(self, *arguments):
        self.requests.append(f"{self.command} {self.path}")

    def _answer(self, code=200, value=None, headers=None, body=None):
        if body is None:
            body = json.dumps(value if value is not None else {}).encode()
        self.send_response(code)
        for name, each in (headers or {}).items():
            self.send_header(name, each)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _missing(self, code, kind):
        self._answer(code, {"error": kind}, {"X-Error-Code": kind})

    def _body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    @property
    def _authorized(self):
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _repository(self, name):
        """Its files, or None where the Hub says there is none."""
        if name not in self.repositories or (
            name in self.private and not self._authorized
        ):
            self._missing(401 if not self._authorized else 404, "RepoNotFound")
            return None
        return self.repositories[name]

    def do_GET(self):
        path = self.path.partition("?")[0]
        if match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            return self._file(match[1], match[3])
        self._missing(404, "EntryNotFound")

    do_HEAD = do_GET

    def _file(self, name, file):
        files = self._repository(name)
        if files is None:
            return
        if file not in files:
            return self._missing(404, "EntryNotFound")
        content = files[file]
        self._answer(
            body=content,
            headers={
                "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
                "X-Repo-Commit": commit_of(files),
                "Content-Type": "application/octet-stream",
            },
        )

    def do_PUT(self):
        self.large[self.path.rsplit("/", 1)[1]] = self._body()
        self._answer()

    def do_POST(self):
        path, body = self.path.partition("?")[0], self._body()
        if path == "/api/validate-yaml":
            return self._answer(200, {"errors": [], "warnings": []})
        if not self._authorized:
            return self._missing(401, "Unauthorized")
        if path == "/api/repos/create":
            return self._create(json.loads(body))
        if match := re.fullmatch(r"/api/models/(.+)/preupload/main", path):
            return self._preupload(json.loads(body))
        if match := re.fullmatch(r"/(.+)\.git/info/lfs/objects/batch", path):
            return self._batch(json.loads(body))
        if match := re.fullmatch(r"/api/models/(.+)/commit/main", path):
            return self._commit(match[1], body)
        self._missing(404, "EntryNotFound")

    def _create(self, asked):
        owner = asked.get("organization") or "user"
        name = f"{owner}/{asked['name']}"
        self.repositories.setdefault(name, {})
        if asked.get("private") or asked.get("visibility") == "private":
            self.private.add(name)
        self._answer(200, {"url": f"{address(self.server)}/{name}"})

    def _preupload(self, asked):
        """Files of more than a kilobyte go the way of large ones."""
        files = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if file["size"] > 1024 else "regular",
                "shouldIgnore": False,
            }
            for file in asked["files"]
        ]
        self._answer(200, {"files": files})

    def _batch(self, asked):
        here = address(self.server)
        objects = [
            {
                "oid": each["oid"],
                "size": each["size"],
                "actions": {"upload": {"href": f"{here}/put/{each['oid']}"}},
            }
            for each in asked["objects"]
        ]
        self._answer(200, {"transfer": "basic", "objects": objects})

    def _commit(self, name, body):
        files = self._repository(name)
        if files is None:
            return
        for line in body.splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                content = self.large[value["oid"]]
                assert hashlib.sha256(content).hexdigest() == value["oid"]
                files[value["path"]] = content
        commit = commit_of(files)
        url = f"{address(self.server)}/{name}/commit/{commit}"
        self._answer(200, {"commitUrl": url, "commitOid": commit})


def commit_of(files):
    digest = hashlib.sha1()
    for name in sorted(files):
        digest.update(name.encode() + files[name])
    return digest.hexdigest()


def address(server):
    return f"http://127.0.0.1:{server.server_address[1]}"


@contextlib.contextmanager
def running():
    """The address of a hub without repositories, and its class."""
    kind = type(
        "FreshHub",
        (Hub,),
        {"repositories": {}, "private": set(), "large": {}, "requests": []},
    )
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield address(server), kind
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
