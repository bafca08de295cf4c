"""The child process that reads hostile files: limits hold, and it never outlives its parent."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from ingest.isolation import LoaderProcess, dict_to_document, document_to_dict
from ragbot.core.errors import DocumentError
from tests.ingest.loader_helpers import blob, load, make_pdf

PDF = make_pdf([["Hello there"]], title="Greeting")
SLOW = make_pdf([["Some text"] * 50] * 300)


def alive(pid: int) -> bool:
    """Whether that process runs still."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_document_is_the_same_through_the_child_and_the_child_is_reused() -> None:
    with LoaderProcess() as process:
        assert process.pid is None
        assert process.load("pdf", blob("a.pdf", PDF)) == load("a.pdf", PDF)
        first = process.pid
        assert process.load("markdown", blob("a.md", "# Hi")).title == "Hi"
        assert process.pid == first
    assert process.pid is None


def test_an_error_of_the_loader_arrives_whole() -> None:
    with LoaderProcess() as process, pytest.raises(DocumentError, match=r"broken\.pdf") as caught:
        process.load("pdf", blob("broken.pdf", b"%PDF-1.4"))
    assert caught.value.reason_code == "corrupt"
    assert caught.value.remedy


def test_the_time_limit_kills_and_the_next_document_is_read() -> None:
    process = LoaderProcess(timeout=0.05)
    with process:
        with pytest.raises(DocumentError) as caught:
            process.load("pdf", blob("slow.pdf", SLOW))
        assert caught.value.reason_code == "timeout"
        process.timeout = 30
        assert process.load("pdf", blob("a.pdf", PDF)).text == "Hello there"


def test_the_memory_cap_holds() -> None:
    with LoaderProcess(memory=400 * 1024**2) as process:
        assert process.load("pdf", blob("a.pdf", PDF)).title == "Greeting"
        with pytest.raises(DocumentError) as caught:
            process.load("text", blob("big.txt", b"word " * 50_000_000))
        assert caught.value.reason_code == "out_of_memory"
        assert process.load("pdf", blob("a.pdf", PDF)).title == "Greeting"


def test_a_child_that_died_between_documents_is_replaced() -> None:
    with LoaderProcess() as process:
        process.load("text", blob("a.txt", "x"))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSEGV)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        while alive(process.pid):
            time.sleep(0.01)
        assert process.load("text", blob("a.txt", "x")).text == "x"


def _crash_while_asked(pid: int) -> None:
    """The child stands still until it has been asked, and crashes before it can answer, however fast it is."""

    def crash() -> None:
        os.kill(pid, signal.SIGSEGV)
        os.kill(pid, signal.SIGCONT)

    os.kill(pid, signal.SIGSTOP)
    threading.Timer(0.2, crash).start()


def test_a_child_that_dies_while_reading_is_reported() -> None:
    with LoaderProcess() as process:
        process.load("text", blob("a.txt", "x"))
        assert process.pid is not None
        _crash_while_asked(process.pid)
        with pytest.raises(DocumentError) as caught:
            process.load("pdf", blob("slow.pdf", SLOW))
        assert caught.value.reason_code == "crashed"
        assert process.load("text", blob("a.txt", "x")).text == "x"


def test_a_crash_is_no_want_of_memory_because_the_parent_is_large() -> None:
    held = b"x" * 250_000_000
    with LoaderProcess(memory=400_000_000) as process:
        process.load("text", blob("a.txt", "x"))
        assert process.pid is not None
        _crash_while_asked(process.pid)
        with pytest.raises(DocumentError) as caught:
            process.load("pdf", blob("slow.pdf", SLOW))
    assert (caught.value.reason_code, len(held)) == ("crashed", 250_000_000)


def test_the_child_ends_when_its_parent_is_killed() -> None:
    code = (
        "import time\n"
        "from ingest.isolation import LoaderProcess\n"
        "from ragbot.core.types import Blob\n"
        "p = LoaderProcess()\n"
        "p.load('text', Blob('a.txt', 'a.txt', b'x'))\n"
        "print(p.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 5
    while alive(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not alive(child)


def test_the_child_ignores_ctrl_c() -> None:
    with LoaderProcess() as process:
        process.load("text", blob("a.txt", "x"))
        assert process.pid is not None
        first = process.pid
        os.kill(first, signal.SIGINT)
        assert process.load("text", blob("a.txt", "y")).text == "y"
        assert process.pid == first


def test_a_document_survives_the_codec() -> None:
    document = load("a.md", "---\ntitle: T\naccess: staff\nx: {y: [1, null]}\n---\n# A\n\n\U0001f600")
    assert dict_to_document(document_to_dict(document)) == document
