"""Prompts as files: `en/*.md` and `ru/*.md`, with `$name` placeholders. Nothing here imports the rest of Suroo."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from string import Template


@lru_cache(maxsize=64)
def template(name: str, language: str) -> Template:
    """The template `name` in `language`; FileNotFoundError where there is none."""
    return Template(resources.files("prompts").joinpath(language, f"{name}.md").read_text("utf-8"))


def render(name: str, language: str, /, **values: str) -> str:
    """The prompt with its placeholders filled. Values that are missing or not asked for raise ValueError, by name."""
    found = template(name, language)
    wanted = set(found.get_identifiers())
    if wanted != values.keys():
        missing, extra = sorted(wanted - values.keys()), sorted(values.keys() - wanted)
        raise ValueError(f"prompt {language}/{name}.md: missing {missing}, not in it {extra}")
    return found.substitute(values).strip()
