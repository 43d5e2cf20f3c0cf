"""A worker process of the engine ``local``: answers tasks until the process that started it ends."""

from __future__ import annotations

import gc
import os
import pickle
import queue
import signal
import sys
import threading

from idphoto.backends.threads import limit_opencv
from idphoto.batch.engines.frames import read_frame, write_frame
from idphoto.batch.work import PhotoWorker
from idphoto.errors import IdPhotoError

__all__ = ["main"]


def main() -> None:
    """Read settings, then tasks, from standard input, and write an answer to each to standard output."""
    # Ctrl+C in a terminal reaches every process of the group, but the first process decides when workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get between the answers
    questions: queue.SimpleQueue[object] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(questions,), daemon=True).start()
    limit_opencv()
    worker = PhotoWorker(questions.get())  # type: ignore[arg-type]
    write_frame(answers, pickle.dumps(True))
    frozen = False
    while True:
        answer: object
        try:
            answer = worker(questions.get())  # type: ignore[arg-type]
        except IdPhotoError as error:
            answer = error
        write_frame(answers, pickle.dumps(answer))
        del answer
        gc.collect()
        if not frozen:
            gc.freeze()  # models and modules stay; to search them after every photo takes longer than some stages
            frozen = True


def _listen(questions: queue.SimpleQueue[object]) -> None:
    """Pass questions on; end this process at once, whatever it does, when the process that asks has ended."""
    try:
        while True:
            questions.put(pickle.loads(read_frame(sys.stdin.buffer)))  # noqa: S301 - from our own process
    except EOFError:
        os._exit(0)


if __name__ == "__main__":
    main()
