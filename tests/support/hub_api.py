"""What the tests' Hub answers: the part of the Hub's protocol that `huggingface_hub` uses."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from tests.support.hub_cards import complaints
from tests.support.hub_store import File, Repository

# A token and who holds it; a token whose name ends in "read" may not write.
TOKENS = {"hf_ada": "ada", "hf_ada_read": "ada", "hf_bob": "bob"}

_LARGE = (".keras", ".tflite", ".png", ".npz")
_ROUTES: list[tuple[str, re.Pattern, Callable]] = []


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict:
        return json.loads(self.body)

    @property
    def token(self) -> str | None:
        return (self.headers.get("authorization") or "").removeprefix("Bearer ") or None


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """An answer that ends the handling of a request."""

    def __init__(self, status: int, message: str, code: str | None = None, **more):
        super().__init__(message)
        headers = {"X-Error-Message": message, "Content-Type": "application/json"}
        if code:
            headers["X-Error-Code"] = code
        body = json.dumps({"error": message} | more).encode()
        self.answer = Answer(status, body, headers)


def _route(method: str, pattern: str):
    def keep(function):
        pattern_ = pattern.replace("KIND", "(?P<kind>model|space)s").replace(
            "REPO", "(?P<repo>[^/]+/[^/]+)"
        )
        _ROUTES.append((method, re.compile(pattern_), function))
        return function

    return keep


def _json(value, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


class Hub:
    """The state of the tests' Hub.

    Attributes
    ----------
    repositories : dict of (kind, id) to Repository
    large : dict of SHA-256 to bytes
        Uploaded LFS objects, committed or not.
    url : str
        Where the Hub is served.
    """

    def __init__(self, url: str = ""):
        self.url = url
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.large: dict[str, bytes] = {}

    def answer(self, request: Request) -> Answer:
        """What the Hub says to a request; HEAD is a GET whose body is not sent."""
        method = "GET" if request.method == "HEAD" else request.method
        for name, pattern, function in _ROUTES:
            match = pattern.fullmatch(request.path)
            if name == method and match:
                try:
                    named = {key: unquote(value or "") for key, value in match.groupdict().items()}
                    return function(self, request, **named)
                except RefusedError as refusal:
                    return refusal.answer
        return _json({"error": f"the tests' Hub has no {request.method} {request.path}"}, 404)

    def user(self, request: Request) -> str:
        if request.token not in TOKENS:
            raise RefusedError(401, "Invalid username or password.")
        return TOKENS[request.token]

    def repository(self, request: Request, kind: str, repo: str, write=False) -> Repository:
        found = self.repositories.get((kind, repo))
        if found is None:
            status = 404 if request.token in TOKENS else 401
            raise RefusedError(status, "Repository not found", "RepoNotFound")
        if write and (self.user(request) != found.owner or request.token.endswith("read")):
            raise RefusedError(403, f"You don't have write access to {repo}")
        return found

    def tree(self, repository: Repository, revision: str) -> tuple[str, dict[str, File]]:
        commit = repository.resolve(revision)
        if commit is None:
            raise RefusedError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return commit, repository.commits[commit]


@_route("POST", "/api/repos/create")
def _create(hub: Hub, request: Request) -> Answer:
    asked, user = request.json, hub.user(request)
    owner, kind = asked.get("organization") or user, asked.get("type", "model")
    repo = f"{owner}/{asked['name']}"
    url = f"{hub.url}/{'spaces/' if kind == 'space' else ''}{repo}"
    if owner != user or request.token.endswith("read"):
        raise RefusedError(403, f'You don\'t have the rights to create a {kind} under "{owner}"')
    if (kind, repo) in hub.repositories:
        raise RefusedError(409, f"You already created this {kind} repo", url=url)
    created = hub.repositories[kind, repo] = Repository(repo, kind, asked.get("sdk"))
    created.variables = {item["key"]: item["value"] for item in asked.get("variables", [])}
    return _json({"url": url, "name": repo})


@_route("GET", "/api/KIND/REPO(?:/revision/(?P<revision>[^/]+))?")
def _info(hub: Hub, request: Request, kind: str, repo: str, revision: str) -> Answer:
    found = hub.repository(request, kind, repo)
    commit, tree = hub.tree(found, revision or "main")
    siblings = [{"rfilename": path} for path in sorted(tree)]
    known = {"id": repo, "sha": commit, "private": False, "siblings": siblings, "sdk": found.sdk}
    return _json(known)


@_route("GET", "/api/KIND/REPO/tree/(?P<revision>[^/]+)")
def _tree(hub: Hub, request: Request, kind: str, repo: str, revision: str) -> Answer:
    _, tree = hub.tree(hub.repository(request, kind, repo), revision)
    folders = {
        "/".join(path.split("/")[:n]) for path in tree for n in range(1, path.count("/") + 1)
    }
    rows = [{"type": "directory", "oid": "0" * 40, "size": 0, "path": path} for path in folders]
    for path, file in tree.items():
        row = {"type": "file", "oid": file.oid, "size": len(file.data), "path": path}
        if file.large:
            size = {"size": row["size"], "pointerSize": len(file.pointer)}
            row["lfs"] = {"oid": file.sha256, **size}
        rows.append(row)
    return _json(sorted(rows, key=lambda row: row["path"]))


@_route("GET", "/api/KIND/REPO/refs")
def _refs(hub: Hub, request: Request, kind: str, repo: str) -> Answer:
    found = hub.repository(request, kind, repo)

    def listed(refs: dict[str, str], folder: str) -> list[dict]:
        return [
            {"name": name, "ref": f"refs/{folder}/{name}", "targetCommit": commit}
            for name, commit in refs.items()
        ]

    branches, tags = listed(found.branches, "heads"), listed(found.tags, "tags")
    return _json({"branches": branches, "tags": tags, "converts": []})


@_route("POST", "/api/KIND/REPO/tag/(?P<revision>[^/]+)")
def _tag(hub: Hub, request: Request, kind: str, repo: str, revision: str) -> Answer:
    found = hub.repository(request, kind, repo, write=True)
    commit, _ = hub.tree(found, revision)
    name = request.json["tag"]
    if name in found.tags:
        raise RefusedError(409, f"Tag {name} already exists")
    found.tags[name] = commit
    return _json({})


@_route("POST", "/api/validate-yaml")
def _validate(_hub: Hub, request: Request) -> Answer:
    errors = complaints(request.json["content"], request.json["repoType"])
    listed = {"errors": [{"message": error} for error in errors], "warnings": []}
    return _json(listed, 400 if errors else 200)


@_route("POST", "/api/KIND/REPO/preupload/(?P<revision>[^/]+)")
def _preupload(hub: Hub, request: Request, kind: str, repo: str, revision: str) -> Answer:
    _, tree = hub.tree(hub.repository(request, kind, repo, write=True), revision)
    files = []
    for file in request.json["files"]:
        path = file["path"]
        mode = "lfs" if path.endswith(_LARGE) else "regular"
        known = {"oid": tree[path].etag} if path in tree else {}
        files.append({"path": path, "uploadMode": mode, "shouldIgnore": False, **known})
    return _json({"files": files})


@_route("POST", "/(?:(?P<kind>space)s/)?REPO.git/info/lfs/objects/batch")
def _batch(hub: Hub, request: Request, kind: str, repo: str) -> Answer:
    hub.repository(request, kind or "model", repo, write=True)
    objects = []
    for known in request.json["objects"]:
        oid = known["oid"]
        upload = {"href": f"{hub.url}/lfs/{oid}", "header": {}}
        verify = {"href": f"{hub.url}/lfs/{oid}/verify", "header": {}}
        actions = {} if oid in hub.large else {"actions": {"upload": upload, "verify": verify}}
        objects.append({"oid": oid, "size": known["size"], **actions})
    return _json({"transfer": "basic", "objects": objects})


@_route("PUT", "/lfs/(?P<oid>[0-9a-f]{64})")
def _upload(hub: Hub, request: Request, oid: str) -> Answer:
    if File(request.body).sha256 != oid:
        raise RefusedError(400, "The object is not the one that was announced")
    hub.large[oid] = request.body
    return Answer()


@_route("POST", "/lfs/(?P<oid>[0-9a-f]{64})/verify")
def _verify(hub: Hub, request: Request, oid: str) -> Answer:
    if len(hub.large.get(oid, b"")) != request.json["size"]:
        raise RefusedError(404, "The object is not here")
    return _json({})


@_route("POST", "/api/KIND/REPO/commit/(?P<revision>[^/]+)")
def _commit(hub: Hub, request: Request, kind: str, repo: str, revision: str) -> Answer:
    found = hub.repository(request, kind, repo, write=True)
    head, old = hub.tree(found, revision)
    tree, header = dict(old), {}
    for line in request.body.splitlines():
        item = json.loads(line)
        key, value = item["key"], item["value"]
        if key == "header":
            header = value
        elif key == "file":
            tree[value["path"]] = File(base64.b64decode(value["content"]))
        elif key == "lfsFile":
            if value["oid"] not in hub.large:
                raise RefusedError(400, f"LFS object of {value['path']} was not uploaded")
            tree[value["path"]] = File(hub.large[value["oid"]], large=True)
        elif key == "deletedFile":
            del tree[value["path"]]
        else:
            raise RefusedError(400, f"The tests' Hub knows no {key}")
    if header.get("parentCommit", head) != head:
        raise RefusedError(412, "A commit has happened since. Please refresh and try again.")
    commit = found.commit(tree, header["summary"])
    return _json({"commitOid": commit, "commitUrl": f"{hub.url}/{repo}/commit/{commit}"})


@_route("GET", "/(?:(?P<kind>space)s/)?REPO/resolve/(?P<revision>[^/]+)/(?P<path>.+)")
def _resolve(hub: Hub, request: Request, kind: str, repo: str, revision: str, path: str) -> Answer:
    commit, tree = hub.tree(hub.repository(request, kind or "model", repo), revision)
    if path not in tree:
        raise RefusedError(404, f"Entry not found: {path}", "EntryNotFound")
    file = tree[path]
    headers = {"ETag": f'"{file.etag}"', "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
    if file.large:
        headers |= {"X-Linked-Etag": f'"{file.sha256}"', "X-Linked-Size": str(len(file.data))}
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range") or "")
    if not asked:
        return Answer(200, file.data, headers)
    start, end = int(asked[1]), int(asked[2] or len(file.data) - 1)
    headers["Content-Range"] = f"bytes {start}-{end}/{len(file.data)}"
    return Answer(206, file.data[start : end + 1], headers)


@_route("GET", "/api/spaces/REPO/variables")
def _variables(hub: Hub, request: Request, repo: str) -> Answer:
    found = hub.repository(request, "space", repo, write=True)
    return _json({key: {"value": value} for key, value in found.variables.items()})


@_route("POST", "/api/spaces/REPO/variables")
def _set_variable(hub: Hub, request: Request, repo: str) -> Answer:
    found = hub.repository(request, "space", repo, write=True)
    found.variables[request.json["key"]] = request.json["value"]
    return _variables(hub, request, repo)
