"""A YAML file of a site as its model, and a sentence for each mistake.

What belongs here: unknown, missing and wrong keys, and ``${NAME}`` of the environment. What does
not: what the keys of one site owe each other (``consistency``), YAML itself (``yaml_file``).
"""

import re
import types
import typing
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, Union

from pydantic import BaseModel, ValidationError

from recon.site.words import closest, nearest
from recon.site.yaml_file import Place, Unreadable, YamlFile

M = typing.TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Mistake:
    """One mistake in a site folder."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Read(Generic[M]):
    """One YAML file, read.

    Attributes:
        model: what it declares. Where a key is wrong it holds what was probably meant, so that the
            rest of the file can be checked too; None where nothing can be made of it.
        mistakes: what is wrong with the file by itself.
        lines: the line of a place in the file.
        mended: places that the model does not hold as they are written.
    """

    model: M | None
    mistakes: list[Mistake]
    lines: YamlFile | None = None
    mended: frozenset[Place] = frozenset()

    def concerns(self, place: Place) -> bool:
        """Whether a mistake found at ``place`` is the file's, and not of the mending."""
        return not any(place[: len(m)] == m for m in self.mended)


# Sections whose values may name environment variables, and the key that must hold nothing else.
_FROM_ENVIRONMENT = ("connector", "privacy")
_SECRET = ("privacy", "key")
# What is no secret and is shown in tokens and messages: a key put here by mistake would be too.
_AS_WRITTEN = ("privacy", "key_id")
# A key where the name of its file belongs: as openssl writes them in hexadecimal digits or base64,
# or the text of a private key. No message is to repeat it.
_KEY_ITSELF = re.compile(r"[0-9A-Fa-f]{32,}|[A-Za-z0-9+/]{40,}={1,2}|(?s:.*PRIVATE KEY.*)")
_REFERENCE = re.compile(r"\$\{([^}]*)\}")


def read(
    file: Path, model: type[M], environ: Mapping[str, str], stem: str | None = None
) -> Read[M]:
    """Read one YAML file.

    Args:
        file: the file.
        model: what it must declare.
        environ: what ``${NAME}`` in a section of ``_FROM_ENVIRONMENT`` stands for.
        stem: the ``name`` that the model gets from the file's name.
    """
    try:
        yaml = YamlFile(file)
    except Unreadable as broken:
        return Read(None, [Mistake(file, broken.line, str(broken))])
    mistakes = [Mistake(file, line, sentence) for line, sentence in yaml.repeated_keys()]
    if not isinstance(yaml.content, dict):
        return Read(None, [*mistakes, Mistake(file, 1, "the file must hold keys and values")])
    content: dict[Any, Any] = dict(yaml.content)
    if stem is not None:
        if "name" in content:
            told = f"unknown key 'name'; a feed is named after its file: {stem}"
            mistakes.append(Mistake(file, yaml.line(("name",)), told))
        content["name"] = stem
    for section in _FROM_ENVIRONMENT:
        if not isinstance(content.get(section), dict):
            continue
        filled = {}
        for key, value in content[section].items():
            if (section, key) == _AS_WRITTEN:
                filled[key] = value
                continue
            filled[key], unset = _from_environment(value, environ)
            where = yaml.line((section, key))
            mistakes += [
                Mistake(file, where, f"${{{name}}} is not set in the environment") for name in unset
            ]
            if (section, key) == _SECRET and not _REFERENCE.fullmatch(str(value)):
                told = f"{section}.{key} is written in the file: write ${{NAME}}, and set NAME"
                mistakes.append(Mistake(file, where, told))
                filled[key] = ""  # no message is to repeat it
            if key == "key_file" and _KEY_ITSELF.fullmatch(str(filled[key]).strip()):
                told = f"{section}.key_file holds a key itself: it must name the file that holds it"
                mistakes.append(Mistake(file, where, told))
                filled[key] = "-"
        content[section] = filled
    found, errors, mended = _validated(model, content)
    mistakes += [Mistake(file, yaml.line(_key(e)), _sentence(model, e)) for e in errors]
    return Read(found, mistakes, yaml, mended)


def _from_environment(value: object, environ: Mapping[str, str]) -> tuple[object, list[str]]:
    """A value with each ``${NAME}`` replaced, and the names that are not set."""
    if not isinstance(value, str):
        return value, []
    names = _REFERENCE.findall(value)
    filled = _REFERENCE.sub(lambda m: environ.get(m[1], m[0]), value)
    return filled, [name for name in names if name not in environ]


# --- a model in spite of mistakes ----------------------------------------------------------------

# Keys of a feed on which no other check of the file depends, and what stands in for a wrong one.
_STAND_INS: dict[str, object] = {
    "owner": "-",
    "description": "",
    "criticality": "normal",
    "extract": "append",
    "connector": {"kind": "folder", "path": ".", "pattern": "*"},
}


def _validated(
    model: type[M], content: dict[Any, Any]
) -> tuple[M | None, list[Any], frozenset[Place]]:
    try:
        return model.model_validate(content), [], frozenset()
    except ValidationError as broken:
        errors = broken.errors()
    mended = deepcopy(content)
    places = {_mend(mended, error) for error in errors}
    if None in places:
        return None, errors, frozenset()
    try:
        found = model.model_validate(mended)
    except ValidationError:
        return None, errors, frozenset()
    return found, errors, frozenset(p for p in places if p is not None)


def _mend(content: dict[Any, Any], error: Any) -> Place | None:  # noqa: ANN401  pydantic's ErrorDetails is not exported
    """Change ``content`` to what was probably meant; the place changed, or None."""
    place = _steps(content, error["loc"])
    parent = _at(content, place[:-1])
    if error["type"] == "extra_forbidden" and isinstance(parent, dict):
        parent.pop(place[-1], None)
        return place
    if error["type"] == "literal_error" and isinstance(parent, dict):
        meant = closest(str(error["input"]), _expected(error))
        if meant is not None:
            parent[place[-1]] = meant
            return place
    match place:
        case ("records", int(index), *_):
            content["records"][index] = {"table": "", "columns": {}}
            return place[:2]
        case ("contract", "columns", int(index), str(key), *_) if key not in ("name", "type"):
            content["contract"]["columns"][index].pop(key, None)
            return place[:3]
        case ("format", "profile", str(key), *_):
            content["format"]["profile"].pop(key, None)
            return place[:3]
        case ("format", *_):
            content["format"] = _likely_format(content.get("contract"))
            return place[:1]
    first = str(error["loc"][0])
    if first in _STAND_INS:
        content[first] = deepcopy(_STAND_INS[first])
        return (first,)
    return None


def _likely_format(contract: object) -> dict[str, str]:
    columns = contract.get("columns") if isinstance(contract, dict) else None
    if not isinstance(columns, list) or not columns:
        return {"kind": "x12"}
    fixed = any(isinstance(column, dict) and "at" in column for column in columns)
    return {"kind": "fixed_width" if fixed else "delimited"}


def _steps(content: object, location: Sequence[str | int]) -> Place:
    """A pydantic location without the tags of unions, which the file does not hold."""
    place: list[str | int] = []
    for position, step in enumerate(location):
        last = position == len(location) - 1
        if _holds(content, step):
            content = _at(content, (step,))
        elif not (isinstance(content, dict) and last):
            continue
        place.append(step)
    return tuple(place)


def _at(content: Any, place: Place) -> object:  # noqa: ANN401  whatever the YAML holds
    for step in place:
        content = content[step] if _holds(content, step) else None
    return content


def _holds(content: object, step: str | int) -> bool:
    if isinstance(content, list):
        return isinstance(step, int) and step < len(content)
    return isinstance(content, dict) and step in content


# --- sentences -----------------------------------------------------------------------------------


def _key(error: Any) -> Place:  # noqa: ANN401  pydantic's ErrorDetails is not exported
    """The key whose line is shown."""
    tagged = error["type"] == "union_tag_invalid"
    return (*error["loc"], "kind") if tagged else tuple(error["loc"])


def _sentence(model: type[BaseModel], error: Any) -> str:  # noqa: ANN401  pydantic's ErrorDetails is not exported
    location = error["loc"]
    where = ".".join(str(step) for step in location if not isinstance(step, int))
    last = where.rpartition(".")[2]
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"unknown key '{last}'; {nearest(last, _keys_at(model, location[:-1]))}"
    if kind == "missing":
        return f"'{last}' is missing"
    if kind == "literal_error":
        hint = nearest(str(error["input"]), _expected(error))
        return f"'{error['input']}' is not a valid {last}; {hint}"
    if kind == "union_tag_invalid":
        tag = str(error["ctx"]["tag"])
        return f"'{tag}' is not a valid {last} kind; {nearest(tag, _expected(error))}"
    if kind == "union_tag_not_found":
        return f"'{last}' needs a 'kind'"
    if kind == "value_error":
        return f"{where}: {error['ctx']['error']}"
    found = f"(found {error['input']!r})"
    if error["input"] is None and location[:-1] and location[-2] in ("columns", "on"):
        told = "within { } a comma ends a value, so put an expression that holds one in quotes"
        return f"'{location[-1]}' has no expression; {told}"
    if error["input"] is None and last:
        return f"'{last}' has no value"
    if kind == "string_type":
        return f"{where}: must be text; put it in quotes {found}"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f"{where}: must hold keys and values {found}"
    return f"{where}: {error['msg'][0].lower()}{error['msg'][1:]} {found}"


def _expected(error: Any) -> list[str]:  # noqa: ANN401  pydantic's ErrorDetails is not exported
    """The valid values, which pydantic gives as a sentence."""
    told = error["ctx"].get("expected_tags") or error["ctx"].get("expected")
    return re.findall(r"'([^']+)'", str(told))


def _keys_at(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """Keys that are valid at a place: those of the models its annotations lead to."""
    here: list[type[BaseModel]] = [model]
    for step in location:
        fields = [f for m in here for n, f in m.model_fields.items() if step in (n, f.alias)]
        if fields:
            here = [m for f in fields for m in _models(f.annotation)]
        else:
            here = [m for m in here if step in _tags(m)] or here
    return [f.alias or n for m in here for n, f in m.model_fields.items()]


def _tags(model: type[BaseModel]) -> tuple[object, ...]:
    kind = model.model_fields.get("kind")
    return typing.get_args(kind.annotation) if kind else ()


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if typing.get_origin(annotation) in (list, dict, tuple, Union, types.UnionType, Annotated):
        return [m for part in typing.get_args(annotation) for m in _models(part)]
    return []
