"""`hmcsim search`."""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource

from hmcsim.cli.group import with_examples
from hmcsim.cli.headset_argument import set_option
from hmcsim.cli.types import SEED, out_option

SAMPLERS = ("tpe", "nsga2", "nsga3", "gp", "cmaes", "random")


@with_examples(
    "hmcsim search refa_green --objective mouth.visible_fraction --objective eye.range_of_motion:p5 --trials 200",
    "hmcsim search mine.yaml --space space.yaml --objective glabella.coverage --objective cameras",
    "hmcsim search refa_green --objective mouth.visible_fraction --objective power_mw --sampler nsga2 --workers 4 "
    "--storage postgresql://user@host/hmcsim",
    "hmcsim search --analyse outputs/search",
)
@click.command(short_help="Search for better places for cameras and LEDs.")
@click.argument("headset", required=False)
@set_option()
@click.option("--space", type=click.Path(path_type=Path), metavar="FILE", help="Instead of the headset's own `search`.")
@click.option(
    "--objective",
    "objectives",
    multiple=True,
    metavar="NAME",
    help="What to improve, repeatable: REGION.SCORE[:mean|:p5], REGION.observability_mm, bits, cameras, power_mw, …",
)
@click.option(
    "--trials",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    metavar="N",
    help="Layouts in the study in all, those of earlier runs and other machines included.",
)
@click.option(
    "--sampler", default="tpe", show_default=True, metavar="NAME", help="One of: " + ", ".join(SAMPLERS) + "."
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="Processes.")
@click.option("--storage", metavar="URL", help="Database that machines share.  [default: a file in DIR]")
@click.option("--study", metavar="NAME", help="Name of the study.  [default: the headset's]")
@click.option("--resume", is_flag=True, help="Go on with the study in DIR.")
@click.option("--seed", type=SEED, default=0, show_default=True, metavar="S", help="Of the sampler.")
@click.option(
    "--redraws",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="How often a proposal that breaks a constraint is drawn again before it counts as a trial.",
)
@click.option("--no-constraints", is_flag=True, help="Measure constraints, and keep none.")
@click.option("--identities", type=click.IntRange(min=1), metavar="N", help="Wearers to score on.  [default: 8]")
@click.option("--expressions", metavar="SET", help="As for hmcsim score.  [default: 12 peaks]")
@click.option("--donnings", type=click.IntRange(min=1), metavar="N", help="Re-wearings of each wearer.  [default: 2]")
@click.option("--analyse", type=click.Path(path_type=Path), metavar="DIR", help="Write a study's results again.")
@out_option("outputs/search")
def search(
    headset: str | None,
    settings: tuple[str, ...],
    space: Path | None,
    objectives: tuple[str, ...],
    trials: int,
    sampler: str,
    workers: int,
    storage: str | None,
    study: str | None,
    resume: bool,
    seed: int,
    redraws: int,
    no_constraints: bool,
    identities: int | None,
    expressions: str | None,
    donnings: int | None,
    analyse: Path | None,
    out: Path,
) -> None:
    """Search for better layouts within the `search` section of a headset file (docs/search.md).

    HEADSET is the name of a shipped headset or a YAML file. Constraints are checked before anything is scored. Writes
    the Pareto front to DIR/pareto (YAML, CSV, GLB), the report search.html, every trial to trials.csv, and search.json.
    """
    from hmcsim.cli.run_search import SearchRequest, run_analyse, run_search

    if analyse is not None:
        context = click.get_current_context()
        named = {p.name or "": p.opts[0] for p in context.command.params}
        given = [name for name in named if context.get_parameter_source(name) != ParameterSource.DEFAULT]
        if others := [named[name] for name in given if name not in ("analyse", "storage", "study")]:
            raise click.UsageError(f"--analyse takes --storage and --study alone, got {', '.join(others)} as well")
        run_analyse(analyse, storage, study)
        return
    if headset is None:
        raise click.UsageError("Missing argument 'HEADSET'.")
    if not objectives:
        raise click.UsageError("Missing option '--objective'.")
    chosen = {"identities": identities, "expressions": expressions, "donnings": donnings}
    run_search(
        SearchRequest(
            headset,
            settings,
            space,
            objectives,
            trials,
            sampler,
            workers,
            storage,
            study,
            resume,
            seed,
            redraws,
            not no_constraints,
            {name: value for name, value in chosen.items() if value is not None},
            out,
        )
    )
