"""The service looks at every file its site was read from, and says when one of them says something else."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hazardwatch.config_file import ConfigFile
from hazardwatch.sites import load_site

MAIN = "schema: hazardwatch/site/v1\nsite: {id: works}\ninclude: [areas]\n"
AREA = "installations: [{id: NAME, table: NAME.csv}]\n"
TABLE = "id,quantity,unit,range[0],range[1]\nLT,level,m,0,TOP\n"


def test_a_change_in_any_file_of_the_site_is_seen(tmp_path: Path) -> None:
    main, areas = tmp_path / "site.yaml", tmp_path / "areas"
    areas.mkdir()
    main.write_text(MAIN, encoding="utf-8")

    def area(name: str, top: str) -> None:
        (areas / f"{name}.yaml").write_text(AREA.replace("NAME", name), encoding="utf-8")
        (areas / f"{name}.csv").write_text(TABLE.replace("TOP", top), encoding="utf-8")

    area("A", "15")
    loaded = load_site(main)
    assert loaded.site is not None
    file = ConfigFile(main, loaded.site, tuple(loaded.asked))

    async def digests() -> dict[str, str]:
        await file.look()
        return file.digests

    start = asyncio.run(digests())
    area("A", "150")  # a table
    higher = asyncio.run(digests())
    assert higher["A"] != start["A"]
    area("B", "15")  # a new file in the folder
    assert set(asyncio.run(digests())) == {"A", "B", "SYSTEM"}
    area("B", "high")  # a fault, and its mending
    assert asyncio.run(digests()) == {}
    area("B", "1500")
    assert set(asyncio.run(digests())) == {"A", "B", "SYSTEM"}
    (areas / "B.csv").unlink()
    assert asyncio.run(digests()) == {}
