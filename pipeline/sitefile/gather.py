"""A site's files as one tree: what `include` and `table` name is put where it belongs. Judges no plant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pipeline.site_files import Unreadable
from pipeline.sitefile.context import Context, first_place
from pipeline.sitefile.explain import checked
from pipeline.sitefile.fault import nearest
from pipeline.sitefile.files import UTF_8, Files, named, text_of
from pipeline.sitefile.sections import join, note_shapeless, note_unread, opened
from pipeline.sitefile.table_rows import note_rows_unread, read_rows
from pipeline.sitefile.tree import Mapping, Mark, Sequence, parse
from pipeline.sitefile.written_file import JOINED, IncludedWritten

MAX_CHAIN = 40


class Gathered(NamedTuple):
    """`whole`: the sections of all files (None: the main file is none); `trees`: each file as it was read, by name."""

    whole: Mapping | None
    trees: dict[str, Mapping]


class _Entry(NamedTuple):
    """One name in an `include` or `table`, by whose file it counts."""

    text: str
    mark: Mark


def gather(text: str, file: str, files: Files, context: Context) -> Gathered:
    """The main file's text with everything it names."""
    gathering = _Gathering(files, context)
    root = gathering.parsed(text, file)
    if root is None:
        return Gathered(None, gathering.trees)
    whole = opened(root)
    gathering.include(root, whole, (file,))
    gathering.tables(whole)
    return Gathered(whole, gathering.trees)


class _Gathering:
    def __init__(self, files: Files, context: Context) -> None:
        self.trees: dict[str, Mapping] = {}
        self._files = files
        self._context = context
        self._first: dict[str, Mark] = {}
        """Where each file was named first, by `Files.same`."""

    def parsed(self, text: str, file: str) -> Mapping | None:
        """A file's tree, with everything wrong with its text noted."""
        root, troubles = parse(text, file)
        for trouble in troubles:
            self._context.faults.add(trouble.mark, trouble.found, trouble.expected, path_of=trouble.first)
        self.trees[file] = root if root is not None else Mapping(Mark(0, 0, file))
        return root

    def include(self, root: Mapping, whole: Mapping, chain: tuple[str, ...]) -> None:
        """Put what `root` includes into `whole`. `chain`: the files that led here, its own last."""
        for entry in _entries(root, "include"):
            for name in self._names(entry, chain):
                included = self._read(entry, name)
                self._add(included, name, whole, chain)

    def _add(self, text: str | None, name: str, whole: Mapping, chain: tuple[str, ...]) -> None:
        root = None if text is None else self.parsed(text, name)
        if root is None:
            note_unread(self._context)
            return
        checked(IncludedWritten, root, root.mark, self._context.faults)
        note_shapeless(root, self._context)
        sections = Mapping(root.mark)
        for key, value in root.items():
            if key == "site":
                expected = f"it in the main file alone, {chain[0]}"
                self._context.faults.add(root.marks[key], "the key site", expected)
            elif key in JOINED:
                sections.put(key, value, root.marks[key])
        join(whole, sections, self._context)
        self.include(root, whole, (*chain, name))

    def _names(self, entry: _Entry, chain: tuple[str, ...]) -> Iterator[str]:
        """The files an entry names that were not read before; else its fault."""
        name = named(entry.text, entry.mark.file)
        try:
            inside = self._files.inside(name)
        except Unreadable as error:
            self._context.faults.add(entry.mark, f"{entry.text}: {error.found}", error.expected)
            return
        if inside == []:
            self._context.faults.add(entry.mark, f"the folder {entry.text}", "a folder with .yaml files")
        if len(chain) > MAX_CHAIN:
            self._context.faults.add(entry.mark, f"more than {MAX_CHAIN} files that include each other", "fewer")
            return
        for one in [name] if inside is None else inside:
            same = self._files.same(one)
            if same in {self._files.same(each) for each in chain}:
                found = f"{one}, which leads here: {' > '.join((*chain, one))}"
                self._context.faults.add(entry.mark, found, "files that do not include each other in a circle")
            elif same in self._first:
                found = f"{one} a second time ({first_place(self._first[same], entry.mark)})"
                self._context.faults.add(entry.mark, found, "each file once", rule=f"twice {one}")
            else:
                self._first[same] = entry.mark
                yield one

    def _read(self, entry: _Entry, name: str) -> str | None:
        try:
            return text_of(self._files.read(name))
        except Unreadable as error:
            near = nearest(entry.text.rpartition("/")[2], self._files.beside(name))
            more = ' (in Excel: save as "CSV UTF-8")' if error.expected == UTF_8 and name.endswith(".csv") else ""
            self._context.faults.add(entry.mark, f"{name}: {error.found}", error.expected + more, near=near)
            return None

    def tables(self, whole: Mapping) -> None:
        """Put the rows of every installation's tables behind its own points and equipment."""
        installations = whole.get("installations")
        if not isinstance(installations, Sequence):
            return
        for index, one in enumerate(installations):
            if isinstance(one, Mapping) and "table" in one:
                installations[index] = self._with_tables(one)

    def _with_tables(self, installation: Mapping) -> Mapping:
        result = opened(installation)
        for entry in _entries(installation, "table"):
            name = named(entry.text, entry.mark.file)
            same = self._files.same(name)
            if same in self._first:
                found = f"{name} a second time ({first_place(self._first[same], entry.mark)})"
                self._context.faults.add(entry.mark, found, "each file once")
                continue
            self._first[same] = entry.mark
            text = self._read(entry, name)
            if text is None:
                note_rows_unread(self._context)
                continue
            rows = read_rows(text, name, self._context)
            self.trees[name] = rows.tree
            for row in rows.rows:
                _put_row(result, rows.key, row, entry.mark)
        return result


def _put_row(installation: Mapping, key: str, row: Mapping, mark: Mark) -> None:
    there = installation.get(key)
    if there is None and key not in installation:
        there = Sequence(mark)
        installation.put(key, there, mark)
    if isinstance(there, Sequence):  # else its own fault
        there.put(row, row.mark)


def _entries(root: Mapping, key: str) -> list[_Entry]:
    """The names under `include` or `table`: one, or a list. What is neither was told by the model."""
    value: Any = root.get(key)
    if isinstance(value, str):
        return [_Entry(value, root.marks[key])] if value else []
    if not isinstance(value, Sequence):
        return []
    pairs = zip(value, value.marks, strict=True)
    return [_Entry(one, mark) for one, mark in pairs if isinstance(one, str) and one]
