"""What the tests' Hub keeps: repositories with commits, branches, tags and variables."""

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class File:
    """A file of a commit; large ones live in LFS and are named by their SHA-256."""

    data: bytes
    large: bool = False

    @property
    def oid(self) -> str:
        """Git's name of it: for a large file, of the pointer that stands for it."""
        data = self.pointer if self.large else self.data
        return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def pointer(self) -> bytes:
        return (
            "version https://git-lfs.github.com/spec/v1\n"
            f"oid sha256:{self.sha256}\nsize {len(self.data)}\n"
        ).encode()

    @property
    def etag(self) -> str:
        return self.sha256 if self.large else self.oid


@dataclass
class Repository:
    """A model or Space repository: every commit is the whole tree that it stands for."""

    id: str
    kind: str
    sdk: str | None = None
    commits: dict[str, dict[str, File]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        self.commit({".gitattributes": File(b"*.tflite filter=lfs\n")}, "initial commit")

    @property
    def head(self) -> str:
        return self.branches["main"]

    @property
    def files(self) -> dict[str, bytes]:
        """The newest tree: contents by path."""
        return {path: file.data for path, file in self.commits[self.head].items()}

    @property
    def owner(self) -> str:
        return self.id.split("/")[0]

    def commit(self, tree: dict[str, File], message: str) -> str:
        """Makes `tree` the newest commit of the branch main and returns its hash."""
        content = repr(
            (self.id, len(self.commits), message, sorted((p, tree[p].oid) for p in tree))
        )
        commit = hashlib.sha1(content.encode()).hexdigest()
        self.commits[commit] = tree
        self.branches["main"] = commit
        return commit

    def resolve(self, revision: str) -> str | None:
        """The commit that a hash, tag or branch stands for."""
        named = self.branches | self.tags
        return revision if revision in self.commits else named.get(revision)
