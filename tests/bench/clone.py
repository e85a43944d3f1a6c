"""History of a git clone, read through few long-lived git processes."""

import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

NOTHING = "0" * 40


@dataclass
class Push:
    """One commit of the first-parent line, as if it had been pushed by itself."""

    commit: str
    parent: str
    time: int
    subject: str
    # Path -> blobs before and after; NOTHING where there is none.
    files: dict[str, tuple[str, str]] = field(default_factory=dict)


class Clone:
    """A clone, bare or not."""

    def __init__(self, path: Path):
        self.path = path
        command = ["git", "-C", str(path), "cat-file", "--batch"]
        self.batch = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.blob = cache(self._blob)
        self.text = cache(lambda name: self.blob(name).decode(errors="replace"))

    def git(self, *args: str) -> bytes:
        return subprocess.run(["git", "-C", str(self.path), *args], check=True, capture_output=True).stdout

    def _blob(self, name: str) -> bytes:
        """A blob's content, by its name or as `commit:path`; empty where there is none."""
        if name == NOTHING:
            return b""
        self.batch.stdin.write(f"{name}\n".encode())
        self.batch.stdin.flush()
        head = self.batch.stdout.readline().split()
        if head[-1] == b"missing":
            return b""
        content = self.batch.stdout.read(int(head[2]))
        self.batch.stdout.read(1)
        return content

    def pushes(self, head: str, count: int) -> list[Push]:
        """The last `count` commits of the first-parent line up to `head`, oldest first."""
        shape = "%x02%H%x03%P%x03%ct%x03%s"
        options = ["--first-parent", "-m", "--raw", "-z", "--no-abbrev", "--no-renames"]
        out = self.git("log", *options, f"--format={shape}", f"-n{count}", head).decode(errors="replace")
        pushes = []
        for chunk in out.split("\x02")[1:]:
            fields = chunk.split("\0")
            commit, parents, time, subject = fields[0].split("\x03")
            push = Push(commit, (parents.split() or [NOTHING])[0], int(time), subject)
            words = iter(word.lstrip("\n") for word in fields[1:])
            for word in words:
                if word.startswith(":"):
                    _, _, before, after, _ = word.split()
                    push.files[next(words)] = (before, after)
            pushes.append(push)
        return pushes[::-1]

    def tree(self, commit: str) -> dict[str, str]:
        """Path -> blob of every file."""
        if commit == NOTHING:
            return {}
        lines = self.git("ls-tree", "-r", "-z", "--full-tree", commit).decode(errors="replace").split("\0")
        rows = (line.split("\t", 1) for line in lines if line)
        return {path: head.split()[2] for head, path in rows}

    def tags(self) -> dict[str, str]:
        """Commit -> a version tag on it."""
        shape = "%(refname:short) %(objectname) %(*objectname)"
        rows = self.git("for-each-ref", f"--format={shape}", "refs/tags/v*").decode().splitlines()
        return {row.split()[-1]: row.split()[0] for row in rows}

    def close(self) -> None:
        self.batch.stdin.close()
        self.batch.wait()
