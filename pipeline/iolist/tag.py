"""Tags of a list -> ids of a site file. A tag that cannot be an id keeps its own form as an alias."""

from __future__ import annotations

import re

from pipeline.iolist.numbers import NotUnderstood
from pipeline.iolist.sheet import LONGEST_WORDS, fold, is_broken
from pipeline.sitefile.scalars import is_id

_REMARK = re.compile(r"\s*\([^()]*\)\Z")
_SEVERAL = re.compile(r"[0-9A-Za-z]\s*(?:/|~|,|;|、|&|\+|…|至|\.{2,3})\s*[0-9A-Za-z]")
_TOKEN = re.compile(r"[A-Za-z0-9._-]*[0-9][A-Za-z0-9._-]*")


def id_of(tag: str) -> tuple[str, str | None]:
    """The id, and the tag as it stands where that is another text. Raises NotUnderstood."""
    folded = fold(tag[:LONGEST_WORDS])
    if not folded:
        raise NotUnderstood("no tag")
    if is_broken(folded):
        raise NotUnderstood(f"the tag's cell holds {folded}")
    if is_id(folded):
        return folded, None
    if _SEVERAL.search(folded):
        raise NotUnderstood(f"{tag!r} is more than one tag")
    bare = _REMARK.sub("", folded)
    id_ = re.sub(r"[^A-Za-z0-9._-]+", "-", bare).strip("-")
    if re.search(r"[\u4e00-\u9fff]", bare) or not re.search(r"[0-9]", id_) or not is_id(id_):
        raise NotUnderstood(f"{tag!r} cannot be an id (letters, digits, . _ -; 64 at most)")
    return id_, tag


def looks_like_tag(text: str) -> bool:
    """Whether the cell may name an instrument, rather than a section of the list."""
    folded = fold(text[:LONGEST_WORDS])
    return len(folded) <= 40 and re.search(r"[A-Za-z].*[0-9]|[0-9].*[A-Za-z]", folded) is not None


def id_within(text: str) -> str | None:
    """The id that the text is, or the only one in it: "甲醇罐 T-101" is T-101."""
    folded = fold(text[:LONGEST_WORDS])
    if is_id(folded):
        return folded
    tokens = [one for one in _TOKEN.findall(folded) if is_id(one)]
    return tokens[0] if len(tokens) == 1 else None
