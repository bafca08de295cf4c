"""The benchmarks' command line."""

from pathlib import Path
from typing import Annotated

import typer

from evals.bench.console import show_json, show_line, show_table, write_json

app = typer.Typer(
    help="Benchmarks of ragbot.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)

Data = Annotated[Path, typer.Option(help="Folder with corpus/ and questions.jsonl.")]
Work = Annotated[Path, typer.Option(help="Where environments and temporary data are kept.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout in place of tables.")]
Output = Annotated[Path | None, typer.Option(help="Also write the JSON to this file.")]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]

WORK = Path(".bench")


@app.command()
def retrieval(
    data: Data,
    limit_questions: Annotated[int | None, typer.Option(min=1, help="Only the first so many questions.")] = None,
    skip_plain: Annotated[bool, typer.Option("--skip-plain", help="Measure ragbot alone.")] = False,
    rounds: Annotated[int, typer.Option(min=1, help="Ingests per system, alternating.")] = 2,
    as_json: AsJson = False,
    output: Output = None,
    work: Work = WORK,
    seed: Seed = 1,
) -> None:
    """Quality, speed and memory of retrieval, beside LangChain's plain recipe."""
    from evals.bench.retrieval import Options, run_benchmark
    from evals.cases import load_data_set

    loaded = load_data_set(data, limit=limit_questions)
    report = run_benchmark(loaded, Options(work=work, rounds=rounds, skip_plain=skip_plain, seed=seed))
    if output is not None:
        write_json(report, output)
    if as_json:
        show_json(report)
        return
    from evals.bench.tables import tables

    for table in tables(report):
        show_table(table)


@app.command()
def readers(
    data: Data,
    readers: Annotated[int, typer.Option(min=1, help="Reader processes in all.")] = 20,
    documents: Annotated[int, typer.Option(min=10, help="How many of the corpus's documents to use.")] = 40,
    as_json: AsJson = False,
    work: Work = WORK,
    seed: Seed = 1,
) -> None:
    """Readers started at random moments of repeated ingests: none crashes, none returns deleted text."""
    from evals.bench.process import ragbot_command
    from evals.bench.readers import run_readers
    from evals.cases import load_data_set

    report = run_readers(
        ragbot_command(), load_data_set(data).corpus, work=work, readers=readers, documents=documents, seed=seed
    )
    _conclude(report.as_dict(), report.lines(), as_json, held=report.held)


@app.command()
def kill(
    kills: Annotated[int, typer.Option(min=1, help="How many running ingests to kill.")] = 10,
    documents: Annotated[int, typer.Option(min=10, help="Size of the generated corpus.")] = 60,
    as_json: AsJson = False,
    work: Work = WORK,
    seed: Seed = 1,
) -> None:
    """Ingests killed at random moments end in the same index as an undisturbed one."""
    from evals.bench.kill import run_kills
    from evals.bench.process import ragbot_command

    report = run_kills(ragbot_command(), work=work, kills=kills, documents=documents, seed=seed)
    _conclude(report.as_dict(), report.lines(), as_json, held=report.held)


@app.command()
def answerability(
    data: Annotated[list[Path], typer.Option(help="Data folder; give several.")],
    work: Work = WORK,
    seed: Seed = 1,
) -> None:
    """Fit and check the answerability estimate across data sets; prints JSON."""
    from evals.bench.answerability import run_answerability
    from evals.cases import load_data_set

    show_json(run_answerability([load_data_set(each) for each in data], work=work, seed=seed))


@app.command()
def grounding(
    data: Annotated[list[Path], typer.Option(help="Folder with corpus/ or rated answers (*.jsonl); give several.")],
    most: Annotated[int, typer.Option(min=10, help="Claims of each kind made from a corpus.")] = 150,
    with_embedder: Annotated[bool, typer.Option("--with-embedder", help="Also measure with the embedder.")] = False,
    seed: Seed = 1,
) -> None:
    """Fit and check the support scorer across data sets; prints JSON."""
    from evals.bench.grounding import run_grounding

    embedder = None
    if with_embedder:
        from ragbot.settings import load_settings
        from ragbot.wiring import embedder_provider

        embedder = embedder_provider(load_settings(environ={})).for_queries()
    show_json(run_grounding(data, most=most, seed=seed, embedder=embedder))


@app.command()
def service(
    data: Data,
    at_once: Annotated[int, typer.Option(min=1, help="Questions at once in the second round.")] = 8,
    work: Work = WORK,
) -> None:
    """Start-up, first text and memory of the running service on a data set; prints JSON."""
    from evals.bench.process import ragbot_command
    from evals.bench.service import run_service
    from evals.cases import load_data_set

    show_json(run_service(ragbot_command(), load_data_set(data), work=work, at_once=at_once))


def _conclude(document: dict[str, object], lines: list[str], as_json: bool, *, held: bool) -> None:
    if as_json:
        show_json(document)
    else:
        for line in lines:
            show_line(line)
    raise typer.Exit(0 if held else 1)
