"""Settings: everything an operator may say, by environment variables `GALEN_…`."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What the operator decides. Each field is an environment variable of the same name with `GALEN_` before it."""

    model_config = SettingsConfigDict(env_prefix="GALEN_", env_file=None)

    var: Path = Field(Path("var"), description="Folder for data: the embedded database, files, secrets, anchors.")
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8000, description="Port the web server listens on.")
    database_url: SecretStr | None = Field(None, description="An external PostgreSQL >= 15; else the embedded one.")
    secret: SecretStr | None = Field(None, description="Master secret (>= 32 characters); else a file in `var`.")
    pool: int = Field(10, description="Database connections per process.")
    workers: int = Field(1, description="Web processes.")
    url: str = Field("", description="The address people use, for links in messages; else http://host:port.")
    trust_proxy: bool = Field(False, description="Believe X-Forwarded-Proto and -For of a proxy in front.")
    smtp_url: SecretStr | None = Field(None, description="smtp://user:password@host:port; else a local outbox page.")
    mail_from: str = Field("galen@localhost", description="Sender of e-mail.")
    session_idle_minutes: int = Field(30, description="A browser session ends after this long without use.")
    session_hours: int = Field(12, description="A browser session ends after this long in any case.")
    seal_seconds: int = Field(10, description="How often the audit log is sealed.")
    log_json: bool = Field(False, description="Logs as JSON lines.")

    @property
    def address(self) -> str:
        return self.url or f"http://{self.host}:{self.port}"


class WrongSetting(Exception):
    """A setting that cannot be used, named as the operator wrote it."""


@lru_cache
def settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        raise WrongSetting(f"GALEN_{str(first['loc'][0]).upper()}: {first['msg']}.") from None
