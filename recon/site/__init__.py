"""A site folder, read and checked: ``recon.yaml``, ``sources/<feed>.yaml``, ``rules/*.csv``.

``Site.open`` reads all of it and lists every mistake at once, each with its file, line and the
nearest valid name. What may be declared stands in ``declared``; how YAML is read, in ``reading``;
what the declarations owe each other, in ``consistency``.

What belongs here: the site as the rest of the toolkit sees it. What does not: reading feeds
(``parse``), running mappings (``canonical/mapping.py``), rule values (``rules``).
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from recon.errors import ConfigError, IntegrityError
from recon.lake import MANIFEST, Lake
from recon.site.consistency import (
    Found,
    facility_mistakes,
    feed_mistakes,
    folder_mistakes,
    overlapping,
    place_mistakes,
)
from recon.site.declared import (
    Column,
    Connector,
    Contract,
    DelimitedFormat,
    DelimitedTrailer,
    Domain,
    Facility,
    Feed,
    FixedTrailer,
    FixedWidthFormat,
    FolderConnector,
    Hl7Format,
    Hl7Profile,
    Identifier,
    JsonFormat,
    Lookup,
    Mapping_,
    OtherColumns,
    Privacy,
    RecordKind,
    SftpConnector,
    SiteConfig,
    Span,
    SpreadsheetFormat,
    X12Format,
)
from recon.site.keys import site_seal
from recon.site.reading import Mistake, Read, read
from recon.site.words import closest, nearest, one_line

__all__ = [
    "Column",
    "Connector",
    "Contract",
    "DelimitedFormat",
    "DelimitedTrailer",
    "Domain",
    "Facility",
    "Feed",
    "FixedTrailer",
    "FixedWidthFormat",
    "FolderConnector",
    "Hl7Format",
    "Hl7Profile",
    "Identifier",
    "JsonFormat",
    "Lookup",
    "Mapping_",
    "Mistake",
    "OtherColumns",
    "Privacy",
    "RecordKind",
    "SftpConnector",
    "Site",
    "SiteConfig",
    "Span",
    "SpreadsheetFormat",
    "X12Format",
    "closest",
    "nearest",
    "one_line",
    "overlapping",
    "read_site",
]


@dataclass(frozen=True)
class Site:
    """A site folder that has been read and checked."""

    folder: Path
    config: SiteConfig
    feeds: dict[str, Feed]

    @cached_property
    def lake(self) -> Lake:
        """Where the site's tables live."""
        root, privacy = self.folder / self.config.lake, self.config.privacy
        return Lake(root, site_seal(self.folder, root, privacy) if privacy else None)

    @property
    def ledger(self) -> Path:
        """The SQLite file that knows every file ever seen."""
        return self.folder / self.config.lake / "ledger.sqlite"

    @property
    def published(self) -> Path:
        """Where the site's workbooks go."""
        return self.folder / self.config.published

    @property
    def outbox(self) -> Path:
        """Where acknowledgements wait for the network's own transport."""
        return self.folder / self.config.outbox

    @property
    def rules(self) -> Path:
        """The site's own rule tables."""
        return self.folder / "rules"

    def closing(self, night: date | None = None) -> str:
        """The command that closes a night of this site, or all that are due: for messages."""
        words = ["recon", "run", "--site", str(self.folder)]
        return shlex.join([*words, *(["--night", str(night)] if night else [])])

    def verify(self) -> int:
        """Compare every stored file with the hash recorded; how many there are.

        Raw files are opened, and the lines of the audit log must follow from each other and hold
        what the ledger knows of them.

        Raises:
            IntegrityError: lists every file that is not what was written.
        """
        # Imported here: the log is anchored in the ledger, and landing knows the site.
        from recon import audit

        lake = Lake(self.lake.root, self.lake.seal)  # one that remembers nothing as verified
        manifests = sorted(m for root in (lake.root, self.published) for m in root.rglob(MANIFEST))
        checked, broken = 0, []
        for manifest in manifests:
            try:
                checked += len(lake.committed(manifest.parent))
            except IntegrityError as error:
                broken.append(str(error))
        for raw in lake.raw_files():
            try:
                lake.raw(raw)
                checked += 1
            except IntegrityError as error:
                broken.append(str(error))
        try:
            audit.entries(self)
        except IntegrityError as error:
            broken.append(str(error))
        if broken:
            raise IntegrityError("\n".join(broken))
        return checked

    @classmethod
    def open(cls, folder: Path | str, environ: Mapping[str, str] | None = None) -> "Site":
        """Read and check a site folder.

        Args:
            folder: the folder that holds ``recon.yaml``.
            environ: what ``${NAME}`` in a connector or ``privacy`` stands for; the command line
                passes the process's environment, tests pass their own.

        Raises:
            ConfigError: one line per mistake, all mistakes of all files.
        """
        site, mistakes = read_site(Path(folder), environ or {})
        if site is None or mistakes:
            listed = "\n".join(f"  {m}" for m in mistakes)
            count = f"{len(mistakes)} mistake" + ("s" if len(mistakes) != 1 else "")
            raise ConfigError(
                f"{count} in the site {folder}:\n{listed}\nNothing was run. Mend them and run: "
                f"recon doctor --site {shlex.quote(str(folder))}"
            )
        return site


def read_site(folder: Path, environ: Mapping[str, str]) -> tuple[Site | None, list[Mistake]]:
    """The site, as far as it can be read, and every mistake in it."""
    # Imported here: checking a mapping needs the layers below, and they know the models above.
    from recon.canonical.mapping import mapping_mistakes, unkeyed_mistakes
    from recon.rules import load_all, rule_mistakes

    config_file = folder / "recon.yaml"
    if not config_file.exists():
        told = "there is no recon.yaml here: is this a site folder? `recon init` makes one"
        return None, [Mistake(config_file, 1, told)]
    config = read(config_file, SiteConfig, environ)
    mistakes = list(config.mistakes)
    if config.model is not None:
        found = [*facility_mistakes(config.model), *place_mistakes(folder, config.model)]
        mistakes += _placed(config_file, config, found)
    unkeyed = config.model is not None and config.model.privacy is None
    feeds: dict[str, Feed] = {}
    sources = sorted((folder / "sources").glob("*.yaml"))
    if not sources:
        told = "no feed is declared: one YAML file per feed belongs here"
        mistakes.append(Mistake(folder / "sources", 1, told))
    for file in sources:
        feed = read(file, Feed, environ, stem=file.stem)
        mistakes += feed.mistakes
        if feed.model is not None:
            feeds[file.stem] = feed.model
            found = [*feed_mistakes(feed.model), *mapping_mistakes(feed.model, folder / "rules")]
            found += unkeyed_mistakes(feed.model) if unkeyed else []
            mistakes += _placed(file, feed, found)
    mistakes += folder_mistakes(folder, feeds, list(load_all()))
    mistakes += [
        Mistake(file, line, message) for file, line, message in rule_mistakes(folder / "rules")
    ]
    site = Site(folder, config.model, feeds) if config.model else None
    return site, sorted(set(mistakes), key=lambda m: (str(m.file), m.line, m.message))


def _placed(file: Path, source: Read[SiteConfig] | Read[Feed], found: list[Found]) -> list[Mistake]:
    lines = source.lines
    return [
        Mistake(file, lines.line(place) if lines else 1, message)
        for place, message in found
        if source.concerns(place)
    ]
