"""`hazardwatch schema`: the JSON Schema of a site file, for editors."""

from __future__ import annotations

from hazardwatch.verbs.output import print_json


def schema() -> None:
    """The JSON Schema of a site file: completion and hover texts in editors. What is wrong is `check`'s business.

    Put `# yaml-language-server: $schema=hazardwatch.schema.json` in the first line of a file, or name the files in the
    settings of your editor (docs/configuration.md says how).

    Example: hazardwatch schema > hazardwatch.schema.json
    """
    from pipeline.sitefile.schema import json_schema

    print_json(json_schema())
