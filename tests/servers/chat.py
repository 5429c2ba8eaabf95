"""A real HTTP server that speaks the OpenAI chat protocol, with the offline storyteller behind it.

It lets the whole path of a paid model run, over the wire and through the official client, without a key: with a delay
it stands for a slow model, with ``faults`` it breaks on command.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agents.models.storyteller.chat import Storyteller

MODEL = "storyteller-over-http"

Fault = Callable[[int, list[str]], tuple[int, dict[str, Any]] | None]
"""Given the number of the call (from 1) and its messages: a status and body to send instead, or None."""

_ROLES: dict[str, Callable[[str], BaseMessage]] = {
    "system": SystemMessage,
    "user": HumanMessage,
    "assistant": AIMessage,
}


@dataclass
class ChatServer:
    """What the server was asked, and where it is."""

    url: str = ""
    delay: float = 0.0
    fault: Fault | None = None
    calls: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    async def answer(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """One completion, after the delay."""
        started = time.monotonic()
        messages = [_ROLES[one["role"]](one["content"]) for one in body["messages"]]
        self.calls.append(str(messages[-1].content))
        if self.fault and (broken := self.fault(len(self.calls), [str(one.content) for one in messages])):
            return broken
        written, _ = await asyncio.gather(Storyteller().ainvoke(messages), asyncio.sleep(self.delay))
        self.seconds.append(time.monotonic() - started)
        return 200, completion(str(written.text))


def completion(text: str, finish_reason: str | None = "stop") -> dict[str, Any]:
    """The body of a chat completion."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 1, "completion_tokens": len(text) // 4, "total_tokens": len(text) // 4 + 1},
    }


@contextmanager
def chat_server(delay: float = 0.0, fault: Fault | None = None) -> Iterator[ChatServer]:
    """The server on a free port of the loopback address, for the time of the block."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        chat = ChatServer(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", delay, fault)
        server = uvicorn.Server(uvicorn.Config(_app(chat), log_level="critical", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield chat
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def _app(chat: ChatServer) -> FastAPI:
    app = FastAPI()

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        return {"object": "list", "data": [{"id": MODEL, "object": "model"}]}

    @app.post("/v1/chat/completions")
    async def completions(request: Request) -> JSONResponse:
        status, body = await chat.answer(await request.json())
        return JSONResponse(body, status_code=status)

    return app
