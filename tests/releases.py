"""Releases for a test: a maintainer with a key of his own, and other versions of a package that was built."""

import shutil
import subprocess
from pathlib import Path

from appliance.update import release

STARTS = "    with ExitStack() as stack:\n"  # of web/server.py: it begins to serve
MIGRATION = """from peewee import TextField
from playhouse.migrate import migrate


def up(migrator, _db):
    migrate(migrator.add_column("bookmark", "later", TextField(default="")))
"""


class Maintainer:
    """Has a release key without a password, for once."""

    def __init__(self, folder: Path) -> None:
        self.public, self._secret = folder / "release.pub", folder / "release.key"
        self._run("-G", "-W", "-p", self.public, "-s", self._secret)

    def _run(self, *words: object) -> None:
        assert shutil.which("minisign"), "Debian's package minisign is not installed: make test-packages"
        command = ["minisign", *(str(word) for word in words)]
        subprocess.run(command, check=True, capture_output=True, input=b"\n")

    def sign(self, package: Path, *more: str) -> Path:
        """The signature, beside *package*; its trusted comment is the name of that, as `make release` has it."""
        signature = package.with_name(package.name + release.ENDING)
        self._run("-S", "-W", *more, "-s", self._secret, "-t", package.stem, "-m", package, "-x", signature)
        return signature


def altered(package: Path, folder: Path, version: str, maintainer: Maintainer, *, well: bool = True) -> Path:
    """*package* as *version*, whose boxes take what *maintainer* signs; signed by him.

    When it is not *well*: with a step on the database that no other version knows, and a page that ends as it starts.
    """
    was, arch = (_field(package, name) for name in ("Version", "Architecture"))
    tree = folder / version
    subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(tree)], check=True)
    (site,) = tree.glob("usr/lib/bin-kast/lib/python3.*/site-packages/appliance")
    for file, line in ((tree / "DEBIAN/control", "Version: {}-1"), (site / "__init__.py", '__version__ = "{}"')):
        before, after = line.format(was.removesuffix("-1")), line.format(version)
        assert before in file.read_text(), f"{file.name} does not say {before}"
        file.write_text(file.read_text().replace(before, after))
    shutil.copy(maintainer.public, tree / "usr/share/bin-kast/release.pub")
    if not well:
        (site / "migrations/9999_later.py").write_text(MIGRATION)
        page = site / "web/server.py"
        assert STARTS in page.read_text()
        page.write_text(page.read_text().replace(STARTS, f"    raise SystemExit(1)\n{STARTS}"))
    made = folder / f"bin-kast_{version}-1_{arch}.deb"
    packing = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(tree), str(made)]
    subprocess.run(packing, check=True, stdout=subprocess.DEVNULL)
    maintainer.sign(made)
    return made


def _field(package: Path, name: str) -> str:
    asking = ["dpkg-deb", "--field", str(package), name]
    return subprocess.run(asking, check=True, capture_output=True, text=True).stdout.strip()
