"""`hazardwatch explain-config`: each attribute of an alarm or a point, and where its value comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json, print_table

if TYPE_CHECKING:
    from pipeline.sitefile import Loaded

What = Annotated[
    list[str],
    typer.Argument(
        metavar="[SITE] ALARM",
        help="INSTALLATION/POINT/NAME (or a point) of a site file; of what is in force in a service without SITE.",
        show_default=False,
    ),
]


def explain_config(
    what: What,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
) -> None:
    """Each attribute of an alarm, and where its value comes from: variable, template, preset, class, override, mode.

    `written` is what the file says where the point's unit makes it another number; `instead of` what lies beneath. A
    running service is asked for its values; where they come from is told while the site file beside it says the same.

    Example: hazardwatch explain-config plant.yaml TF1/LT-101/HH
    """
    from hazardwatch.config_explained import explained
    from hazardwatch.sites import load_sound
    from pipeline.errors import ConfigError
    from pipeline.sitefile.fault import nearest

    if len(what) > 2:
        raise typer.BadParameter("one site file and one alarm", param_hint="ALARM")
    *site, id_ = what
    loaded = load_sound(Path(site[0]))[0] if site else _running(data, url, token_file)
    rows = explained(loaded, id_)
    if rows is None:
        meant = nearest(id_, _ids(loaded))
        raise ConfigError(f"there is no alarm or point {id_}" + (f" (did you mean {meant}?)" if meant else ""))
    if json:
        print_json([one._asdict() for one in rows])
        return
    head = ["attribute", "value", "from", "written", "instead of"]
    print_table(head, [[one.attribute, one.value, one.source, one.written or "", "; ".join(one.hides)] for one in rows])


def _running(data: Path, url: str | None, token_file: Path | None) -> Loaded:
    """What is in force; with its places where the service's own site file is on this machine and says the same."""
    import msgspec

    from hazardwatch.client import Client, access
    from hazardwatch.sites import load_file
    from pipeline.site import Site
    from pipeline.sitefile import Loaded

    with Client(access(data, url, token_file), wait_s=60) as service:
        shown = service.get("/api/v1/config")
        if url is None and shown["same_as_file"]:
            loaded = load_file(Path(shown["file"]))
            if loaded.site is not None:
                return loaded
        site = msgspec.convert(service.get("/api/v1/config/site"), Site, str_keys=True)
    typer.echo("what is in force does not say where it was written: name the site file", err=True)
    return Loaded(site, [], [])


def _ids(loaded: Loaded) -> list[str]:
    from pipeline.sitefile import expanded

    whole = expanded(loaded)
    return [one["alarm"] for one in whole["alarms"]] + [one["point"] for one in whole["points"]]
