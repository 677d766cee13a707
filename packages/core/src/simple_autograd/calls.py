"""Calls: the function that users call for an op is compiled for that op, when it is first called.

The overhead per operation is a feature: a compiled function knows the names and the number of the op's arrays, its
options and its rules, and so asks nothing twice. It unwraps Variables, checks that their backends agree, runs the body
(or the backend's kernel of that name), wraps the result and leaves a node on the tape. For ``multiply`` the text is::

    def multiply(x1, x2, /):
        _backend = _loose = None
        if isinstance(x1, _Variable):
            _backend = x1._backend
            _x1_node = x1._node
            x1 = x1._raw
        else:
            _x1_node = None
            _loose = True
        if isinstance(x2, _Variable):
            ...  # the same, and _mismatch where the backends differ
        if _loose:
            ...  # numbers and raw arrays are operands too
        try:
            _body = _backend.bodies['multiply']
        except KeyError:
            _body = _backend.body('multiply')
        _out = _body(x1, x2)
        if type(_out) is not _backend.array_type:
            ...  # NumPy's scalars, and operations with several outputs
        ...  # make the node and the Variable

Python's operators are compiled from the same text: the Variable itself need not be asked what it is, and what no op
takes may have an answer of its own (see `_leave_to`). Variadic ops (``concat``) are called by a closure, for they are
few and cost more.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import TYPE_CHECKING, Any, NoReturn

from .autocast import state as autocast
from .backends import Backend, backend_of, backend_of_scalar
from .errors import BackendMismatchError, CaptureError, OperandError
from .late import compiled_later
from .tape import Node, default, mode, now, record
from .variable import Variable, blank, wrap
from .vjp import VJP, held_by_variadic, held_expression, missing_rule, output_node, vjp_of

if TYPE_CHECKING:
    from .op import Op

__all__ = ["caller", "compile_operator"]


def caller(op: Op) -> Any:
    """Make the function that runs an op and records it."""
    if op.variadic:
        return _variadic_caller(op)
    return compiled_later(op.name, lambda call: _Text(op).compile_into(call))


def compile_operator(call: FunctionType, op: Op, asks: str | None, *, reflected: bool) -> None:
    """Give a method of ``Variable`` the code for one of Python's operators: an op on itself and another operand.

    Parameters
    ----------
    call
        The method.
    op
        What the operator does.
    asks
        The other operand's method that Python shall ask where no op takes that operand, such as ``"__radd__"``. None
        where it has been asked already.
    reflected
        Whether the Variable is the second operand.
    """
    _Text(op, own=op.arrays[-1 if reflected else 0], asks=asks).compile_into(call)


class _Text:
    """The text of the function for an op with a fixed number of arrays (see the module's text).

    Attributes
    ----------
    op
        The operation.
    own
        Of an operator, the array that is the Variable itself; it comes first.
    asks
        Of an operator, see `compile_operator`.
    """

    def __init__(self, op: Op, own: str | None = None, asks: str | None = None) -> None:
        self.op = op
        self.own = own
        self.asks = asks

    def compile_into(self, call: FunctionType) -> None:
        """Give a function the code for the op."""
        op, scope = self.op, call.__globals__
        scope.update(
            _Node=Node,
            _OperandError=OperandError,
            _Variable=Variable,
            _autocast=autocast,
            _backend_of=backend_of,
            _call_raw=_call_raw,
            _default=default,
            _leave_to=_leave_to,
            _mismatch=_mismatch,
            _missing_rule=missing_rule,
            _mode=mode,
            _new=blank,
            _now=now,
            _op=op,
            _operand=_operand,
            _outputs=_outputs,
            _settle=_settle,
        )
        vjp = scope["_vjp"] = vjp_of(op, len(op.arrays))
        steps = (self._precision(), self._operands(), self._result(), self._end(vjp))
        lines = [self._definition(), *itertools.chain(*steps)]
        # The file's name begins as this one's does: to a reader of tracebacks it is a line of the library.
        exec(compile("\n    ".join(lines), f"{__file__}, call of {op.name}", "exec"), scope)
        call.__defaults__, call.__kwdefaults__ = op.body.__defaults__, op.body.__kwdefaults__
        code = scope.pop("_made").__code__
        call.__code__ = code.replace(co_name=op.name, co_qualname=op.name)

    def _definition(self) -> str:
        """Write the first line. An operator's own array comes first."""
        op = self.op
        arrays = sorted(op.arrays, key=lambda array: array != self.own) if self.own else op.arrays
        named, keyword_only = op.options[: op.named], op.options[op.named :]
        parameters = [*arrays, "/", *named, *(["*", *keyword_only] if keyword_only else [])]
        return f"def _made({', '.join(parameters)}):"

    def _precision(self) -> list[str]:
        """Write how autocast changes the arrays' data types, for an op that it concerns."""
        if self.op.precision is None:
            return []
        arrays = ", ".join(self.op.arrays)
        return [
            "_plain = _default.everywhere",
            "if not _plain and _autocast.casts is not None:",
            f"    {arrays}, = _autocast.casts.arguments(_op, {arrays})",
        ]

    def _operands(self) -> list[str]:
        """Write how the operands become raw arrays of one backend, and their nodes are found."""
        arrays, own = self.op.arrays, self.own
        types = f"_backend.{'optional' if self.op.optional else 'operand'}_types"
        if own:
            (other,) = [array for array in arrays if array != own]
            return [
                f"_backend = {own}._backend",
                f"_{own}_node = {own}._node",
                f"{own} = {own}._raw",
                f"if isinstance({other}, _Variable):",
                f"    if _backend is not {other}._backend:",
                f"        _mismatch(_op, _backend, {other}._backend)",
                f"    _{other}_node = {other}._node",
                f"    {other} = {other}._raw",
                "else:",
                f"    _{other}_node = None",
                *self._checked(other, types),
            ]
        lines = ["_backend = _loose = None"]
        for array in arrays:
            lines.append(f"if isinstance({array}, _Variable):")
            if array == arrays[0]:
                lines.append(f"    _backend = {array}._backend")
            else:
                lines += [
                    f"    if _backend is not {array}._backend:",
                    "        if _backend is not None:",
                    f"            _mismatch(_op, _backend, {array}._backend)",
                    f"        _backend = {array}._backend",
                ]
            lines += [
                f"    _{array}_node = {array}._node",
                f"    {array} = {array}._raw",
                "else:",
                f"    _{array}_node = None",
                "    _loose = True",
            ]
        options = ", ".join(f"{name}={name}" for name in self.op.options)
        fits = "".join(f" and type({array}) in {types}" for array in arrays[1:])
        lines += [
            "if _loose:",
            "    if _backend is None:  # a rule calls ops on raw arrays",
            f"        _backend = _backend_of({arrays[0]})",
            f"        if _backend is not None{fits}:",
            f"            _out = _backend.body({self.op.name!r})({self._arguments()})",
            "            return _out if type(_out) is _backend.array_type else _settle(_backend, _out)[1]",
            f"        return _call_raw(_op, ({', '.join(arrays)},), dict({options}))",
        ]
        for array in arrays:
            lines += self._checked(array, types)
        return lines

    def _checked(self, array: str, types: str) -> list[str]:
        """Write how an operand that is no Variable is looked at."""
        return [
            f"    if type({array}) not in {types}:",
            "        try:",
            f"            {array} = _operand(_op, _backend, {self.op.arrays.index(array)}, {array})",
            "        except _OperandError as _error:",
            f"            return _leave_to({array}, {self.asks!r}, _error)",
        ]

    def _arguments(self) -> str:
        """Write what the body is called with."""
        return ", ".join([*self.op.arrays, *(f"{option}={option}" for option in self.op.options)])

    def _result(self) -> list[str]:
        """Write how the result is computed."""
        name = self.op.name
        lines = [
            "try:",
            f"    _body = _backend.bodies[{name!r}]",
            "except KeyError:",
            f"    _body = _backend.body({name!r})",
            f"_out = _body({self._arguments()})",
        ]
        if self.op.precision == "lower":
            lines += [
                "if not _plain and _autocast.casts is not None:",
                "    _out = _autocast.casts.result(_backend, _out)",
            ]
        return lines

    def _end(self, vjp: VJP) -> list[str]:
        """Write how the result is recorded and wrapped."""
        op, held = self.op, held_expression(self.op, vjp)
        recorded = " or ".join(f"_{array}_node is not None" for array in op.arrays)
        recorded = f"({recorded}) and (_plain or _mode.recording)" if op.differentiable else "False"
        lines = [] if op.precision is not None else ["_plain = _default.everywhere"]
        for array in op.arrays:
            if op.differentiable and array not in op.rules:
                lines += [
                    f"if _{array}_node is not None and (_plain or _mode.recording):",
                    f"    _missing_rule(_op, {array!r})",
                ]
        lines += [
            "if type(_out) is not _backend.array_type:",
            "    _backend, _out = _settle(_backend, _out)",
            "    if type(_out) is tuple:",
            f"        return _outputs(_backend, _out, _vjp, {held} if {recorded} else None)",
        ]
        if op.differentiable:
            lines += [
                f"if {recorded}:",
                "    _node = _Node()",
                "    _node.vjp = _vjp",
                f"    _node.held = {held}",
                "    _node.order = _now()",
                "    _node.backend = _backend",
                "    _node.shape = _out.shape",
                "    _node.dtype = _out.dtype",
                "    _node.extras = None",
                "    if not _plain and _mode.anomaly is not None:",
                "        _mode.anomaly(_node)",
                "else:",
                "    _node = None",
            ]
        else:
            lines.append("_node = None")
        return [
            *lines,
            "_variable = _new()",
            "_variable._raw = _out",
            "_variable._backend = _backend",
            "_variable._node = _node",
            "return _variable",
        ]


def _variadic_caller(op: Op) -> Callable[..., Any]:
    """Make the function of an op that takes any number of arrays."""
    vjps: dict[int, VJP] = {}

    def call(*args: Any, **options: Any) -> Any:
        backend = None
        casts = autocast.casts if op.precision is not None else None
        if casts is not None:
            args = tuple(casts.arguments(op, *args))
        nodes: list[Node | None] = [None] * len(args)
        values = list(args)
        for position, value in enumerate(args):
            if isinstance(value, Variable):
                nodes[position] = value._node
                if backend is None:
                    backend = value._backend
                elif value._backend is not backend:
                    _mismatch(op, backend, value._backend)
                values[position] = value._raw
        if backend is None:
            return _call_raw(op, args, options)
        for position, value in enumerate(values):
            if type(value) not in backend.operand_types:
                values[position] = _operand(op, backend, position, value)
        out = backend.body(op.name)(*values, **options)
        if type(out) is not backend.array_type:
            backend, out = _settle(backend, out)
        if op.precision == "lower" and casts is not None:
            out = casts.result(backend, out)
        vjp = held = None
        if op.differentiable and mode.recording and any([node is not None for node in nodes]):
            if not op.rules:
                missing_rule(op, op.arrays[0])
            if len(args) not in vjps:
                vjps[len(args)] = vjp_of(op, len(args))
            vjp = vjps[len(args)]
            held = held_by_variadic(op, vjp, out, values, nodes, options)
        if type(out) is tuple:
            return _outputs(backend, out, vjp, held)
        if vjp is None or held is None:
            return wrap(out, backend, None)
        return wrap(out, backend, record(vjp, backend, held, out.shape, out.dtype))

    return call


def _outputs(
    backend: Backend, out: tuple[Any, ...], vjp: VJP | None, held: tuple[Any, ...] | None
) -> tuple[Variable, ...]:
    """Wrap the results of an op with several, and record it if it holds something."""
    node = None
    if vjp is not None and held is not None:
        node = record(vjp, backend, held, tuple([item.shape for item in out]), None)
    return tuple(
        [wrap(item, backend, output_node(node, index, item)) for index, item in enumerate(out)]
    )


def _settle(backend: Backend, out: Any) -> tuple[Backend, Any]:
    """Give a body's result as an array or a tuple of them, and the backend that it belongs to.

    NumPy gives scalars where the standard has zero-dimensional arrays; a transfer gives another backend's array.
    """
    if isinstance(out, tuple):
        usual = backend.array_type
        return backend, tuple(
            [item if type(item) is usual else _settle(backend, item)[1] for item in out]
        )
    if type(out) is backend.array_type:
        return backend, out
    other = backend_of(out)
    return (other, out) if other is not None else (backend, backend.asarray(out))


def _call_raw(op: Op, args: Sequence[Any], options: dict[str, Any]) -> Any:
    """Run an op on raw arrays alone: raw in, raw out, nothing recorded."""
    backends = [found for value in args if (found := backend_of(value)) is not None]
    if not backends:
        # A rule may have computed with zero-dimensional arrays, and NumPy made scalars of them.
        backends = [found for value in args if (found := backend_of_scalar(value)) is not None]
    if not backends:
        types = ", ".join(type(value).__name__ for value in args) or "nothing"
        raise TypeError(
            f"{op.name}: needed is a Variable or an array, got {types}. Convert it first, for instance with "
            f"simple_autograd.asarray(...)."
        )
    backend = backends[0]
    accepted = backend.optional_types if op.optional else backend.operand_types
    values = [
        value if type(value) in accepted else _operand(op, backend, position, value)
        for position, value in enumerate(args)
    ]
    out = backend.body(op.name)(*values, **options)
    return out if type(out) is backend.array_type else _settle(backend, out)[1]


def _operand(op: Op, backend: Backend, position: int, value: Any) -> Any:
    """Give a raw operand that is no plain array or number of `backend`, or raise."""
    argument = f"{op.arrays[0]}[{position}]" if op.variadic else op.arrays[position]
    other = backend_of(value)
    if other is not None and other is not backend:
        number = other.is_host and not value.shape
        if not number and not backend.takes_arrays_of(other):
            _mismatch(op, backend, other)
    return backend.operand(value, op.name, argument)


def _mismatch(op: Op, first: Backend, second: Backend) -> NoReturn:
    if first.takes_arrays_of(second) or second.takes_arrays_of(first):
        raise CaptureError(
            f"{op.name}: one operand is the result of an operation from before the step that is recorded; in a replay "
            f"no gradient would reach what that was computed from. Compute it inside the step, or detach it."
        )
    raise BackendMismatchError(
        f"{op.name}: one operand is on backend {first.name!r}, another on {second.name!r}. Move one of them, with "
        f"v.to({first.name!r}) or v.to({second.name!r}) for a Variable, or get_backend({first.name!r}).asarray(a) "
        f"for a raw array."
    )


def _leave_to(other: Any, method: str | None, error: OperandError) -> Any:
    """Give ``NotImplemented`` where the class of an operand that no op takes has the answer to an operator.

    Python then asks ``other.method``. Of Python's own classes none has one, but for ``==`` and ``!=`` with what is no
    sequence of numbers: those compare identities then (``v == None`` is False, as in PyTorch).
    """
    if method is not None:
        if type(other).__module__ == "builtins":
            answers = method in ("__eq__", "__ne__") and not isinstance(other, list | tuple)
        else:
            answers = hasattr(type(other), method)
        if answers:
            return NotImplemented
    raise error
