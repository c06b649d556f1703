"""The installed part: Debian packages, Kafka's jars, a Debian folder with TimescaleDB. Starts no server.

One base serves any number of stacks and checkouts: `DEVSTACK_BASE` names it, `.devstack/base` is its place otherwise.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.devstack import mosquitto

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
KAFKA = "4.1.0"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"


class DidNotInstall(Exception):
    """A program that installs has failed; says the end of its log."""


@dataclass(slots=True)
class Base:
    """What is installed, and where; `missing` has one line for each server that cannot be had, and why."""

    folder: Path
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def libs(self) -> Path:
        """Kafka's jars."""
        return self.folder / f"kafka-{KAFKA}"

    @property
    def root(self) -> Path:
        """The Debian folder with PostgreSQL and TimescaleDB."""
        return self.folder / "debian-trixie-postgresql-17"


def found() -> Base:
    """What is there at the moment; installs nothing."""
    base = Base(Path(os.environ.get("DEVSTACK_BASE") or ROOT / ".devstack" / "base").absolute())
    hint = "`make devstack` as root installs it"
    if mosquitto.installed() is None:
        base.missing["mosquitto"] = f"Mosquitto is not installed (Debian package mosquitto; {hint})"
    if java_version() < 17:
        base.missing["kafka"] = f"Kafka needs Java 17 (Debian package default-jre-headless; {hint})"
    elif not base.libs.is_dir():
        base.missing["kafka"] = f"Kafka's jars are not in {base.libs} ({hint})"
    if os.geteuid() != 0:
        base.missing["timescale"] = (
            "TimescaleDB runs in a Debian folder with mounts of its own, which only root may make: run this as root"
        )
    elif not base.root.is_dir():
        base.missing["timescale"] = f"there is no Debian folder with TimescaleDB in {base.root} ({hint})"
    return base


def java_version() -> int:
    """The major version of `java`; 0 without one."""
    if shutil.which("java") is None:
        return 0
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    return int(version[1]) if version else 0


def install() -> Base:
    """Install what is missing and can be installed here; the rest is in `missing` of the answer."""
    base = found()
    if not base.missing and not wanted_packages(base):
        return base
    base.folder.mkdir(parents=True, exist_ok=True)
    with (base.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second checkout waits, and then finds it all there
        _packages(base)
        if java_version() >= 17 and shutil.which("mvn") and not base.libs.is_dir():
            _jars(base)
        if os.geteuid() == 0 and shutil.which("debootstrap") and not base.root.is_dir():
            _debian(base)
    return found()


def wanted_packages(base: Base) -> list[str]:
    """Debian packages of this machine that what is missing needs."""
    checks = {
        "mosquitto": mosquitto.installed(),
        "mosquitto-clients": shutil.which("mosquitto_pub"),
        "openssl": shutil.which("openssl"),
        "default-jre-headless": java_version() >= 17,
        "maven": base.libs.is_dir() or shutil.which("mvn"),
        "debootstrap": base.root.is_dir() or shutil.which("debootstrap") or os.geteuid() != 0,  # of use to root only
    }
    return [package for package, there in checks.items() if not there]


def _packages(base: Base) -> None:
    packages = wanted_packages(base)
    if not packages:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        why = "this needs root" if os.geteuid() != 0 else "there is no apt-get here"
        print(f"not installed: {' '.join(packages)} ({why})\nTo have them: sudo apt-get install {' '.join(packages)}")
        return
    # A broker of the machine's own on port 1883 would stand where hazardwatch listens: RUNLEVEL=1 starts no service.
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    with _step(f"Debian packages {' '.join(packages)}"):
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=True)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
            env=quiet, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        if "mosquitto" in packages and Path("/run/systemd/system").is_dir():
            subprocess.run(["systemctl", "disable", "--now", "mosquitto.service"], check=True)


def _jars(base: Base) -> None:
    with _step(f"Kafka {KAFKA} from Maven Central, 93 jars, 54 MB, about 20 s"):
        fresh = base.folder / f"kafka-{KAFKA}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        # A pom outside the sources: Maven would leave a folder `target` beside it.
        pom = shutil.copy(HERE / "pom.xml", base.folder / "pom.xml")
        subprocess.run(
            ["mvn", "-q", "-B", "-Dstyle.color=never", "-f", pom, COPY, f"-DoutputDirectory={fresh}"], check=True
        )
        fresh.rename(base.libs)


def _debian(base: Base) -> None:
    with _step("Debian trixie with PostgreSQL 17 and TimescaleDB, about 40 s"):
        fresh = base.root.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        said = base.folder / "debootstrap.log"
        command = [
            "debootstrap", "--variant=minbase", "--include=postgresql-17,postgresql-17-timescaledb",
            "trixie", str(fresh),
        ]  # fmt: skip
        with said.open("w") as log:
            done = subprocess.run(command, stdout=log, stderr=log, check=False)
        if done.returncode:
            raise DidNotInstall(f"debootstrap failed, see {said}: {said.read_text()[-500:]}")
        for package in (fresh / "var/cache/apt/archives").glob("*.deb"):
            package.unlink()
        fresh.rename(base.root)


@contextmanager
def _step(what: str) -> Iterator[None]:
    print(f"{what} ...", flush=True)
    began = time.monotonic()
    yield
    print(f"  done in {time.monotonic() - began:.0f} s", flush=True)
