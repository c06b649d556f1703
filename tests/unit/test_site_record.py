"""Equal configurations are one object while anybody holds it, and what the log's readers get is what was written."""

from __future__ import annotations

import gc
import weakref

from hazardwatch.system_site import with_system
from pipeline.site import Site, Text, of_installation
from pipeline.site_record import joined, parts_of, site_json, site_of

SITE = with_system(Site(id="east", name=Text(en="East", zh="东")))


def test_the_same_bytes_are_the_same_object_while_somebody_holds_it() -> None:
    first = site_of(site_json(SITE))
    assert site_of(site_json(SITE)) is first
    gone = weakref.ref(first)
    del first
    gc.collect()
    assert gone() is None
    assert site_of(site_json(SITE)) == SITE


def test_the_site_joined_from_its_parts_is_the_site_and_holds_them() -> None:
    parts = [site_of(part) for part in parts_of(SITE)]
    site = joined(SITE, parts)
    assert site == SITE
    for part, installation in zip(parts, site.installations, strict=True):
        assert part == of_installation(SITE, installation.id)
        assert part.installations[0] is installation
        assert site_of(site_json(of_installation(site, installation.id))) is part
