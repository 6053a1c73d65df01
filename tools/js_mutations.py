"""What mutation testing changes in JavaScript: the same as in Python (mutations.py), token by token.

The source is written in one style: functions and classes begin in the first column, methods in the third. How loops
go on and where they end is left alone: the other way they would not end, and one more turn, beyond the end of a typed
array, reads nothing that counts and writes nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from mutations import Mutant
from pygments.lexers import JavascriptLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

_ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "**": "*"}
_ARITHMETIC |= {"&": "|", "|": "&", "^": "&", "<<": ">>", ">>": "<<", ">>>": "<<"}
_COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "===": "!==", "!==": "==="}
_LOGICAL = {"&&": "||", "||": "&&", "??": "&&"}
_BINDING = (_ARITHMETIC, {*_COMPARISONS, *_LOGICAL}), (_COMPARISONS, {*_LOGICAL}), (_LOGICAL, set[str]())
"""Operators, and those that bind less."""
_ASSIGNED = {f"{one}=": f"{other}=" for one, other in (_ARITHMETIC | _LOGICAL).items()}
_STEPS = {"++": "--", "--": "++"}
_TURNS = {"<", "++", "--", "+="}
"""Of a loop's head: where it ends, and how it goes on."""
_WORDS = {"true": "false", "false": "true", "min": "max", "max": "min", "every": "some", "some": "every"}
_WORDS |= {"ceil": "floor", "floor": "ceil", "round": "floor", "trunc": "ceil"}
_ENDS = {",", ";", "?", ":", "=", "=>", "...", "return", "const", "let", "of", "yield", "else", *_ASSIGNED}
"""What no operand of an operator reaches across, outside of brackets."""
_OPENING, _CLOSING = ("(", "[", "{", "${"), (")", "]", "}")
_FUNCTION = re.compile(r"(?:export )?(?:async )?(?:function\*?|class) (\w+)")
_METHOD = re.compile(r"^  (?:static |async |get |set |\*)*(#?\w+)\(.*\{$")


class _Token(NamedTuple):
    text: str
    kind: object
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def ends_a_value(self) -> bool:
        """Rather than asking for one: what follows it is no sign but an operator."""
        is_word = self.kind in Name or self.kind in Number or self.kind in String or self.text == "this"
        return is_word or self.text in _CLOSING


def js_mutants(source: str) -> Iterator[Mutant]:
    """All mutants of a module's source, in the order of its lines."""
    seen, names = Counter[str](), _functions(source)
    code = _Code(source)
    for start, end, new, before, after in code.changes():
        line = source.count("\n", 0, start)
        name = f"{names[line]}: {before} -> {after}"
        seen[name] += 1
        if seen[name] > 1:
            name += f" ({seen[name]})"
        yield Mutant(name, line + 1, source[:start] + new + source[end:])


def _functions(source: str) -> list[str]:
    """Of each line the function, or class and method, that it is in."""
    found, outer, inner = [], "", ""
    for line in source.splitlines():
        if begins := _FUNCTION.match(line):
            outer, inner = begins[1], ""
        elif begins := _METHOD.match(line):
            inner = f".{begins[1]}"
        found.append(outer + inner)
        if line.startswith("}"):
            outer = inner = ""
        elif line == "  }":
            inner = ""
    return found


Change = tuple[int, int, str, str, str]
"""Start and end of what is changed, what is put there; and the piece of code before and after, to be read."""


class _Code:
    def __init__(self, source: str) -> None:
        self._source, self._tokens = source, list(_tokens(source))

    def changes(self) -> Iterator[Change]:
        skipped = 0
        for at, token in enumerate(self._tokens):
            if token.text in ("throw", "import") and token.kind in Keyword:
                skipped = self._reach(at, {";"})
            if at >= skipped:
                yield from self._changes(at, token)

    def _changes(self, at: int, token: _Token) -> Iterator[Change]:
        text, before = token.text, self._tokens[at - 1] if at else None
        follows_a_value = before is not None and before.ends_a_value()
        if text in ("if", "while"):
            yield self._negated(at + 2, self._reach(at + 2), f"{text} (", ")")
        elif text == "?":
            yield self._negated(self._back(at, _ENDS), at, "", " ?")
        elif token.kind in Number and not self._is_told(at):
            yield from self._replaced(token, "0" if self._is_mark(at) else _other_number(text))
        elif text in _WORDS and before and (before.text == "." or token.kind in Keyword):
            yield from self._replaced(token, _WORDS[text])
        elif token.kind in Operator and text in ("!", "-") and not follows_a_value:
            piece = self._piece(at, self._reach(at + 1, _ENDS | {*_ARITHMETIC, *_COMPARISONS, *_LOGICAL}))
            yield token.start, token.end, "", piece, piece.removeprefix(text)
        elif text in _TURNS and self._is_in_a_loop_head(at):
            return
        elif token.kind in Operator and text in _ASSIGNED:
            yield self._operator(at, {";"}, _ASSIGNED[text])
        elif token.kind in Operator and text in _STEPS:
            yield self._operator(at, _ENDS, _STEPS[text])
        elif token.kind in Operator and follows_a_value:
            for others, ends in _BINDING:
                if text in others:
                    yield self._operator(at, _ENDS | ends, others[text])
        if self._begins_a_statement(at) and (end := self._call(at)):
            yield token.start, self._tokens[end - 1].end, "", self._piece(at, end), "nothing"

    def _replaced(self, token: _Token, new: str) -> Iterator[Change]:
        yield token.start, token.end, new, token.text, new

    def _operator(self, at: int, ends: set[str], new: str) -> Change:
        token, start, end = self._tokens[at], self._back(at, ends), self._reach(at + 1, ends)
        left = self._piece(start, at) if start < at else ""
        right = self._piece(at + 1, end) if at + 1 < end else ""
        before, after = (f"{left} {sign} {right}".strip() for sign in (token.text, new))
        return token.start, token.end, new, before, after

    def _negated(self, start: int, end: int, head: str, tail: str) -> Change:
        piece, first, last = self._piece(start, end), self._tokens[start].start, self._tokens[end - 1].end
        return first, last, f"!({self._source[first:last]})", f"{head}{piece}{tail}", f"{head}!({piece}){tail}"

    def _piece(self, start: int, end: int) -> str:
        """In one line; of code that takes several, the first."""
        first, *more = self._source[self._tokens[start].start : self._tokens[end - 1].end].splitlines()
        return f"{first} ..." if more else first

    def _reach(self, at: int, ends: set[str] = frozenset()) -> int:
        """The number of the token after `at` that ends what begins there."""
        depth = 0
        for number in range(at, len(self._tokens)):
            text = self._tokens[number].text
            if not depth and (text in ends or text in _CLOSING):
                return number
            depth += (text in _OPENING) - (text in _CLOSING)
        return len(self._tokens)

    def _back(self, at: int, ends: set[str]) -> int:
        """The number of the first token of what ends before `at`."""
        depth = 0
        for number in range(at - 1, -1, -1):
            text = self._tokens[number].text
            if not depth and (text in ends or text in _OPENING or text == "}" or self._ends_a_head(number)):
                return number + 1
            depth += (text in _CLOSING) - (text in _OPENING)
        return 0

    def _ends_a_head(self, at: int) -> bool:
        """Whether it is the bracket behind `if (...`, so that what follows is a statement."""
        if self._tokens[at].text != ")":
            return False
        depth = 0
        for number in range(at, 0, -1):
            text = self._tokens[number].text
            depth += (text in _CLOSING) - (text in _OPENING)
            if not depth:
                return self._tokens[number - 1].text in ("if", "for", "while")
        return False

    def _is_in_a_loop_head(self, at: int) -> bool:
        start = self._back(at, set())
        return start > 1 and self._texts(start - 2, 2) == ["for", "("]

    def _is_told(self, at: int) -> bool:
        """Whether it is the 1 or 0 of `? 1 : 0`, which the condition tells already."""
        return ["?", "1", ":", "0"] in (self._texts(at - 1, 4), self._texts(at - 3, 4))

    def _is_mark(self, at: int) -> bool:
        """Whether it is a 1 put into an array of cells, where 2 would say the same."""
        return self._texts(at - 2, 3) in (["]", "=", "1"], ["fill", "(", "1"])

    def _texts(self, start: int, count: int) -> list[str]:
        return [each.text for each in self._tokens[max(start, 0) : max(start, 0) + count]]

    def _begins_a_statement(self, at: int) -> bool:
        if self._is_in_a_loop_head(at):
            return False
        return not at or self._tokens[at - 1].text in (";", "{", "}", "else") or self._ends_a_head(at - 1)

    def _call(self, at: int) -> int:
        """The number of the token after a statement that is a call; 0 if it is something else."""
        token, end = self._tokens[at], self._reach(at, {";", "=", *_ASSIGNED})
        is_name = token.kind in Name or token.text in ("this", "await")
        return end if is_name and self._texts(end - 1, 2) == [")", ";"] else 0


def _tokens(source: str) -> Iterator[_Token]:
    """Without spaces and comments; `?.` is one token, which is no operator."""
    waiting: _Token | None = None
    for start, kind, text in JavascriptLexer().get_tokens_unprocessed(source):
        if kind in Whitespace or kind in Comment or not text.strip():
            continue
        token = _Token(text, kind, start)
        if waiting:
            yield from [_Token("?.", Punctuation, waiting.start)] if text == "." else [waiting, token]
            waiting = None
        elif text == "?":
            waiting = token
        else:
            yield token


def _other_number(text: str) -> str:
    if re.fullmatch(r"\d+|0x[\da-fA-F]+", text):
        return str(int(text, 0) + 1)
    return f"{float(text) * 1.5 + 0.125:.12g}"
