"""Settings: everything an operator may say, by environment variables `GALEN_…`."""

import os
import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET = 32
"""Characters that a master secret has at least."""

OTHERS = ("GALEN_TEST_DATABASE_URL", "GALEN_TEST_VAR", "GALEN_WRITE_MATRIX")

FAST = frozenset({"loading", "saving", "queries", "pool", "dispatch", "memory"})
"""What stands in core/fast for speed alone."""


class Settings(BaseSettings):
    """What the operator decides. Each field is an environment variable of the same name with `GALEN_` before it."""

    model_config = SettingsConfigDict(env_prefix="GALEN_", env_file=None, env_ignore_empty=True)

    var: Path = Field(Path("var"), description="Folder for data: the embedded database, files, secrets, anchors.")
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the web server listens on.")
    database_url: SecretStr | None = Field(None, description="An external PostgreSQL >= 15; else the embedded one.")
    secret: SecretStr | None = Field(None, description="Master secret (>= 32 characters); else a file in `var`.")
    former_secret: SecretStr | None = Field(
        None, description="The master secret before this one: opens the keys of files until `files rewrap` has run."
    )
    files_url: str = Field("", description="Where files are kept: a folder, or s3://bucket/prefix; else `var`/files.")
    files_mb: int = Field(20, ge=1, le=500, description="The largest file that may be sent, in megabytes.")
    pool: int = Field(10, ge=1, le=100, description="Database connections per web process; twice as many at a peak.")
    room_mb: int = Field(256, ge=0, description="Megabytes of the disk below which nothing is saved any more.")
    skew_seconds: int = Field(
        300, ge=1, description="Nothing is signed while this server's clock and the database's differ by more seconds."
    )
    workers: int = Field(1, ge=1, le=64, description="Web processes that `run` starts.")
    url: str = Field("", description="The address people use, for links in messages; else http://host:port.")
    trust_proxy: bool = Field(False, description="Believe X-Forwarded-Proto and -For of a proxy in front.")
    smtp_url: SecretStr | None = Field(None, description="smtp://user:password@host:port; else a local outbox page.")
    mqtt_url: SecretStr | None = Field(
        None,
        description="mqtt://user:password@host:port of a broker for sensors (mqtts:// for TLS); else none.",
    )
    mail_from: str = Field("galen@localhost", description="Sender of e-mail.")
    session_idle_minutes: int = Field(30, ge=1, description="A browser session ends after this long without use.")
    session_hours: int = Field(12, ge=1, description="A browser session ends after this long in any case.")
    streams: int = Field(
        12_000,
        ge=50,
        description="Live lines one web process holds; an address a tenth of them, an account a hundredth, and "
        "displays that nobody signed in at a fiftieth together.",
    )
    fast: str = Field("all", description="Parts of core/fast that are used: all, none, or names with commas between.")
    test_languages: bool = Field(False, description="Answer in the test languages en-XA and ar-XB when asked to.")
    hold_ms: int = Field(
        0, ge=0, description="Tell which route holds the event loop for so long (ms); 0 does not look."
    )
    log_json: bool = Field(False, description="Logs as JSON lines.")

    @field_validator("secret")
    @classmethod
    def long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and (count := len(secret.get_secret_value())) < SECRET:
            raise ValueError(f"a master secret has {SECRET} characters or more, and this one has {count}")
        return secret

    @field_validator("files_url")
    @classmethod
    def a_place(cls, url: str) -> str:
        if "://" in url and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w./-]*)?", url):
            raise ValueError("write a folder, or s3://bucket/prefix")
        return url

    @field_validator("database_url")
    @classmethod
    def an_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url and not re.match(r"postgres(ql)?://[^\s/]*/[^\s/?]+(\?\S*)?$", url.get_secret_value()):
            raise ValueError("write it as postgresql://user:password@host:5432/database")
        return url

    @field_validator("mqtt_url")
    @classmethod
    def a_broker(cls, url: SecretStr | None) -> SecretStr | None:
        if url and not re.match(r"mqtts?://[^\s/]+/?$", url.get_secret_value()):
            raise ValueError("write it as mqtt://user:password@host:1883, or mqtts:// for TLS")
        return url

    @field_validator("fast")
    @classmethod
    def known_parts(cls, fast: str) -> str:
        if fast not in ("all", "none") and (unknown := {part.strip() for part in fast.split(",")} - FAST):
            raise ValueError(f"there is no part {', '.join(sorted(unknown))}; choose among {', '.join(sorted(FAST))}")
        return fast

    @property
    def fast_parts(self) -> frozenset[str]:
        """The parts of core/fast that are switched on."""
        if self.fast in ("all", "none"):
            return FAST if self.fast == "all" else frozenset()
        return frozenset(part.strip() for part in self.fast.split(","))

    @property
    def address(self) -> str:
        return self.url or f"http://{self.host}:{self.port}"


class WrongSetting(Exception):
    """A setting that cannot be used, named as the operator wrote it."""


def misspelt() -> Iterator[str]:
    """A sentence for each GALEN_ variable that no setting reads, lest it be believed to hold."""
    known = {f"GALEN_{name.upper()}" for name in Settings.model_fields} | {"GALEN_PG_BIN"}
    for name in sorted(os.environ):
        if name.upper().startswith("GALEN_") and name not in known and not name.startswith(OTHERS):
            near = get_close_matches(name.upper(), known, 1)
            yield f"{name} is no setting of Galen and was not used." + (f" Is {near[0]} meant?" if near else "")


@lru_cache
def settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name, why = str(first["loc"][0]).upper(), first["msg"].removeprefix("Value error, ")
        raise WrongSetting(f"GALEN_{name}: {why}.") from None
