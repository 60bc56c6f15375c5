"""Where things lie in the data folder. Paths are absolute, stable, and never deleted.

platform.db · lock · key          the store, the one-server lock, the key of signed addresses
uploads/<project>/<domain>/<root>/<file>     what clients sent: code bundles, files
inputs/<project>/<domain>/<hash>/inputs.pb   inputs of runs
runs/<project>/<domain>/<run>/<action>/…     the SDK's files: inputs.pb, <attempt>/outputs.pb
raw/…/<run>/<action>/<attempt>/              what tasks offload
work/…/<run>/<action>/<attempt>/{cwd,tmp}    where a task starts; what it makes with tempfile
attempts/…/<run>/<action>/<attempt>/         log, log.index, exit, pid
home/                                        HOME of every task
"""

from __future__ import annotations

from pathlib import Path

from local_platform.store.records import ActionKey, RunKey


class Layout:
    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.database = self.root / "platform.db"
        self.lock = self.root / "lock"
        self.signing_key = self.root / "key"
        self.uploads = self.root / "uploads"
        self.inputs = self.root / "inputs"
        self.home = self.root / "home"

    def create(self) -> None:
        """Makes the folder, readable by its owner alone: logs and secrets are in it."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.uploads, self.inputs, self.home):
            folder.mkdir(exist_ok=True)

    def run_base(self, run: RunKey) -> Path:
        return self.root.joinpath("runs", *run)

    def attempt(self, key: ActionKey, number: int) -> AttemptFiles:
        return AttemptFiles(self.root, key, number)


class AttemptFiles:
    """The folders and files of one attempt."""

    def __init__(self, root: Path, key: ActionKey, number: int) -> None:
        place = (*key, str(number))
        self.folder = root.joinpath("attempts", *place)
        self.log = self.folder / "log"
        self.log_index = self.folder / "log.index"
        self.exit = self.folder / "exit"
        self.pid = self.folder / "pid"
        self.cwd = root.joinpath("work", *place, "cwd")
        self.tmp = root.joinpath("work", *place, "tmp")
        self.raw = root.joinpath("raw", *place)

    def create(self) -> None:
        for folder in (self.folder, self.cwd, self.tmp, self.raw):
            folder.mkdir(parents=True, exist_ok=True)
