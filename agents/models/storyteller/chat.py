"""The storyteller as a LangChain chat model."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatResult

from agents.requests import (
    AssembleCast,
    BuildWorld,
    ChronicleChapter,
    EditChapter,
    OutlinePlot,
    Request,
    WriteChapter,
)

NAME = "storyteller"
CHARACTERS_PER_TOKEN = 4


class Storyteller(BaseChatModel):
    """Answers every task of the agents by planning and telling, from the messages alone and always the same."""

    model: str = NAME

    @property
    def _llm_type(self) -> str:
        return NAME

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002  # the shape of the base class
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        from agents.models.storyteller.reading import read  # noqa: PLC0415  # importing a model is cheap

        text = answer(read(messages))
        asked = sum(len(str(message.text)) for message in messages) // CHARACTERS_PER_TOKEN
        given = len(text) // CHARACTERS_PER_TOKEN
        message = AIMessage(
            content=text,
            response_metadata={"finish_reason": "stop", "model_name": self.model},
            usage_metadata=UsageMetadata(input_tokens=asked, output_tokens=given, total_tokens=asked + given),
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


def answer(request: Request) -> str:
    """The answer to a request, in the format that its agent asks for."""
    from agents.models.storyteller import (  # noqa: PLC0415  # importing a model is cheap
        casting,
        chronicling,
        plotting,
        reviewing,
        scenes,
        worldmaking,
    )

    match request:
        case BuildWorld():
            return worldmaking.world(request.premise).model_dump_json()
        case AssembleCast():
            return casting.cast(request.premise, request.world).model_dump_json()
        case OutlinePlot():
            return plotting.outline(request.premise, request.world, request.cast).model_dump_json()
        case WriteChapter():
            return scenes.written(request)
        case EditChapter():
            return reviewing.review(request).model_dump_json()
        case ChronicleChapter():
            return chronicling.chronicle(request).model_dump_json()
