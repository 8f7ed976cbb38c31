"""A YAML file with the line of each of its keys.

What belongs here: what PyYAML leaves out: lines, keys that stand twice, texts kept as written.
What does not: what the keys mean.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

Place = tuple[str | int, ...]


class _Loader(yaml.CSafeLoader):
    """Texts as they were written: ``NO`` is no boolean, ``007`` no 7, ``14:30`` no 870.

    What is left is what a site's models ask for: text, whole numbers, true, false and nothing.
    """


_KEPT = {
    "tag:yaml.org,2002:null": None,
    "tag:yaml.org,2002:merge": None,
    "tag:yaml.org,2002:bool": "tTfF",
}
_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag in _KEPT and (_KEPT[tag] is None or first in str(_KEPT[tag]))
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789")
)


class Unreadable(Exception):  # noqa: N818  a mistake of the file, told to the person by read_site
    """The file is not YAML; carries the line and a sentence."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line


class YamlFile:
    """One file, read.

    Args:
        file: the file.

    Attributes:
        content: what it holds.

    Raises:
        Unreadable: it is not UTF-8 text or not YAML.
    """

    def __init__(self, file: Path) -> None:
        try:
            text = file.read_text(encoding="utf-8-sig")
            loader = _Loader(text)
            self._root = loader.get_single_node()
            self.content: object = (
                loader.construct_document(self._root) if self._root is not None else None
            )
        except UnicodeDecodeError as broken:
            line = file.read_bytes()[: broken.start].count(b"\n") + 1
            raise Unreadable(line, "not UTF-8 text: save the file as UTF-8") from None
        except OSError as broken:
            raise Unreadable(1, f"cannot be read: {broken.strerror}") from None
        except yaml.YAMLError as broken:
            mark = getattr(broken, "problem_mark", None)
            problem = getattr(broken, "problem", None) or str(broken).splitlines()[0]
            if mark and problem.startswith("found character that"):  # libyaml does not say which
                problem = problem.replace("character", f"character {text[mark.index]!r}", 1)
            if "'\\t'" in problem or "tab character" in problem:
                problem = "a tab where a line begins or a value should: indent with spaces"
            raise Unreadable(mark.line + 1 if mark else 1, f"not valid YAML: {problem}") from None
        except (ValueError, RecursionError) as broken:
            raise Unreadable(1, f"not valid YAML: {broken}") from None

    def line(self, place: Sequence[str | int]) -> int:
        """Line of the deepest part of ``place`` that the file holds; other steps are skipped."""
        node, line = self._root, 1
        for step in place:
            if isinstance(node, yaml.MappingNode):
                # The last of a key that stands twice is the one that counts.
                for name, value in reversed(node.value):
                    if name.value == str(step):
                        node, line = value, name.start_mark.line + 1
                        break
            elif (
                isinstance(node, yaml.SequenceNode)
                and isinstance(step, int)
                and step < len(node.value)
            ):
                node = node.value[step]
                line = node.start_mark.line + 1
        return line

    def repeated_keys(self) -> Iterator[tuple[int, str]]:
        """(line, sentence) of every key that stands twice: YAML would silently use the last."""
        open_, seen = [self._root], set()
        while open_:
            node = open_.pop()
            if not isinstance(node, yaml.CollectionNode) or id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, yaml.SequenceNode):
                open_ += node.value
                continue
            first: dict[str, int] = {}
            for name, value in node.value:
                open_.append(value)
                line = name.start_mark.line + 1
                if name.value in first and isinstance(name, yaml.ScalarNode):
                    where = first[name.value]
                    yield line, f"the key '{name.value}' stands on line {where} already: keep one"
                elif isinstance(name, yaml.ScalarNode):
                    first[name.value] = line
