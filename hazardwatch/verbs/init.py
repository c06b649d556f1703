"""`hazardwatch init`: a new site file from a few answers, and from an I/O list where there is one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.iolist.frame import Frame

Text = str | None
DEFAULT_FILE = Path("site.yaml")
_ZONES = {"zh-CN": "Asia/Shanghai"}


def init(
    site: Annotated[Path, typer.Argument(metavar="SITE", help="The site file to write.")] = DEFAULT_FILE,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="SITE", help="The same, as a flag.")] = None,
    id_: Annotated[Text, typer.Option("--id", metavar="ID", help="The site's id: letters, digits, . _ -")] = None,
    name: Annotated[Text, typer.Option(metavar="TEXT", help="What people call the site.")] = None,
    language: Annotated[Text, typer.Option(metavar="LANGUAGE", help="Of texts that people read: en or zh-CN.")] = None,
    timezone: Annotated[Text, typer.Option(metavar="ZONE", help="Such as Asia/Shanghai.")] = None,
    installation: Annotated[Text, typer.Option(metavar="ID", help="The first installation's id.")] = None,
    person: Annotated[Text, typer.Option(metavar="ID", help="Who takes its alarms: an id such as li.wei.")] = None,
    phone: Annotated[Text, typer.Option(metavar="NUMBER", help="Their number, with + and country code.")] = None,
    list_: Annotated[Text, typer.Option("--list", metavar="FILE", help="An I/O list, .xlsx or .csv.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: flags, else defaults.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there already.")] = False,
) -> None:
    """A new site file that passes `check`. Asks for what no flag gives; what waits for a person is marked FILL IN.

    Example: hazardwatch init plant.yaml --id east-park --list io-list.xlsx
    """
    from hazardwatch.verbs.asking import Asking
    from hazardwatch.verbs.table_import import refuse_to_overwrite
    from pipeline.iolist.frame import Frame, Person

    file = output or site
    refuse_to_overwrite(file, force)
    ask = Asking(yes)
    id_ = ask(id_, "The site's id (letters, digits, . _ -)", "my-site")
    name = ask(name, "What people call the site (empty: its id)", "")
    language = ask(language, "Language of texts that people read (en, zh-CN)", "en")
    timezone = ask(timezone, "Time zone", _ZONES.get(language, "UTC"))
    installation = ask(installation, "Id of the first installation", "TF1")
    person = ask(person, "Who takes its alarms, an id such as li.wei (empty: nobody yet)", "")
    phone = ask(phone, "Their phone, with + and country code (empty: none)", "") if person else ""
    list_ = ask(list_, "An I/O list, .xlsx or .csv (empty: none)", "")
    who = Person(person, phone=phone) if person else None
    _write(file, Frame(id_, name, timezone, language, who), installation, list_)


def _write(file: Path, frame: Frame, installation: str, table: str) -> None:
    """The file, with the points of the list where there is one. Raises ConfigError: answers that make no sound site."""
    from hazardwatch.verbs.table_import import judge, write_imported
    from pipeline.errors import ConfigError
    from pipeline.iolist.frame import empty_site
    from pipeline.iolist.importing import Asked
    from pipeline.sitefile import render_fault

    text = empty_site(frame, installation, "")
    faults = judge(text).faults
    if faults:
        raise ConfigError("\n".join(render_fault(fault) for fault in faults))
    if table:
        write_imported(Path(table), file, Asked(installation, "", Path(table).name, {}, None, False), frame)
    else:
        file.write_text(text, encoding="utf-8")
    typer.echo(f"{file} is written; what waits for you is marked FILL IN. Next:", err=True)
    last = "hazardwatch alarms" if table else f"hazardwatch init {file} --force --list io-list.xlsx"
    for command in (f"hazardwatch check {file}", f"hazardwatch run {file}", last):
        typer.echo(f"  {command}", err=True)
