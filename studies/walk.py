"""`python studies/walk.py`: the functions that one IdentifySubjects call runs, and the longest chain of calls.

Serves all services in this process, with real models and an empty store; enrols and identifies a portrait, a
fingerprint and a rendered eye by the command line; prints the longest chain of project functions from the servicer's
IdentifySubjects on, then its length and how many functions and modules were walked:

    python studies/walk.py

A chain goes on through tasks and worker threads: what starts one stands above it. Processes in which images are
decoded are not followed. Only the command line and the rendered eyes of the tree in the current folder are used, so it
also runs in trees whose modules have other names.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

from PIL import Image

TREE = Path.cwd()
CALL = "IdentifySubjects"
PATIENCE = ("--timeout", "300", "--json")

EVENT_LOOP = asyncio.Handle._run.__code__  # noqa: SLF001  # where every stack of the loop begins has no public name

Chain = tuple[str, ...]


class Walk:
    """Listens to calls in all threads while `is_on`."""

    def __init__(self) -> None:
        self.is_on = False
        self.longest: Chain = ()
        self.deepest = 0
        self.walked: set[str] = set()
        self._chain: ContextVar[Chain] = ContextVar("chain", default=())
        self._started_by: WeakKeyDictionary[asyncio.Task[Any], Chain] = WeakKeyDictionary()
        self._thread = threading.local()

    def install(self) -> None:
        """In this thread and in those that start later."""
        submit, walk = ThreadPoolExecutor.submit, self

        def followed(pool: ThreadPoolExecutor, work: Any, /, *args: Any, **named: Any) -> Future[Any]:
            above = walk._chain.get()

            def run() -> Any:
                walk._thread.above = above
                return work(*args, **named)

            return submit(pool, run)

        ThreadPoolExecutor.submit = followed  # type: ignore[method-assign,assignment]  # only while walked
        threading.setprofile(self._event)
        sys.setprofile(self._event)

    def _event(self, frame: FrameType, event: str, _: object) -> None:
        if not self.is_on or event not in ("call", "return") or not _name(frame):
            return
        above = self._above()
        own = _stack(frame if event == "call" else frame.f_back)
        chain = above + own
        self._chain.set(chain)
        places = [place for place, name in enumerate(chain) if name.endswith(f".{CALL}")]
        if event == "call" and places:
            chain = chain[places[0] :]
            self.walked.add(chain[-1])
            self.longest = max(self.longest, chain, key=len)
            self.deepest = max(self.deepest, min(len(own), len(chain)))

    def _above(self) -> Chain:
        """The chain that started this task or this thread's work."""
        try:
            task = asyncio.current_task()
        except RuntimeError:
            return getattr(self._thread, "above", ())
        return () if task is None else self._started_by.setdefault(task, self._chain.get())


def _stack(frame: FrameType | None) -> Chain:
    """From where the event loop, or the thread, began."""
    names: list[str] = []
    while frame is not None and frame.f_code is not EVENT_LOOP:
        names += filter(None, [_name(frame)])
        frame = frame.f_back
    return tuple(reversed(names))


def _name(frame: FrameType) -> str:
    """`module:function` of the project's own functions, without imports; else empty."""
    code = frame.f_code
    path = code.co_filename
    is_foreign = not path.startswith(f"{TREE}{os.sep}") or path.startswith(f"{TREE / 'gen'}{os.sep}")
    if is_foreign or path == __file__ or code.co_name.startswith("<"):
        return ""
    return path.removeprefix(f"{TREE}{os.sep}").removesuffix(".py").replace(os.sep, ".") + f":{code.co_qualname}"


def _biofusion(*words: str | Path) -> Any:
    """A command in a process of its own; what it printed as JSON."""
    command = [sys.executable, "-m", "cli", *map(str, words)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)


def _samples(folder: Path) -> list[str]:
    """Options that name a face, a finger and an eye."""
    paths = {each["name"]: each["path"] for each in _biofusion("models", "--assets", "--json")["models"]}
    eyes = importlib.import_module("rendering.eyes" if find_spec("rendering") else "evaluation.rendered_eyes")
    eye = folder / "eye.png"
    Image.fromarray(eyes.render_eye(1, 1)).save(eye)
    return [
        "--face",
        paths["portrait-hopper"],
        "--finger",
        f"RIGHT_INDEX={paths['finger-1']}@500",
        "--eye",
        f"LEFT={eye}",
    ]


def _ask(walk: Walk, folder: Path, printed: Path) -> None:
    sys.setprofile(None)
    try:
        while "\n" not in printed.read_text(encoding="utf-8"):
            time.sleep(0.2)
        where = ("--server", printed.read_text(encoding="utf-8").split()[2].rstrip("."), *PATIENCE)
        samples = _samples(folder)
        token = _biofusion("enroll", "somebody", *samples, *where)["consistencyToken"]
        for walk.is_on in (False, True):
            answer = _biofusion("identify", *samples, "--token", token, *where)
        walk.is_on = False
        print(answer["decision"]["outcome"], file=sys.stderr)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Serve, ask, print."""
    sys.path[:0] = [str(TREE), str(TREE / "gen")]
    os.environ["PYTHONPATH"] = f"{TREE}{os.pathsep}{TREE / 'gen'}"
    walk, shown = Walk(), sys.stdout
    with (
        tempfile.TemporaryDirectory() as name,
        (Path(name) / "printed").open("w", encoding="utf-8", buffering=1) as file,
    ):
        folder = Path(name)
        sys.argv = ["biofusion", "serve", "--port", "0", "--store", f"sqlite:///{folder / 'store.db'}"]
        sys.stdout = file
        walk.install()
        threading.Thread(target=_ask, args=(walk, folder, folder / "printed"), daemon=True).start()
        try:
            importlib.import_module("cli.main").main()
        except SystemExit:
            pass
        finally:
            sys.setprofile(None)
            sys.stdout = shown
    for depth, function in enumerate(walk.longest, start=1):
        print(f"{depth:3} {function}")
    modules = {function.split(":")[0] for function in walk.walked}
    length = f"longest chain {len(walk.longest)} frames, at most {walk.deepest} of them on one stack"
    print(f"{length}; {len(walk.walked)} functions of {len(modules)} modules walked")


if __name__ == "__main__":
    main()
