"""Settings: the only reader of Suroo's and OpenAI's environment variables. README.md has them as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import BadSettings

_SECRET = ("openai_api_key", "chroma_url", "database_url")  # never shown, not even where they are wrong


class Settings(BaseSettings):
    """What a run of Suroo may be told. Keyword arguments win over the environment; nothing is read from files.

    Raises `BadSettings`, naming the variable, where a value can't be used.
    """

    model_config = SettingsConfigDict(env_prefix="SUROO_", extra="forbid", frozen=True, env_ignore_empty=True)

    data: Path = Path("data")
    chat_model: str | None = None
    embedding_model: str | None = None
    k: int = Field(default=8, ge=1, le=100)
    strict: bool = False
    first_token_s: float = Field(default=60, gt=0)
    next_token_s: float = Field(default=30, gt=0)
    context_tokens: int = Field(default=8_000, ge=4_000)
    daily_tokens: int | None = Field(default=None, ge=0)
    suggestions: int = Field(default=0, ge=0, le=5)
    log: Literal["info", "debug"] | None = None
    chroma_url: SecretStr | None = None  # addresses may hold a password
    database_url: SecretStr | None = None
    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("openai_api_key", "OPENAI_API_KEY")
    )
    openai_base_url: str | None = Field(
        default=None, validation_alias=AliasChoices("openai_base_url", "OPENAI_BASE_URL")
    )

    @field_validator("openai_base_url")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value is not None and not _on_the_web(value):
            raise ValueError("it should be an address like http://localhost:11434/v1")
        return value

    @field_validator("chroma_url")
    @classmethod
    def _is_a_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _on_the_web(value.get_secret_value()):
            raise ValueError("it should be an address like http://localhost:8000")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        url = urlsplit(value.get_secret_value())
        try:
            port_is_one = url.port is None or url.port > 0
        except ValueError:
            port_is_one = False
        if url.scheme not in ("postgresql", "postgres", "postgresql+psycopg") or not port_is_one or not url.path[1:]:
            raise ValueError("it should be an address like postgresql://user:password@host:5432/database")
        return value

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            first = error.errors()[0]
            field = str(first["loc"][0]) if first["loc"] else "?"
            name = field.upper() if field.lower().startswith("openai") else f"SUROO_{field.upper()}"
            shown = "…" if field.lower() in _SECRET else repr(first.get("input"))
            raise BadSettings(name=name, value=shown, why=first["msg"]) from None


def _on_the_web(value: str) -> bool:
    url = urlsplit(value)
    return url.scheme in ("http", "https") and bool(url.hostname)
