"""The formulas of derived columns, over arrays: parsed here, checked by the specification, never evaluated as code."""
import re

import numpy as np

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<name>[A-Za-z_$\u0080-\U0010ffff]"
    r"[A-Za-z0-9_$\u0080-\U0010ffff]*)|(?P<sign>[-+*/(),]))"
)


def _power(base, exponent):
    with np.errstate(all="ignore"):
        result = np.power(base, exponent)
    # C answers 1 where JavaScript says that there is no number.
    unknown = np.isnan(exponent) | ((np.abs(base) == 1) & np.isinf(exponent))
    return np.where(unknown, np.nan, result)


def _fold(function):
    def apply(*values):
        result = values[0]
        for value in values[1:]:
            result = function(result, value)
        return result

    return apply


_FUNCTIONS = {
    "abs": np.abs,
    "ceil": np.ceil,
    "exp": np.exp,
    "floor": np.floor,
    "log": np.log,
    "max": _fold(np.maximum),
    "min": _fold(np.minimum),
    "pow": _power,
    "round": lambda value: np.floor(value + 0.5) + 0.0,
    "sqrt": np.sqrt,
}
_OPERATORS = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}


class Formula:
    """`columns[i]` names the i-th array of what `__call__` is given."""

    def __init__(self, text, columns):
        self._places = {name: at for at, name in enumerate(columns)}
        self._tokens = _tokens_of(text)
        self._at = 0
        self.inputs = set()
        self._evaluate = self._sum()
        if self._at != len(self._tokens):
            raise ValueError(f'cannot read the formula "{text}"')

    def __call__(self, values, rows):
        with np.errstate(all="ignore"):
            result = self._evaluate(values)
        return np.array(np.broadcast_to(np.asarray(result, dtype=np.float64), rows))

    def _next(self):
        token = self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")
        return token

    def _take(self, *signs):
        kind, text = self._next()
        if kind != "sign" or text not in signs:
            return None
        self._at += 1
        return text

    def _sum(self):
        return self._chain(self._product, "+", "-")

    def _product(self):
        return self._chain(self._factor, "*", "/")

    def _chain(self, operand, *signs):
        left = operand()
        while True:
            sign = self._take(*signs)
            if sign is None:
                return left
            left = _binary(_OPERATORS[sign], left, operand())

    def _factor(self):
        sign = self._take("+", "-")
        if sign is not None:
            argument = self._factor()
            return argument if sign == "+" else (lambda values: np.negative(argument(values)))
        if self._take("("):
            inner = self._sum()
            self._expect(")")
            return inner
        return self._atom()

    def _atom(self):
        kind, text = self._next()
        self._at += 1
        if kind == "number":
            number = np.float64(float(text))
            return lambda values: number
        if kind != "name":
            raise ValueError("a formula ends too early")
        if self._take("("):
            return self._call(text)
        place = self._places[text]
        self.inputs.add(place)
        return lambda values: values[place]

    def _call(self, name):
        function = _FUNCTIONS[name]
        arguments = [self._sum()]
        while self._take(","):
            arguments.append(self._sum())
        self._expect(")")
        return lambda values: function(*[argument(values) for argument in arguments])

    def _expect(self, sign):
        if not self._take(sign):
            raise ValueError(f'a formula lacks "{sign}"')


def _binary(operator, left, right):
    return lambda values: operator(left(values), right(values))


def _tokens_of(text):
    tokens = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise ValueError(f'cannot read the formula "{text}"')
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens
