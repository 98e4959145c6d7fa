"""The expressions of a diagram: conditions, timers, cardinalities and correlation keys.

A small part of Python's expressions over the case data. The text is parsed once, every node of its tree must be on the
list below, and it becomes nested closures: no `eval`, no attribute, no way to a method or a module. Emptied builtins and RestrictedPython were both escaped through dunder attributes.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

Scope = Mapping[str, Any]
Compiled = Callable[[Scope], Any]

MAX_LENGTH = 500
MAX_NUMBER = 10**9


class ExpressionRefused(ValueError):
    """The text holds something that is not on the list of what a diagram may say."""


class ExpressionFailed(ValueError):
    """The expression could not be evaluated over these data."""


def _numbers_only(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def checked(left: Any, right: Any) -> Any:
        if not isinstance(left, int | float | Decimal) or not isinstance(right, int | float | Decimal):
            raise ExpressionFailed("arithmetic needs numbers")
        return function(left, right)

    return checked


_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _numbers_only(operator.mul),
    ast.Div: _numbers_only(operator.truediv),
    ast.FloorDiv: _numbers_only(operator.floordiv),
    ast.Mod: _numbers_only(operator.mod),
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.Not: operator.not_, ast.USub: operator.neg}


def _get(mapping: Any, key: Any, default: Any = None) -> Any:
    return mapping.get(key, default) if isinstance(mapping, dict) else default


def _date(text: Any) -> date:
    return text.date() if isinstance(text, datetime) else text if isinstance(text, date) else date.fromisoformat(text)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": len,
    "min": min,
    "max": max,
    "sum": sum,
    "abs": abs,
    "int": int,
    "str": str,
    "bool": bool,
    "date": _date,
    "get": _get,
}


@dataclass(frozen=True)
class Expression:
    """An accepted expression: its text, the names it reads, and how to evaluate it."""

    text: str
    names: frozenset[str]
    run: Compiled

    def evaluate(self, scope: Scope) -> Any:
        """The value over `scope`; ExpressionFailed says what was missing."""
        try:
            return self.run(scope)
        except ExpressionFailed as error:
            raise ExpressionFailed(f"{self.text!r}: {error}") from error
        except Exception as error:
            raise ExpressionFailed(f"{self.text!r}: {type(error).__name__}") from error


@lru_cache(maxsize=4096)
def compiled(text: str) -> Expression:
    """The expression in `text`; ExpressionRefused when it says more than a diagram may."""
    source = (text or "").strip()
    if not source or len(source) > MAX_LENGTH:
        raise ExpressionRefused(f"uma expressão tem de 1 a {MAX_LENGTH} caracteres")
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionRefused(f"{source!r} não é uma expressão") from error
    names: set[str] = set()
    run = _node(tree.body, names)
    return Expression(source, frozenset(names), run)


def _node(node: ast.expr, names: set[str]) -> Compiled:
    builder = _BUILDERS.get(type(node))
    if builder is None:
        raise ExpressionRefused(f"{type(node).__name__} não é permitido em uma expressão")
    return builder(node, names)


def _constant(node: ast.Constant, _names: set[str]) -> Compiled:
    value = node.value
    if not isinstance(value, str | int | float | bool | None):
        raise ExpressionRefused(f"uma constante do tipo {type(value).__name__} não é permitida")
    if isinstance(value, int | float) and abs(value) > MAX_NUMBER:
        raise ExpressionRefused("um número em uma expressão é no máximo 1.000.000.000")
    return lambda _scope: value


def _name(node: ast.Name, names: set[str]) -> Compiled:
    key = node.id
    if key.startswith("_"):
        raise ExpressionRefused(f"o nome {key!r} não é permitido")
    names.add(key)

    def read(scope: Scope) -> Any:
        try:
            return scope[key]
        except KeyError:
            raise ExpressionFailed(f"the case has no {key!r}") from None

    return read


def _bool_op(node: ast.BoolOp, names: set[str]) -> Compiled:
    parts = [_node(value, names) for value in node.values]
    conjunction = isinstance(node.op, ast.And)

    def run(scope: Scope) -> Any:
        value: Any = conjunction
        for part in parts:
            value = part(scope)
            if bool(value) != conjunction:
                break
        return value

    return run


def _binary(node: ast.BinOp, names: set[str]) -> Compiled:
    function = _BINARY.get(type(node.op))
    if function is None:
        raise ExpressionRefused(f"{type(node.op).__name__} não é permitido em uma expressão")
    left, right = _node(node.left, names), _node(node.right, names)
    return lambda scope: function(left(scope), right(scope))


def _unary(node: ast.UnaryOp, names: set[str]) -> Compiled:
    function = _UNARY.get(type(node.op))
    if function is None:
        raise ExpressionRefused(f"{type(node.op).__name__} não é permitido em uma expressão")
    operand = _node(node.operand, names)
    return lambda scope: function(operand(scope))


def _compare(node: ast.Compare, names: set[str]) -> Compiled:
    first = _node(node.left, names)
    rest = [(_COMPARE[type(op)], _node(right, names)) for op, right in zip(node.ops, node.comparators, strict=True)]

    def run(scope: Scope) -> Any:
        left = first(scope)
        for function, right in rest:
            value = right(scope)
            if not function(left, value):
                return False
            left = value
        return True

    return run


def _call(node: ast.Call, names: set[str]) -> Compiled:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
        raise ExpressionRefused(f"só estas funções podem ser chamadas: {', '.join(sorted(FUNCTIONS))}")
    function = FUNCTIONS[node.func.id]
    arguments = [_node(argument, names) for argument in node.args]
    return lambda scope: function(*[argument(scope) for argument in arguments])


def _subscript(node: ast.Subscript, names: set[str]) -> Compiled:
    value, key = _node(node.value, names), _node(node.slice, names)
    return lambda scope: value(scope)[key(scope)]


def _if(node: ast.IfExp, names: set[str]) -> Compiled:
    test, then, other = (_node(part, names) for part in (node.test, node.body, node.orelse))
    return lambda scope: then(scope) if test(scope) else other(scope)


def _sequence(make: Callable[[list[Any]], Any]) -> Callable[[Any, set[str]], Compiled]:
    def build(node: Any, names: set[str]) -> Compiled:
        items = [_node(item, names) for item in node.elts]
        return lambda scope: make([item(scope) for item in items])

    return build


_BUILDERS: dict[type[ast.expr], Callable[[Any, set[str]], Compiled]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BoolOp: _bool_op,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.IfExp: _if,
    ast.List: _sequence(list),
    ast.Tuple: _sequence(tuple),
    ast.Set: _sequence(set),
}
