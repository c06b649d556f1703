"""What the pages say is so: examples are the code's own, names exist, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import msgspec
import numpy as np
import pytest

from alerting.channels import CHANNELS
from alerting.channels.webhook import sign, signing_key
from alerting.refusals import COMMANDS
from hazardwatch.api.models import Word
from ingest.reading import Refusals
from ingest.routes import Routes
from pipeline import records
from pipeline.records import Kind
from pipeline.site import Site
from pipeline.sitefile import load
from pipeline.sitefile.advice_shown import WORDS
from rules.table import JUDGED_KINDS
from tests import doc_examples, doc_pictures

ROOT = Path(__file__).parents[2]
MESSAGES = doc_examples.PAGE.read_text(encoding="utf-8")
REFUSING = ("refusals.py", "transitions.py")
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md"), *ROOT.glob("deploy/*/*.md")]
)
_PAYLOAD = re.compile(r"<!-- payload: (\S+) taken (\d+) refused (\d+) -->\n```json\n(.*?)\n```", re.DOTALL)


def test_the_examples_of_messages_are_what_the_code_makes() -> None:
    assert doc_examples.render(MESSAGES) == MESSAGES, "write them anew: python -m tests.doc_examples"
    assert set(doc_examples.blocks(MESSAGES)) == set(doc_examples.made())


def test_the_hex_dump_is_the_block_it_is_said_to_be() -> None:
    block = records.decode_block(doc_examples.undump(doc_examples.blocks(MESSAGES)["readings"]))
    assert block.points == ("LT-101", "TT-101")
    assert block.index.tolist() == [0, 1, 0]
    assert block.value.tolist() == pytest.approx([13.21, np.nan, 13.22], nan_ok=True)
    assert block.flags.tolist() == [0, 2, 5]


_READ_BACK = [
    "command", "dead letter", "config ask", "config decision", "event", "judged", "delivery", "standing",
]  # fmt: skip


@pytest.mark.parametrize("name", _READ_BACK)
def test_a_record_on_the_page_can_be_read_back(name: str) -> None:
    kind, _, text = doc_examples.blocks(MESSAGES)[name].partition(" ")
    data = bytes.fromhex(kind) + text.encode()
    assert records.encode(records.decode(data)) == data


def test_every_sort_of_hint_is_on_the_page_of_check() -> None:
    page = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
    hints = page.partition("## Hints")[2].partition("## For editors")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", hints, re.MULTILINE)) == {*WORDS, "priorities", "load"}


def test_the_signature_on_the_page_is_that_of_the_body_without_spaces() -> None:
    head, _, body = doc_examples.blocks(MESSAGES)["webhook"].partition("\n\n")
    given = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    compact = msgspec.json.encode(msgspec.json.decode(body))
    key = signing_key(doc_examples.SECRET)
    assert sign(key, given["webhook-id"], given["webhook-timestamp"], compact) == given["webhook-signature"]
    assert doc_examples.SECRET.decode() in MESSAGES


@pytest.mark.parametrize(("topic", "taken", "refused", "payload"), _PAYLOAD.findall(MESSAGES))
def test_a_payload_on_the_page_is_read_as_it_says(topic: str, taken: str, refused: str, payload: str) -> None:
    routes = Routes(doc_examples.SITE)
    read = routes.table.get(topic.encode()) or routes.find(topic.encode())
    refusals: Refusals = []
    assert read(payload.encode(), 0, refusals) == int(taken)
    assert len(refusals) == int(refused)


def test_the_page_has_payloads_of_every_form() -> None:
    assert len(_PAYLOAD.findall(MESSAGES)) >= 7


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_record_is_on_the_page(kind: Kind) -> None:
    assert f"| `{kind:02x}` | {kind.name} |" in MESSAGES


def test_every_reason_to_refuse_a_command_is_on_the_page() -> None:
    written = "".join((ROOT / "alerting" / name).read_text(encoding="utf-8") for name in REFUSING)
    reasons = set(re.findall(r'(?:return|else) "([a-z_]+)"', written)) - {"raised"}
    assert {"unknown_person", "too_long", "suppressed", "not_latched"} <= reasons
    assert {reason for reason in reasons if f"`{reason}`" not in MESSAGES} == set()


def test_the_first_site_of_the_readme_has_no_faults_and_no_warnings(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [text] = re.findall(r"^```yaml\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    file = tmp_path / "my-site.yaml"
    file.write_text(text, encoding="utf-8")
    loaded = load(file, JUDGED_KINDS, frozenset(CHANNELS))
    assert not loaded.faults
    assert not loaded.warnings
    assert isinstance(loaded.site, Site)
    assert len(text.splitlines()) <= 20
    assert "TF1/LT-101/HH" in {alarm.id for point in loaded.site.installations[0].points for alarm in point.alarms}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    wrong = []
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            wrong.append(target)
    assert wrong == []


def _anchors(page: Path) -> set[str]:
    """The anchors that a forge makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_named_on_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    folders = "pipeline|ingest|rules|alerting|historian|simulators|hazardwatch|tests|deploy|examples|docs"
    named = set(re.findall(rf"`((?:{folders})/[\w/.-]+\.\w+)`", text))
    made = set(re.findall(r"<!-- new: (\S+) -->", text))
    assert {name for name in named - made if not (ROOT / name).exists()} == set()


def test_rows_of_the_transition_table_are_in_the_code_one_and_all() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "alerting").glob("*.py")))
    table = (ROOT / "docs" / "alarm-states.md").read_text(encoding="utf-8")
    rows = {int(row) for row in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    named = {int(number) for said in re.findall(r"[Rr]ows? ([\d, to]+)", code) for number in re.findall(r"\d+", said)}
    assert {1, 8, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22} <= named <= rows == set(range(1, 23))


@pytest.mark.parametrize("name", doc_pictures.drawn())
def test_the_pictures_show_what_the_engine_does(name: str) -> None:
    drawn = doc_pictures.drawn()[name]
    assert (doc_pictures.FOLDER / name).read_text(encoding="utf-8") == drawn, "draw: python -m tests.doc_pictures"


KINDS = {
    "high",
    "low",
    "digital",
    "rate",
    "time_to_limit",
    "flatline",
    "cusum",
    "deviation",
    "vote",
    "count",
    "by_mode",
}


def test_the_readme_says_which_kinds_are_judged() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [(judged, waiting)] = re.findall(r"^\| judged \| (.*) \| (.*)\|$", readme, re.MULTILINE)
    assert {kind for kind in KINDS if f"`{kind}`" in judged} == KINDS & JUDGED_KINDS
    assert {kind for kind in KINDS if f"`{kind}`" in waiting} == KINDS - JUDGED_KINDS


def test_the_readme_says_which_channels_send() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [sends] = re.findall(r"^\| messages \| ([^|]*) \|", readme, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", sends)) == set(CHANNELS)


@pytest.mark.parametrize("kind", sorted(KINDS & JUDGED_KINDS))
def test_how_each_kind_is_judged_is_told(kind: str) -> None:
    assert f"`{kind}" in (ROOT / "docs" / "how-a-sample-is-judged.md").read_text(encoding="utf-8").replace("type: ", "")


def test_every_command_is_carried_out_and_told_on_the_page_on_states() -> None:
    page = (ROOT / "docs" / "alarm-states.md").read_text(encoding="utf-8")
    assert set(get_args(Word)) == COMMANDS
    assert {command for command in COMMANDS if f"`{command.replace('_', '-')}`" not in page.replace("_", "-")} == set()
