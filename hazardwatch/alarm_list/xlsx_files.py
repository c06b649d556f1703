"""The alarm list as a workbook: the list, a sheet that says where each value comes from, and what the columns mean."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Sequence

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from hazardwatch.alarm_list import cells
from hazardwatch.alarm_list.columns import ABOUT, ALARM, BEHIND, COLUMNS, EDITED, Column
from hazardwatch.alarm_list.read_list import Sheet
from hazardwatch.alarm_list.rows import Row
from pipeline.errors import ConfigError
from pipeline.site import PRIORITIES

ALARMS, SOURCES, MEANING = "Alarms", "Sources", "Meaning"
_HEAD = NamedStyle(
    "head",
    Font(bold=True, color="FFFFFF"),
    PatternFill("solid", "1F3864"),
    None,
    Alignment("left", "top", wrap_text=True),
)
_TOP = Alignment(vertical="top", wrap_text=True)
_PLAIN = NamedStyle("value", alignment=_TOP)
_DEFAULT = NamedStyle("default", Font(color="7F7F7F"), alignment=_TOP)
_OVERRIDDEN = NamedStyle("overridden", fill=PatternFill("solid", "FFF2CC"), alignment=_TOP)
_FIXED = NamedStyle("not edited", fill=PatternFill("solid", "F2F2F2"), alignment=_TOP)
_STYLES = (_HEAD, _PLAIN, _DEFAULT, _OVERRIDDEN, _FIXED)
_Cells = tuple[Cell | MergedCell, ...]
_CHOICES = {"priority": PRIORITIES, "on_bad": ("hold", "trip")}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]|_x[0-9A-Fa-f]{4}_")
_ENCODED = re.compile("_x([0-9A-Fa-f]{4})_")


def xlsx_of(rows: Sequence[Row], name: str) -> bytes:
    """The workbook of a site file called `name`."""
    book = Workbook()
    for style in _STYLES:
        book.add_named_style(style)
    list_ = book.active
    assert isinstance(list_, Worksheet)  # a new workbook has one
    list_.title = ALARMS
    _head(list_, COLUMNS)
    for number, row in enumerate(rows, 2):
        for at, column in enumerate(COLUMNS, 1):
            _put(list_, number, at, row.cells[column.title], _style(column, row))
    _choices(list_, len(rows) + 1)
    sources = book.create_sheet(SOURCES)
    _head(sources, (ALARM, *EDITED))
    for number, row in enumerate(rows, 2):
        _put(sources, number, 1, row.alarm, _FIXED)
        for at, column in enumerate(EDITED, 2):
            _put(sources, number, at, row.sources.get(column.title), _style(column, row))
    _meaning(book.create_sheet(MEANING), name)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(sheet: Worksheet, columns: Sequence[Column]) -> None:
    for at, column in enumerate(columns, 1):
        head = sheet.cell(1, at, column.title)
        head.style = _HEAD.name
        head.comment = Comment(column.says, "hazardwatch", width=260, height=80)
        sheet.column_dimensions[get_column_letter(at)].width = column.width
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}1"
    sheet.sheet_view.zoomScale = 90
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 8  # A3
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _style(column: Column, row: Row) -> NamedStyle:
    source = row.sources.get(column.title, "")
    if column in ABOUT or column in BEHIND:
        return _FIXED
    if "override" in source:
        return _OVERRIDDEN
    return _DEFAULT if source.startswith("default") else _PLAIN


def _put(sheet: Worksheet, row: int, column: int, value: cells.Cell, style: NamedStyle) -> None:
    """A text stays a text, whatever it begins with."""
    if value is None and style is not _FIXED:
        return
    cell = sheet.cell(row, column)
    cell.style = style.name
    if isinstance(value, str):
        cell.value = _CONTROL.sub(lambda found: "".join(f"_x{ord(one):04X}_" for one in found[0]), value)
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(("=", "+", "-", "@"))
    elif value is not None:
        cell.value = value


def _choices(sheet: Worksheet, last: int) -> None:
    for at, column in enumerate(COLUMNS, 1):
        words = ("yes", "no") if column.kind == "yes_no" else _CHOICES.get(column.title)
        if words and last > 1:
            choice = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=False)
            choice.add(f"{get_column_letter(at)}2:{get_column_letter(at)}{last}")
            sheet.add_data_validation(choice)


def _meaning(sheet: Worksheet, name: str) -> None:
    told = [
        (f"The alarm list of {name}", ""),
        ("", ""),
        ("White cells", "can be edited; then: hazardwatch table diff SITE LIST, and table apply"),
        ("Grey cells", "only inform; what they say is changed in the site file"),
        ("Grey letters", "a default: nobody wrote it"),
        ("Yellow cells", "an override: they differ from the template, for the reason on the sheet Sources"),
        ("Rows", "may be sorted, filtered and left out; removing or adding one does not remove or add an alarm"),
        ("", ""),
        ("Column", "Meaning"),
        *((column.title, column.says) for column in COLUMNS),
    ]
    for number, (what, says) in enumerate(told, 1):
        sheet.cell(number, 1, what).font = Font(bold=True)
        sheet.cell(number, 2, says).alignment = _TOP
    sheet.column_dimensions["A"].width = 26
    sheet.column_dimensions["B"].width = 100


def sheet_of_xlsx(data: bytes, name: str) -> Sheet:
    """The list of a workbook: the first sheet that has its heading, wherever somebody moved it. Raises ConfigError."""
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        written = load_workbook(io.BytesIO(data), read_only=True) if _has_formulas(data) else None
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise ConfigError(f"{name} cannot be read as a workbook (.xlsx): {error}") from error
    for sheet in sorted(book.worksheets, key=lambda one: one.title != ALARMS):
        rows = sheet.iter_rows()
        columns: dict[str, int] = {}
        for at, cell in enumerate(next(rows, ())):
            if cell.value is not None:
                columns.setdefault(str(cell.value).strip(), at)
        if ALARM.title in columns and sheet.title != SOURCES:
            formulas = itertools.repeat(None) if written is None else written[sheet.title].iter_rows(min_row=2)
            return Sheet(name, columns, _rows(rows, formulas))
    raise ConfigError(
        f"{name}: no sheet whose first row has the heading {ALARM.title!r}: is it a list of `table export`?"
    )


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return any(name.startswith("xl/worksheets/") and b"<f" in packed.read(name) for name in packed.namelist())


def _rows(rows: Iterable[_Cells], formulas: Iterable[_Cells | None]) -> list[tuple[int, list[cells.Found]]]:
    """A formula whose result was never worked out is read as the formula, never as an empty cell."""
    found = []
    for number, (row, written) in enumerate(zip(rows, formulas, strict=False), 2):
        read = [cells.Found(_decoded(cell.value), "%" in str(getattr(cell, "number_format", ""))) for cell in row]
        for at, cell in enumerate(written or ()):
            if read[at].value is None and cell.value is not None:
                read[at] = cells.Found(str(cell.value))
        if any(one.value is not None and str(one.value).strip() for one in read):
            found.append((number, read))
    return found


def _decoded(value: object) -> object:
    return _ENCODED.sub(lambda found: chr(int(found[1], 16)), value) if isinstance(value, str) else value
