"""Commands that run flows, as they are told to end."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import nullcontext

import pytest

from deployments.cli import interruption, running
from deployments.cli.output import INTERRUPTED, TERMINATED


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, TERMINATED), (signal.SIGINT, INTERRUPTED)])
def test_a_signal_while_a_run_elsewhere_is_followed(monkeypatch, capsys, sent, code):
    """The code tells which it was, and what is said is that the run goes on."""
    monkeypatch.setattr(running, "prefect_api_url", lambda: "http://prefect.test/api")
    monkeypatch.setattr(running, "runner", lambda _: nullcontext())
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    async def followed(_run):
        os.kill(os.getpid(), sent)
        await asyncio.sleep(5)
        return 0

    told = []
    try:
        interruption.remember()
        assert running.run_interruptibly(followed, told.append) == code
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert told == ["http://prefect.test/api"]
    assert "before anything was begun" not in capsys.readouterr().err
