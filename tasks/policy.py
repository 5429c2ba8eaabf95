"""How tasks are retried and cached. Prefect's retries are the one retry layer of the platform."""

from __future__ import annotations

from typing import Any

from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import TaskRunContext
from prefect.tasks import Task, exponential_backoff

from agents.contract import fingerprint
from agents.registry import installed
from story.errors import TransientError
from tasks.assignment import Assignment, result_key


async def is_transient(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed task may be tried again: only for errors of our own that say so, as often as they say."""
    try:
        await state.aresult()
    except TransientError as error:
        return task_run.run_count <= error.retries
    except Exception:  # every other failure is final; it stays in the run's state
        return False
    return False


def step_key(context: TaskRunContext, parameters: dict[str, Any]) -> str:
    """The name of an agent's answer in Prefect's results: the owner and the fingerprint of the request."""
    assignment: Assignment = parameters["assignment"]
    identity = installed().named(assignment.agent).identity(parameters["request"])
    return result_key(assignment.owner, fingerprint(identity, assignment.model))


PAID: dict[str, Any] = {
    "persist_result": True,
    "result_serializer": "json",
    "cache_policy": CachePolicy.from_cache_key_fn(step_key),
    "retries": TransientError.retries,
    "retry_delay_seconds": exponential_backoff(backoff_factor=5),
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": is_transient,
}
"""Options of tasks that ask a model: results are kept and reused by fingerprint, whichever run asks."""

STORE: dict[str, Any] = {
    "persist_result": False,
    "cache_policy": NO_CACHE,
    "retries": 3,
    "retry_delay_seconds": [1, 3, 9],
    "retry_condition_fn": is_transient,
}
"""Options of tasks that read or write our stores."""
