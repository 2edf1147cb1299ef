# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds all messages for users in the source of the Python code.

Messages are not marked in the code: each string that consists of words is one, unless ``messages.yml`` excludes it.
Inserted values are replaced by words in capitals. A text with alternatives, such as conditional expressions, counts as
several messages.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.paths import ROOT

# Not messages: the texts of the report, and documentation fragments.
_FOLDERS = ("plugins", "extensions/eda/plugins")
_NO_MESSAGES = re.compile(
    r"plugins/(?:doc_fragments/|plugin_utils/_report/(?:charts|model|render|timeline)\.py|module_utils/_version\.py)"
)
_DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
_SQL = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|BEGIN|state IN)\b")
_SENTENCE = re.compile(r"[A-Z].*\.", re.DOTALL)
# Calls whose arguments are not texts, but patterns and types.
_NO_TEXTS = re.compile(r"re\.\w+|(?:t|typing)\.(?:cast|TypeVar)|\w*\.?execute\w*")
# The maximum number of alternatives of a text. More are ignored.
_MOST_WAYS = 8
# A part with at most this number of spaces is small.
_SMALL = 3
# The words for inserted values whose names in the code would mean nothing to a user.
_WORDS = {
    "_bad_text": "NUMBER of NUMBER devices have failed",
    "_demands": "min_success_percent, max_failure_percent and max_failure_count",
    "_in_a_sentence": "HOST",
    "_name": "CAMPAIGN",
    "_quote": ", DETAILS",
    "_said": "DETAILS",
    "_shown": "VALUE",
    "_state": "STATE [STATUS]",
    "_variable": "VARIABLE",
    "account_name": "ACCOUNT",
    "bad": "NUMBER",
    "brief_name": "CAMPAIGN",
    "brief_verdict": "STATE [STATUS]: REASON",
    "campaign['id']": "CAMPAIGN",
    "campaign_id": "CAMPAIGN",
    "counts.campaigns": "NUMBER",
    "counts.in_trouble": "NUMBER",
    "counts.over": "NUMBER",
    "count.unclear": "NUMBER",
    "early[0]": "STATE",
    "error.message": "ERROR",
    "error.strerror": "REASON",
    "errors[0].message": "ERROR",
    "expected": "NUMBER",
    "failed": "NUMBER",
    "failures": "NUMBER",
    "figures": "NUMBER of NUMBER devices upgraded",
    "first_line": "REASON",
    "getattr": "REASON",
    "given.get(option.name)": "VALUE",
    "good": "NUMBER",
    "hint.campaign_id": "CAMPAIGN",
    "hosts[0]": "HOST",
    "kind.value": "TOKEN",
    "least": "LIMIT",
    "listed": "NUMBER",
    "match": "VALUE",
    "meant": "OPTION",
    "most": "LIMIT",
    "more": "NUMBER",
    "name": "OPTION",
    "named": "NUMBER",
    "nameless": "NUMBER",
    "needless[0]": "OPTION",
    "noun": "devices",
    "now.failure": "FAILURE",
    "number * 100": "PERCENT",
    "option.name": "OPTION",
    "os.strerror": "REASON",
    "overdue": "NUMBER",
    "params[name]": "VALUE",
    "path": "PATH",
    "peer": "HOST",
    "purposes": "TOKENS",
    "place.parent": "DIRECTORY",
    "prefix": "campaign_wait_",
    "printable": "TEXT",
    "python_here": "PYTHON on HOST",
    "refused.value": "TOKEN",
    "route.advice": "",
    "route.host": "HOST",
    "route.proxy": "VARIABLE",
    "said": "DETAILS",
    "self._path": "FILE",
    "self._transport.host": "HOST",
    "self.counts.over": "NUMBER",
    "self.errors": "NUMBER",
    "self.host": "HOST",
    "self.path.parent": "DIRECTORY",
    "self.total": "NUMBER",
    "settings.host": "ADDRESS",
    "settings.port": "NUMBER",
    "shown": "PATH",
    "size": "NUMBER",
    "state_text": "STATE [STATUS]",
    "succeeded": "NUMBER",
    "sys.executable": "PYTHON",
    "target_states_text": "TARGET",
    "told_account": "ACCOUNT",
    "told_id": "CAMPAIGN",
    "total": "NUMBER",
    "tracker.brief_name": "CAMPAIGN",
    "tracker.errors_in_a_row": "NUMBER",
    "tracker.facts['status']": "STATUS",
    "tracker.name": "CAMPAIGN",
    "tracker.threshold_failure": "FAILURE",
    "troubled": "NUMBER",
    "type(body).__name__": "TYPE",
    "unclear.message": "ERROR",
    "value": "VALUE",
    "verb": "have",
    "wait['campaign_id']": "CAMPAIGN",
    "ways": "OPTIONS",
    "which": "CAMPAIGNS",
    "whose": "HOST",
    "word": "VALUE",
}
# Words for names with another meaning in one file.
_WORDS_BY_FILE = {
    "device_verdict.py": {"name": "DEVICE"},
    "callback.py": {"name": "FIELD"},
    "_callback.py": {"self._what": "The registration of the callback"},
    "_role_options.py": {
        "_hint": " (did you mean campaign_wait_OPTION?)",
        "'; '.join(hints)": "OPTION is not an option (did you mean campaign_wait_OPTION?)",
    },
    "collection_path.py": {
        "'.'.join(_COLLECTION[1:])": "fleetops.thingspace",
        "'/'.join(_COLLECTION)": "ansible_collections/fleetops/thingspace",
        "_COLLECTION[0]": "ansible_collections",
    },
    "network_errors.py": {"said": " (HTTP STATUS)"},
    "responses.py": {"_said": ", DETAILS"},
    "watch.py": {"name": "CAMPAIGN"},
    "_fleet_inventory.py": {"text": "NAME", "count": "NUMBER", "first": "DEVICE", "second": "DEVICE"},
}
# Markers around inserted values, to distinguish them from the words next to them.
_BEGIN, _END = "\x00", "\x01"
_COUNTS = {"len", "sum", "round"}
_WRAPPERS = {"printable", "str", "shorten", "shown", "sorted", "max", "repr", "type"}


@dataclass(frozen=True)
class Message:
    """A text as a user sees it, and its place in the code."""

    text: str
    place: str


@dataclass
class _Scope:
    """Names that stand for texts, each with the expressions that can be its value."""

    texts: dict[str, list[ast.expr]]
    outer: _Scope | None = None
    used: set[ast.expr] = field(default_factory=set)

    def find(self, name: str) -> list[ast.expr]:
        """Return the expressions for a name, or none if it can also stand for something else."""
        if name in self.texts:
            self.used.update(self.texts[name])
            return self.texts[name]
        return self.outer.find(name) if self.outer else []


def messages_in(source: str, place: str) -> list[Message]:
    """Return the messages of one file. ``place`` is the place to store in them."""
    tree = ast.parse(source)
    reader = _Reader(_WORDS | _WORDS_BY_FILE.get(place.rpartition("/")[2], {}))
    reader.read(tree, _Scope(_texts_of(tree.body)))
    found: dict[str, Message] = {}
    for node, ways in reader.found:
        is_part = node in reader.inlined
        for text in map(finished, ways):
            # A complete sentence can also be a message of its own.
            if reads_as_words(text) and not (is_part and not _SENTENCE.fullmatch(text)):
                found.setdefault(text, Message(text, f"{place}:{node.lineno}"))
    return list(found.values())


def messages_of_code(root: Path = ROOT) -> list[Message]:
    """Return the messages of all files, each text once, in the order of the files."""
    found: dict[str, Message] = {}
    for path in sorted(path for folder in _FOLDERS for path in (root / folder).rglob("*.py")):
        place = path.relative_to(root).as_posix()
        if not _NO_MESSAGES.match(place):
            for message in messages_in(path.read_text(encoding="utf-8"), place):
                found.setdefault(message.text, message)
    return list(found.values())


def filled_in(word: str) -> str:
    """Mark an inserted value in an unfinished text. Only words in capitals are marked."""
    return f"{_BEGIN}{word}{_END}" if word[:1].isalpha() and not word.islower() else word


def finished(text: str) -> str:
    """Return the final text, in which inserted values are separated from the text after them."""
    apart = re.sub(rf"(?<=[A-Za-z0-9){_END}]){_BEGIN}", ": ", text)
    apart = re.sub(rf"{_END}(?=[A-Za-z])", " ", apart)
    return " ".join(apart.replace(_BEGIN, "").replace(_END, "").split(" ")).strip()


def reads_as_words(text: str) -> bool:
    """Whether the text has two consecutive words, at least one of which is not an inserted value."""
    if _SQL.match(text):
        return False
    return re.search(r"(?<![\w{<])[A-Za-z][a-z']+[,:;.)]* \(?[a-zA-Z]", text) is not None or (
        re.search(r"[A-Z]{2,}[]:;.,)]* \(?[a-z]{2,}", text) is not None
    )


class _Reader:
    """Walks through a file and collects each text that is not a part of a larger text."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.found: list[tuple[ast.expr, list[str]]] = []
        self._words = words
        self._scopes: list[_Scope] = []

    @property
    def inlined(self) -> set[ast.AST]:
        """The texts that are parts of others, to which a name refers."""
        return {part for scope in self._scopes for used in scope.used for part in ast.walk(used)}

    def read(self, node: ast.AST, scope: _Scope) -> None:
        """Collect the texts below a node."""
        if scope not in self._scopes:
            self._scopes.append(scope)
        if isinstance(node, ast.expr) and _is_text(node):
            self.found.append((node, _ways(node, scope, self._words)))
            for value in (part.value for part in ast.walk(node) if isinstance(part, ast.FormattedValue)):
                for text in _texts_within(value):
                    self.read(text, scope)
            return
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            scope = _Scope(_texts_of(node.body), scope)
        for child in _readable_children(node):
            self.read(child, scope)


def _readable_children(node: ast.AST) -> list[ast.AST]:
    """Return the child nodes that can contain texts: no documentation, no patterns, and no types in quotes."""
    if isinstance(node, ast.Call) and _NO_TEXTS.fullmatch(ast.unparse(node.func)):
        return []
    if isinstance(node, ast.Assign) and _DOCUMENTATION & {ast.unparse(target) for target in node.targets}:
        return []
    if isinstance(node, ast.AnnAssign):
        return [node.value] if node.value is not None else []
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return [child for child in node.body if not _is_docstring(child)]
    return [child for child in ast.iter_child_nodes(node) if not _is_docstring(child)]


def _texts_within(value: ast.expr) -> Iterator[ast.expr]:
    """Yield the arguments of a call within a text, and default values."""
    for part in ast.walk(value):
        if isinstance(part, ast.Call) and not _is_option(part):
            yield from part.args
        elif isinstance(part, ast.BoolOp):
            yield from part.values


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool)


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _texts_of(body: Sequence[ast.stmt]) -> dict[str, list[ast.expr]]:
    """Return the names that stand only for texts, in these statements and those within them."""
    texts: dict[str, list[ast.expr]] = {}
    others: set[str] = set()
    for node in itertools.chain.from_iterable(_own_nodes(statement) for statement in body):
        if isinstance(node, (ast.For, ast.comprehension)):
            others |= {name.id for name in ast.walk(node.target) if isinstance(name, ast.Name)}
        for target, value in _assigned(node):
            if _is_choice_of_texts(value):
                texts.setdefault(target.id, []).append(value)
            else:
                others.add(target.id)
    return {name: values for name, values in texts.items() if name not in others}


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a statement and all nodes in it, except for those within functions and classes."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _own_nodes(child)


def _assigned(node: ast.AST) -> list[tuple[ast.Name, ast.expr]]:
    """Return the names that a statement assigns, with their values."""
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
        return []
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    pairs = (pair for target in targets for pair in _pairs(target, node.value))
    return [(target, value) for target, value in pairs if isinstance(target, ast.Name)]


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        return list(zip(target.elts, value.elts))
    return [(target, value)]


def _is_choice_of_texts(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_choice_of_texts(node.body) and _is_choice_of_texts(node.orelse)
    if isinstance(node, ast.BoolOp):
        return any(_is_choice_of_texts(value) for value in node.values)
    return _is_text(node) or _is_number(node) or (isinstance(node, ast.Call) and _is_option(node))


def _ways(node: ast.expr, scope: _Scope, words: Mapping[str, str]) -> list[str]:
    """Return the possible texts of an expression. If a small part is optional, return only those that contain it."""

    def ways_of(part: ast.expr) -> list[str]:
        return _ways(part, scope, words)

    if isinstance(node, ast.IfExp):
        ways = [*ways_of(node.body), *ways_of(node.orelse)]
        return ways if any(way.count(" ") > _SMALL for way in ways) else [way for way in ways if way] or [""]
    if isinstance(node, ast.BoolOp):
        # The first value whose text is known.
        return next((ways for ways in map(ways_of, node.values) if any(ways)), [""])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined([ways_of(node.left), ways_of(node.right)])
    if isinstance(node, ast.Constant):
        return [re.sub(r"%[sd]", filled_in("MESSAGE"), str(node.value))]
    if isinstance(node, ast.JoinedStr):
        return _joined([ways_of(part) for part in node.values])
    if isinstance(node, ast.FormattedValue):
        return ways_of(node.value)
    if isinstance(node, ast.Name):
        behind = scope.find(node.id)
        if behind:
            return [way for one in behind for way in ways_of(one)][:_MOST_WAYS]
    return [filled_in(_word(node, words))]


def _joined(parts: Sequence[Sequence[str]]) -> list[str]:
    return ["".join(way) for way in itertools.islice(itertools.product(*parts), _MOST_WAYS)]


def _is_option(call: ast.Call) -> bool:
    """Whether a call returns the name of an option."""
    return re.fullmatch(r"(?:\w+\.)*_?names", ast.unparse(call.func)) is not None


def _word(node: ast.expr, words: Mapping[str, str]) -> str:
    """Return the word in capitals for an inserted value, or the name of an option."""
    text = ast.unparse(node)
    if text in words:
        return words[text]
    if isinstance(node, ast.Call):
        return _word_of_call(node, words)
    if isinstance(node, ast.BinOp):
        return "NUMBER"
    if isinstance(node, ast.Subscript):
        inner = node.slice
        return _capitals(inner.value) if isinstance(inner, ast.Constant) and isinstance(inner.value, str) else "VALUE"
    if isinstance(node, ast.Attribute):
        return _capitals(node.attr)
    return _capitals(node.id) if isinstance(node, ast.Name) else "VALUE"


def _word_of_call(node: ast.Call, words: Mapping[str, str]) -> str:
    name = ast.unparse(node.func)
    if _is_option(node):
        first = node.args[0]
        return str(first.value) if isinstance(first, ast.Constant) else "OPTION"
    if name.endswith(".join"):
        return "LIST"
    if name in _COUNTS:
        return "NUMBER"
    if name.endswith("span"):
        return "TIME"
    if name == "_env":
        return "VARIABLE"
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("rstrip", "lower", "replace", "strip"):
        return _word(node.func.value, words)
    if node.args and name in _WRAPPERS:
        return _word(node.args[0], words)
    return words.get(name, _capitals(name.rpartition(".")[2]))


def _capitals(name: str) -> str:
    return name.strip("_").upper().replace("_", " ")
