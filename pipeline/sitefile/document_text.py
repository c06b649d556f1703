"""The prose of docs/configuration.md; the tables come from the models (document.py)."""

BEFORE = """# The site file

<!-- Made by `python -m pipeline.sitefile.document` from the models. Do not edit. -->

One YAML file, with the files it names, says all there is to say of a site. `hazardwatch check SITE` tells every fault
at once, each with its file and line, its path, what was found, what was expected and the nearest valid name;
`hazardwatch check SITE --expand` shows what comes of it, and where each value comes from; `hazardwatch run SITE` runs
it.

* Unknown keys are refused. A key without a value is refused: leave the key out instead.
* Types are strict: `"1"` is no number, `1` and `yes` are not true. YAML 1.2; a number with leading zeros is a text.
* Anchors, aliases, merge keys, tags and a second document are refused: templates and alarm classes are for repetition,
  and one place in the file means one thing.
* **Ids** (of points, alarms, installations, equipment ...): letters (a-z, A-Z), digits, `.` `_` `-`, 64 at most.
* **Durations** have a unit: `500ms`, `5s`, `15min`, `8h`, `30d`. A bare number is refused.
* **Percentages** (`1%`) are of the point's range, worked out in decimals and rounded once; a setpoint in % is counted
  from its bottom (unless % is the point's unit).
* **Numbers** are in the point's unit, or name another unit of the same quantity: `setpoint: 95 kPa` on a point in bar.
  Setpoints, deadbands, slopes and ranges are converted exactly and rounded once; a temperature's zero counts for values
  and not for differences (a deadband of 9 °F is 5 °C). mg/m3 and ppm need the point's `gas` (20 °C, 101.325 kPa).
* **Texts** people read are one text, or `{en: ..., zh-CN: ...}`; a missing language takes the other.
* A fault in a template is told once, at the template's line; a fault of a value that an equipment gives for a variable
  is told at the equipment. What refers to something that has a fault of its own is no further fault.
"""

SECTION_NOTES = {
    "Editors": """\
`hazardwatch schema` prints the JSON Schema of a site file, made from the same models as this page: editors complete
keys and words with it, show what a key means, and underline what is misspelt. In VS Code with the extension YAML (Red
Hat):

```
hazardwatch schema > hazardwatch.schema.json
```

Then write `# yaml-language-server: $schema=hazardwatch.schema.json` in the first line of each file, or name the files
in the settings: `"yaml.schemas": {"hazardwatch.schema.json": ["plant.yaml", "areas/*.yaml"]}`. Any other editor that
knows JSON Schema (draft 7) for YAML will do. The schema looks at one key at a time; what fits together `check` alone
knows: `hazardwatch check SITE --json` tells an editor every fault with its file, line and column
([what check says](check.md)).
""",
    "Several files": """\
A large site is easier to keep as several files. The main file has `schema` and `site`, and names the others:

```yaml
include: [people.yaml, installations, ../shared/templates.yaml]
```

A name is relative to the file it stands in. A folder stands for its `.yaml` and `.yml` files and those of its folders,
in the order of their names. An included file has the sections of the table above without `site`, and may include files
in turn. Usually there is one file per installation, and templates shared between sites in a file of their own.

Nothing overrides anything: a file, a template, a class, a person or an installation that comes twice is a fault that
names both places, and so are files that include each other in a circle. `notify`, `warnings` and `history` stand in one
file. All files together are one configuration: `run` watches them all, and `apply` sends them all.

**Tables**: points, or the equipment of a template, may stand in CSV files (UTF-8, commas, headings in the first line).

```yaml
installations:
  - id: TF1
    table: [gas.csv, tanks.csv]
```

```csv
id,name.en,name.zh-CN,quantity,unit,range[0],range[1],gas,preset,alarms.HH.action
GT-1,"Gas detector, north",北侧可燃气,gas_concentration,%LEL,0,100,methanol,gas-combustible,Evacuate
```

```csv
id,use,n,span,HH,H,override.LT-102/H.on_delay,override.LT-102/H.why
T-101,tank,101,15,13.2,12.5,,
T-102,tank,102,15,13.2,12.5,10s,agitator waves
```

A heading is a key, or a path of keys as faults show it: `range[0]`, `name.en`, `alarms.H.setpoint`. With a column `use`
the rows are equipment, and further columns the template's variables; else they are points. An empty cell is a key that
is not written. A cell is a number or true/false where it reads like one, but a text under `id`, `name`, `alias`, `gas`,
`cause`, `consequence`, `action`, `why`; a list or mapping may stand in a cell as in YAML. The rows come behind what the
file itself lists.
""",
    "Graded warnings": """\
Without this section no warnings are given. A table to begin with (no national formula is published: show yours to those
who work by it):

```yaml
warnings:
  rules:
    - {level: blue, when: {priority: low}}
    - {level: yellow, when: {priority: high, lasting: 5min}}
    - {level: orange, when: {priority: critical}}
    - {level: orange, when: {time_to_limit: 15min}}
    - {level: red, when: {priority: critical, unacknowledged: true, lasting: 5min}}
    - {level: red, when: {class: [safety], count: 2}}
  tell:
    orange: {to: [owner, owner+1], by: [sms]}
    red: {to: [owner, owner+1, owner+2], by: [sms]}
```
""",
    "Alarm classes": """\
`process`, `safety` and `instrument` exist without being written:

```yaml
alarm_classes:
  process: {}
  safety: {priority: critical, latching: true, realarm: 15min, shelving: {allowed: false},
           exempt_from_bundling: true, on_bad: trip}
  instrument: {}
```

A class that the file defines replaces the built-in one of that name whole. An alarm's own attributes win over its
class's.
""",
    "Templates": """\
```yaml
templates:
  tank:
    vars: [n, span]
    points:
      - {id: "LT-${n}", quantity: level, unit: m, range: [0, "${span}"]}
```

A template's points belong to the equipment that uses it, with its modes and its gateway. A template that nothing uses
gives a warning: its points cannot be checked without variables.
""",
    "Gateways": """\
A gateway that brings readings of an installation is a point there, with the alarm `GATEWAY-LOST`: nothing of its points
was heard for longer than `heartbeat`, or its own point says `0` (its will, or the listener that lost the client of
that id). STALE, LATE and CLOCK of its points are suppressed by design meanwhile. Where its points send more seldom
than `heartbeat`, the gateway publishes `1` on its own topic, `hazardwatch/v1/INSTALLATION/GATEWAY`.
""",
    "Equipment": """\
`override` changes attributes of single alarms, each with the reason in `why`. STALE, BAD, LATE, CLOCK and the
alarms of a preset can be named there too.
""",
    "Points": """\
Order is meaningful: it decides ties. The points of templates come in the order the equipment is listed, before the
installation's own `points`. Every enabled point also has the alarms STALE, BAD, LATE and CLOCK.
""",
    "Alarms": """\
An alarm's id is `INSTALLATION/POINT/NAME`, or `INSTALLATION/NAME` for those of an installation. The names HH, H, L
and LL need no `type`. Priority, where neither the alarm nor its class gives one:

* class instrument (STALE, BAD, LATE by default): one step below the highest of the point's other alarms, at least high
  beside an alarm of class safety, low where there are none; CLOCK is low. For an alarm of an installation the alarms of
  all points it is judged from count.
* else: HH and LL high, all others medium.

`check` also refuses what makes no sense: HH below H, L above H, LL above L (in every mode); setpoints outside the
range; a deadband wider than the gap to the next level on its side, or one that never ends inside the range
(a warning where it is only the default); an
on-delay longer than the response time; a `by_mode`
that makes a safety alarm later or weaker (setpoint further out, longer on-delay,
lower priority); windows too short for three samples.
""",
    "Suppression by design": """\
`suppress` stands in a template (about its own equipment) or in an installation. Alarms of class safety cannot be
suppressed, and alarms cannot suppress each other in a circle.
""",
    "Notifications": """\
Every step must reach somebody: a position on a route has people, and whoever is told by `sms_http` (or by a channel
whose fallback is one) has a phone.
""",
    "Presets": """\
A preset gives a point ready-made alarms of class process; `alarms` of the point changes them one attribute at a time
(`check` hints at each change), and `hazardwatch presets NAME` shows every number with its source. Those of gas latch
and have no deadband. The numbers are editable defaults from secondary sources or proposals, no legal advice: check
them against the standard's print. A site adds its own under `presets`. Where a toxic gas's level 1 lies below the
point's `resolution`, H and HH are 5 and 10 % of the IDLH, with a warning; where no IDLH is known that is a fault.
""",
}

AFTER = """## What was chosen where the contract is silent

* The order of points and alarms is the file's; a preset's alarms come before the point's own.
* A point of quantity state is STALE after 60 s without `stale_after` or `period`.
* An equipment without a template may have `modes` of its own. `modes` beside `use` is refused.
* `when: {mode: ...}` of an installation's `suppress` needs `equipment` beside it; a template's may not have it.
* Ids of suppressions are unique within their template or installation, and are recorded as written.
* References (`of`, `suppress`) are written POINT/ALARM or NAME, without the installation.
* Voting members, deviation points and causes of suppression must be enabled points.
* `vote` has no delays and no `on_bad` (`on_fault` says it), and is worked out with `on_bad: hold`; so are STALE, BAD,
  LATE and CLOCK.
* `deviation` and `vote` stand under an installation's `alarms`, all other kinds under a point's.
* The name `X-degraded` beside a vote `X` is taken by the vote.
* `sustained` of `count` is `within` unless written; `per` of `time_to_limit` is 1h.
* Positions and people share one set of ids, as `to` of a step may name either; `owner` is neither.
* An escalation that goes to `owner` needs an owner in every installation it matches.
* Warnings are for what is accepted but without effect in this version (the README lists it: "What is in this version,
  and what is not yet"), and for a point without a range, an unused template, the IDLH rule.
"""
