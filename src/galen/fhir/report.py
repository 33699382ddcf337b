"""What an import says at its end: counts by type, what failed, what to look at."""

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class ResourceTally:
    """Of one type. `kept`: stored as it came, by this run; `failed`: could not be read; the rest is unchanged."""

    read: int = 0
    created: int = 0
    updated: int = 0
    kept: int = 0
    failed: int = 0

    @property
    def unchanged(self) -> int:
        return self.read - self.created - self.updated - self.kept - self.failed


@dataclass(frozen=True)
class FhirRemark:
    """One sentence about one place in one file. It names resources and fields, never a person."""

    file: str
    resource: str
    field: str
    says: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.file, self.resource, self.field, self.says)))


@dataclass
class FhirReport:
    """The whole import, or one file of it."""

    resources: dict[str, ResourceTally] = field(default_factory=lambda: defaultdict(ResourceTally))
    files: int = 0
    files_failed: int = 0
    problems: list[FhirRemark] = field(default_factory=list)
    conflicts: list[FhirRemark] = field(default_factory=list)
    warnings: list[FhirRemark] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return bool(self.problems)

    def add(self, part: "FhirReport") -> None:
        for kind, tally in part.resources.items():
            mine = self.resources[kind]
            for name, number in asdict(tally).items():
                setattr(mine, name, getattr(mine, name) + number)
        self.problems += part.problems
        self.conflicts += part.conflicts
        self.warnings += part.warnings

    def counts(self) -> dict[str, dict[str, int]]:
        return {kind: asdict(tally) for kind, tally in sorted(self.resources.items())}

    def as_json(self) -> dict[str, Any]:
        remarks = {
            name: [asdict(remark) for remark in getattr(self, name)] for name in ("problems", "conflicts", "warnings")
        }
        return {"resources": self.counts(), "files": {"read": self.files, "failed": self.files_failed}, **remarks}

    def as_text(self) -> str:
        """A table by type, then everything that somebody should look at."""
        names = ("read", "created", "updated", "kept", "unchanged", "failed")
        lines = [f"{'':24}" + "".join(f"{name:>11}" for name in names)]
        for kind, tally in sorted(self.resources.items()):
            lines.append(f"{kind:24}" + "".join(f"{getattr(tally, name):>11}" for name in names))
        lines.append(f"{self.files} file(s) read, {self.files_failed} failed.")
        for title, remarks in (
            ("Failed", self.problems),
            ("Changed here and at the source", self.conflicts),
            ("To look at", self.warnings),
        ):
            if remarks:
                lines += ["", f"{title} ({len(remarks)}):", *(f"  {remark}" for remark in remarks)]
        return "\n".join(lines)
