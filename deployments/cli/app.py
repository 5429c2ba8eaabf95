"""The commands and their options. What a command does stands in a module of its own, imported when it is called."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from deployments.cli import interruption
from deployments.cli.output import BAD_INPUT, FAILED, INTERRUPTED

app = typer.Typer(
    name="scriptorium",
    help="Writes whole novels with a pipeline of AI agents, and keeps everything it knows about them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Novel = Annotated[str, typer.Argument(help="A novel's id, an unambiguous beginning of one, or `latest`.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output and nothing else.")]
Form = Annotated[str, typer.Option("--format", help="epub, docx or md.")]
Out = Annotated[str, typer.Option("--out", help="Folder for the book; novels/ in the data folder by default.")]


def run(arguments: list[str]) -> int:
    """Runs one command; every error that a person can act on becomes one line on standard error and an exit code."""
    try:
        return int(app(arguments, standalone_mode=False) or 0)
    except TyperException as error:
        return _complain(error.format_message(), BAD_INPUT)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; there is nobody to tell
        return FAILED
    except Exception as error:
        # A library may turn the interruption into an error of its own.
        return INTERRUPTED if interruption.asked() else _failure(error)


def _failure(error: Exception) -> int:
    from story.errors import InvalidInput, ScriptoriumError

    if not isinstance(error, ScriptoriumError):
        raise error
    return _complain(str(error), BAD_INPUT if isinstance(error, InvalidInput) else FAILED)


def _complain(message: str, code: int) -> int:
    print(f"scriptorium: {' '.join(message.split())}", file=sys.stderr)
    return code


@app.command()
def write(
    premise: Annotated[
        str | None, typer.Argument(help="The premise: a text, a .toml, .md or .txt file, or - for standard input.")
    ] = None,
    chapters: Annotated[int | None, typer.Option(help="How many chapters the book has.")] = None,
    words: Annotated[int | None, typer.Option(help="How many words a chapter has.")] = None,
    genre: Annotated[str | None, typer.Option(help="The genre.")] = None,
    language: Annotated[str | None, typer.Option(help="The language, as in `en`.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed makes another story of the same premise.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="A new telling instead of the one that was written.")] = False,
    model: Annotated[str | None, typer.Option(help="provider:model for all agents, as in `openai:gpt-5`.")] = None,
    agent_model: Annotated[
        list[str] | None, typer.Option(metavar="AGENT=NAME", help="Another model for one agent; may be repeated.")
    ] = None,
    max_calls: Annotated[int | None, typer.Option(help="Pause at so many model calls; default 3 × the plan.")] = None,
    out: Out = "",
    resume: Annotated[str | None, typer.Option(metavar="NOVEL", help="Go on with a novel instead.")] = None,
    json: Json = False,
) -> int:
    """Write a novel from a premise, or go on with one."""
    interruption.remember()
    from deployments.cli.write import Wish, write_novel

    wish = Wish(
        premise, chapters, words, genre, language, seed, fresh, model, tuple(agent_model or ()), max_calls, out, resume
    )
    return write_novel(wish, as_json=json)


@app.command()
def status(
    novel: Annotated[str | None, typer.Argument(help="One novel; all without it.")] = None, json: Json = False
) -> int:
    """Show the novels and how far each is."""
    from deployments.cli import library

    return library.status(novel, as_json=json)


@app.command()
def read(
    novel: Novel,
    chapter: Annotated[int | None, typer.Argument(help="One chapter; all without it.")] = None,
    json: Json = False,
) -> int:
    """Read a novel, or one chapter of it."""
    from deployments.cli import library

    return library.read(novel, chapter, as_json=json)


@app.command()
def history(novel: Novel, json: Json = False) -> int:
    """Show the events of a novel."""
    from deployments.cli import library

    return library.history(novel, as_json=json)


@app.command()
def search(
    novel: Novel,
    question: Annotated[str, typer.Argument(help="What to look for, in words.")],
    limit: Annotated[int, typer.Option(help="How many passages.")] = 5,
    before: Annotated[int | None, typer.Option(metavar="N", help="Only in chapters before this one.")] = None,
    json: Json = False,
) -> int:
    """Find the passages of a novel that answer a question."""
    from deployments.cli import memory

    return memory.search(novel, question, limit, before, as_json=json)


@app.command()
def graph(
    novel: Novel,
    as_of: Annotated[int | None, typer.Option(metavar="N", help="As it stands after chapter N.")] = None,
    out: Annotated[str, typer.Option(metavar="FILE", help="A file to draw it into: .png, .html or .graphml.")] = "",
    plan: Annotated[
        bool, typer.Option("--plan", help="Show the outline instead; it is drawn into a .png or .svg.")
    ] = False,
    about: Annotated[str, typer.Option(metavar="NAME", help="Tell all that is stated about one of them.")] = "",
    path: Annotated[
        tuple[str, str] | None, typer.Option(metavar="NAME NAME", help="Trace how two of them hang together.")
    ] = None,
    json: Json = False,
) -> int:
    """Show who is in a novel and how they stand to each other."""
    from deployments.cli import graphs

    if plan:
        given = {"--as-of": as_of is not None, "--about": bool(about), "--path": bool(path)}
        return graphs.plan(novel, [option for option, there in given.items() if there], out, as_json=json)
    if about:
        return graphs.about(novel, as_of, about, as_json=json)
    if path:
        return graphs.path(novel, as_of, path, as_json=json)
    return graphs.graph(novel, as_of, out, as_json=json)


@app.command(name="import")
def import_(
    file: Annotated[str, typer.Argument(help="A manuscript: EPUB, DOCX, Markdown or text.")],
    title: Annotated[str, typer.Option(help="The title; the file's own without it.")] = "",
    author: Annotated[str, typer.Option(help="The author; the file's own without it.")] = "",
    model: Annotated[
        str, typer.Option(help="provider:model that chronicles each chapter; none is asked without.")
    ] = "",
    json: Json = False,
) -> int:
    """Take in a book that was written elsewhere, with its chapters, passages and people."""
    interruption.remember()
    from deployments.cli import memory

    return memory.import_file(file, title, author, model, as_json=json)


@app.command()
def rebuild(
    novel: Annotated[str | None, typer.Argument(help="One novel; all without it.")] = None, json: Json = False
) -> int:
    """Drop graph and passages and build them anew from the log."""
    interruption.remember()
    from deployments.cli import memory

    return memory.rebuild(novel, as_json=json)


@app.command()
def export(novel: Novel, form: Form = "epub", out: Out = "", json: Json = False) -> int:
    """Make a file of a novel as it stands."""
    from deployments.cli import library

    return library.export(novel, form, out, as_json=json)


@app.command()
def delete(
    novel: Novel, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False, json: Json = False
) -> int:
    """Delete a novel: its events, files, and the model answers that no other novel uses."""
    from deployments.cli import library

    return library.delete(novel, yes=yes, as_json=json)


@app.command()
def deploy() -> int:
    """Create work pool, queues and deployments at the Prefect server that PREFECT_API_URL names."""
    from deployments.bootstrap import deploy_all

    return deploy_all()


@app.command()
def doctor(json: Json = False) -> int:
    """Check each store and setting, and say what to do."""
    from deployments.cli.doctor import examine

    return examine(as_json=json)
