"""``@op``: from a body and its gradient rules to a public function.

A *body* computes on raw arrays, in the namespace it is given: ``(xp, *arrays, /, **options)``. Its array arguments
are positional-only; what follows the slash are options. A *rule* gives the gradient for one array argument and names
what it needs, see `Op.gradient`. The function that users call unwraps Variables, checks that their backends agree,
runs the body (or the backend's kernel of that name) and leaves a node on the tape.

There are two callers, because the overhead per operation is a feature: one for two arrays without options, the
commonest case, written out; and one for everything else. Both end in `_result`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, NoReturn, ParamSpec, Protocol, overload

from .backends import Backend, backend_of, backend_of_scalar, define_body
from .errors import BackendMismatchError, GraphError
from .tape import Edge, Node, mode, record
from .types import Namespace
from .variable import Variable, wrap

__all__ = ["OPS", "Op", "OpFunction", "Rule", "op"]

P = ParamSpec("P")

_RESERVED = {
    "xp": "namespace",
    "grad": "gradient of the result",
    "out": "result",
    "index": "position among a variadic op's arrays",
}

OPS: dict[str, Op] = {}
"""Every op by its name: what docs and tests walk."""


class OpFunction(Protocol[P]):
    """The public function of an op."""

    __name__: str
    op: Op

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Run the op: Variables give Variables, raw arrays alone give a raw array."""

    def gradient(self, *arguments: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a rule (see `Op.gradient`)."""


class Rule:
    """The gradient rule for one array argument.

    Attributes
    ----------
    function
        ``(xp, grad, *needs)``, gives the gradient for the argument. None on the edge from one of several outputs to
        the operation's node (the walk then puts the gradient at `position`), and on a joint edge.
    argument, position
        Whose gradient it gives: the parameter's name, and which array of a call that is.
    needs
        The names that `function` asks for after ``xp`` and ``grad``.
    joint
        On the edge to a joint node (see `joint_node`), what gives the gradients for all of its arguments.
    """

    __slots__ = ("argument", "function", "joint", "needs", "position")

    def __init__(
        self,
        function: Callable[..., Any] | None,
        argument: str,
        position: int,
        joint: Callable[..., Any] | None = None,
    ) -> None:
        self.function = function
        self.argument = argument
        self.position = position
        self.joint = joint
        code = getattr(joint or function, "__code__", None)
        self.needs: tuple[str, ...] = code.co_varnames[2 : code.co_argcount] if code else ()


class Op:
    """An operation: its name, its body, its rules.

    Attributes
    ----------
    name
        The public function's name; kernels and error messages go by it.
    body
        ``(xp, *arrays, /, **options)`` on raw arrays of the namespace ``xp``.
    arrays
        The names of the array parameters; of a variadic op (``*arrays``) the one name.
    variadic
        Whether the op takes any number of arrays.
    options
        The names of the other parameters.
    optional
        Whether an array may be left out: its annotation says so (``bias: Array | None``).
    differentiable
        False if the result never has a gradient (comparisons, ``argmax``).
    rules
        The rules' functions by the name of the array argument.
    joint
        The arguments that have one rule together: by the name of each, the names of all of them.
    link
        ``(out, *args, *nodes, **options)`` of one call: gives the edges of its node.
    """

    def __init__(self, body: Callable[..., Any], *, differentiable: bool) -> None:
        code = body.__code__
        self.name = body.__name__.strip("_")
        self.body = body
        self.variadic = bool(code.co_flags & inspect.CO_VARARGS)
        names = code.co_varnames
        if self.variadic:
            self.arrays: tuple[str, ...] = (names[code.co_argcount + code.co_kwonlyargcount],)
            self.options = names[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        else:
            self.arrays = names[1 : code.co_posonlyargcount]
            self.options = names[
                code.co_posonlyargcount : code.co_argcount + code.co_kwonlyargcount
            ]
        reserved = _RESERVED.keys() & {*self.arrays, *self.options}
        if reserved:
            raise ValueError(
                f"op: {self.name} has a parameter {min(reserved)!r}; a rule that asks for that name means something "
                f"else, the {_RESERVED[min(reserved)]}. Give the parameter another name."
            )
        self.optional = _has_optional(self, body)
        self.differentiable = differentiable
        self.rules: dict[str, Callable[..., Any]] = {}
        self.joint: dict[str, tuple[str, ...]] = {}
        self.link: Callable[..., tuple[Edge, ...]] = self._link_first

    def _link_first(self, *call: Any, **options: Any) -> tuple[Edge, ...]:
        """Compile `link` when the op is first recorded: by then all rules are there, and importing stays quick."""
        self.link = _link_variadic(self) if self.variadic else _compile_link(self)
        return self.link(*call, **options)

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def gradient(self, *arguments: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register the rule for an array parameter; it stands right below the body.

        A rule is a function ``(xp, grad, *needs)`` that gives the gradient for the argument. `needs` are names: of
        array parameters, of options, ``out`` (the result; a tuple if there are several), ``<argument>_shape``, or
        ``index`` (a variadic op's position). Only what a rule names is saved. The result may still have the shape
        of ``grad``, and any real floating dtype: the walk sums and casts. For several outputs ``grad`` is a tuple,
        with None where an output got no gradient. Rules never conjugate (see docs/decisions/0001).

        Where the gradients of several arguments come out of one computation (a recurrence walked back through time),
        the rule names them all, and gives a tuple: ``@f.gradient("x", "weight")``.
        """
        for argument in arguments:
            if argument not in self.arrays:
                raise ValueError(
                    f"{self.name}.gradient: {argument!r} is none of its arrays, {self.arrays}"
                )

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            for argument in arguments:
                self.rules[argument] = function
                if len(arguments) > 1:
                    self.joint[argument] = arguments
            return function

        return register


@overload
def op(body: Callable[Concatenate[Namespace, P], Any], /) -> OpFunction[P]: ...
@overload
def op(
    *, differentiable: bool = True
) -> Callable[[Callable[Concatenate[Namespace, P], Any]], OpFunction[P]]: ...
def op(body: Any = None, /, *, differentiable: bool = True) -> Any:
    """Make a public function of a body (see the module's text).

    Parameters
    ----------
    body
        ``(xp, *arrays, /, **options)``.
    differentiable
        False marks an op whose result never has a gradient; it then needs no rules.

    Examples
    --------
    >>> from simple_autograd import Variable, op
    >>> @op
    ... def cube(xp, x, /):
    ...     return x * x * x
    >>> @cube.gradient("x")
    ... def cube_wrt_x(xp, grad, x):
    ...     return 3 * x * x * grad
    >>> v = Variable([2.0])
    >>> cube(v).sum().backward()
    >>> v.grad
    array([12.])
    """
    if body is None:
        return functools.partial(op, differentiable=differentiable)
    made = Op(body, differentiable=differentiable)
    known = OPS.get(made.name)
    if known is not None and known.body.__module__ != body.__module__:
        # Kernels go by the name: a second op of that name would be computed by the first one's.
        raise ValueError(
            f"op: there is an op {made.name!r} already, in {known.body.__module__}. Give this one another name."
        )
    OPS[made.name] = made
    define_body(made.name, body)
    binary = len(made.arrays) == 2 and not made.options and not made.variadic
    call = _binary_caller(made) if binary else _caller(made)
    call.__name__ = made.name
    call.__qualname__ = made.name
    call.__module__ = body.__module__
    call.__doc__ = body.__doc__
    # inspect.signature follows this and so shows the body's parameters without xp.
    call.__wrapped__ = functools.partial(body, None)
    call.op = made
    call.gradient = made.gradient
    return call


def _binary_caller(op: Op) -> Any:
    """Make the caller of an op of two arrays and no options."""
    name, differentiable = op.name, op.differentiable
    new: Any = object.__new__

    def call(x1, x2, /):  # type: ignore[no-untyped-def]
        node1 = node2 = None
        if isinstance(x1, Variable):
            node1 = x1._node
            backend = x1._backend
            x1 = x1._raw
            if isinstance(x2, Variable):
                if x2._backend is not backend:
                    _mismatch(op, backend, x2._backend)
                node2 = x2._node
                x2 = x2._raw
            elif type(x2) not in backend.operand_types:
                x2 = _operand(op, backend, 1, x2)
        elif isinstance(x2, Variable):
            node2 = x2._node
            backend = x2._backend
            x2 = x2._raw
            if type(x1) not in backend.operand_types:
                x1 = _operand(op, backend, 0, x1)
        else:
            return _call_raw(op, (x1, x2), {})
        try:
            body = backend.bodies[name]
        except KeyError:
            body = backend.body(name)
        out = body(x1, x2)
        if type(out) is not backend.array_type:
            return _result(op, backend, out, (x1, x2), {}, (node1, node2))
        variable = new(Variable)
        variable._raw = out
        variable._backend = backend
        if (
            (node1 is None and node2 is None)
            or not differentiable
            or (record := mode.record) is None
        ):
            variable._node = None
        else:
            variable._node = record(
                op, backend, op.link(out, x1, x2, node1, node2), out.shape, out.dtype
            )
        return variable

    return call


def _caller(op: Op) -> Any:
    """Make the caller of any op."""
    name, variadic = op.name, op.variadic
    arity = len(op.arrays)

    def call(*args, **options):  # type: ignore[no-untyped-def]
        if not variadic and len(args) > arity:
            options.update(zip(op.options, args[arity:], strict=False))
            args = args[:arity]
        backend = None
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
        types = backend.optional_types if op.optional else backend.operand_types
        for position, value in enumerate(values):
            if type(value) not in types:
                values[position] = _operand(op, backend, position, value)
        out = backend.body(name)(*values, **options)
        return _result(op, backend, out, values, options, nodes)

    return call


def _result(
    op: Op,
    backend: Backend,
    out: Any,
    args: Sequence[Any],
    options: dict[str, Any],
    nodes: Sequence[Node | None],
) -> Any:
    """Wrap what a body gave, and record it if it depends on something that requires grad."""
    if type(out) is not backend.array_type:
        if isinstance(out, tuple):
            out = tuple([_settle(backend, item)[1] for item in out])
        else:
            backend, out = _settle(backend, out)
    record = mode.record
    if not op.differentiable or record is None or all([node is None for node in nodes]):
        node = None
    else:
        edges = op.link(out, *args, *nodes, **options)
        if type(out) is tuple:
            node = record(op, backend, edges, tuple([item.shape for item in out]), None)
        else:
            node = record(op, backend, edges, out.shape, out.dtype)
    if type(out) is tuple:
        return tuple(
            [wrap(item, backend, output_node(node, index, item)) for index, item in enumerate(out)]
        )
    return wrap(out, backend, node)


def output_node(node: Node | None, index: int, value: Any) -> Node | None:
    """Make the node of one output of an operation with several, or None where nothing was recorded."""
    if node is None:
        return None
    assert node.op is not None  # only an operation has outputs
    edge = (node, Rule(None, f"output {index}", index), ())
    return record(node.op, node.backend, (edge,), value.shape, value.dtype)


def joint_node(
    op: Op, arguments: tuple[str, ...], first: Node | None, *others: Node | None
) -> Node:
    """Make the node that stands between an operation and the arguments whose gradients one rule gives.

    Its gradient is the tuple that the rule gave, and each of its edges picks one argument's out of it.
    """
    nodes = (first, *others)
    edges = tuple(
        [
            (node, Rule(_picker(place), argument, op.arrays.index(argument)), ())
            for place, (argument, node) in enumerate(zip(arguments, nodes, strict=True))
            if node is not None
        ]
    )
    assert mode.record is not None  # edges are made only of what is recorded
    return mode.record(op, edges[0][0].backend, edges, (), None)


def _picker(place: int) -> Callable[..., Any]:
    return lambda xp, grads: grads[place]


def _has_optional(op: Op, body: Callable[..., Any]) -> bool:
    """Say whether an array parameter's annotation or default is None."""
    parameters = body.__code__.co_varnames[: body.__code__.co_argcount]
    defaults = dict(zip(reversed(parameters), reversed(body.__defaults__ or ()), strict=False))
    words = [str(body.__annotations__.get(array, "")) for array in op.arrays]
    return any(["None" in word or "Optional" in word for word in words]) or any(
        [defaults.get(array, ...) is None for array in op.arrays]
    )


def _settle(backend: Backend, out: Any) -> tuple[Backend, Any]:
    """Give a body's result as an array, and the backend that it belongs to.

    NumPy gives scalars where the standard has zero-dimensional arrays; a transfer gives another backend's array.
    """
    if type(out) is backend.array_type:
        return backend, out
    other = backend_of(out)
    return (other, out) if other is not None else (backend, backend.asarray(out))


def _call_raw(op: Op, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
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
    types = backend.optional_types if op.optional else backend.operand_types
    values = [
        value if type(value) in types else _operand(op, backend, position, value)
        for position, value in enumerate(args)
    ]
    out = backend.body(op.name)(*values, **options)
    if isinstance(out, tuple):
        return tuple([_settle(backend, item)[1] for item in out])
    return out if type(out) is backend.array_type else _settle(backend, out)[1]


def _operand(op: Op, backend: Backend, position: int, value: Any) -> Any:
    """Give a raw operand that is no plain array or number of `backend`, or raise."""
    argument = f"{op.arrays[0]}[{position}]" if op.variadic else op.arrays[position]
    other = backend_of(value)
    if other is not None and other is not backend and not (other.is_host and not value.shape):
        _mismatch(op, backend, other)
    return backend.operand(value, op.name, argument)


def _mismatch(op: Op, first: Backend, second: Backend) -> NoReturn:
    raise BackendMismatchError(
        f"{op.name}: one operand is on backend {first.name!r}, another on {second.name!r}. Move one of them, with "
        f"v.to({first.name!r}) or v.to({second.name!r}) for a Variable, or get_backend({first.name!r}).asarray(a) "
        f"for a raw array."
    )


def _compile_link(op: Op) -> Callable[..., tuple[Edge, ...]]:
    """Compile the function that makes the edges of one call.

    It has the body's own parameters, so Python binds them and fills in defaults. For ``sum`` it is::

        lambda out, x, x_node, /, *, axis, dtype, keepdims: (
            ((x_node, x_rule, (x.shape, axis, keepdims,)),) if x_node is not None else ()
        )
    """
    scope: dict[str, Any] = {}
    edges = []
    for position, array in enumerate(op.arrays):
        node = f"{array}_node"
        if array in op.joint:
            arguments = op.joint[array]
            if array == arguments[0]:
                rule = Rule(None, ", ".join(arguments), position, joint=op.rules[array])
                scope[f"{array}_rule"] = rule
                scope[f"{array}_joint"] = functools.partial(joint_node, op, arguments)
                saved = "".join(_pick(op, need) + ", " for need in rule.needs)
                nodes = [f"{argument}_node" for argument in arguments]
                edges.append(
                    f"((({array}_joint({', '.join(nodes)}), {array}_rule, ({saved})),) "
                    f"if {' is not None or '.join(nodes)} is not None else ())"
                )
            continue
        if array in op.rules:
            rule = Rule(op.rules[array], array, position)
            scope[f"{array}_rule"] = rule
            saved = "".join(_pick(op, need) + ", " for need in rule.needs)
            edge = f"(({node}, {array}_rule, ({saved})),)"
        else:
            scope["missing"] = functools.partial(_missing_rule, op)
            edge = f"missing({array!r})"
        edges.append(f"({edge} if {node} is not None else ())")
    code = op.body.__code__
    named = code.co_argcount - code.co_posonlyargcount
    keyword_only = ["*", *op.options[named:]] if op.options[named:] else []
    parameters = [
        "out",
        *op.arrays,
        *(f"{array}_node" for array in op.arrays),
        "/",
        *op.options[:named],
        *keyword_only,
    ]
    link = eval(f"lambda {', '.join(parameters)}: {' + '.join(edges)}", scope)
    link.__defaults__, link.__kwdefaults__ = op.body.__defaults__, op.body.__kwdefaults__
    return link


def _pick(op: Op, need: str) -> str:
    """Give the expression for what a rule names."""
    if need == "out" or need in op.arrays or need in op.options:
        return need
    if need.removesuffix("_shape") in op.arrays:
        return f"{need.removesuffix('_shape')}.shape"
    raise TypeError(
        f"{op.name}: a rule asks for {need!r}; there are out, {op.arrays}, <array>_shape, and the options {op.options}."
    )


def _link_variadic(op: Op) -> Callable[..., tuple[Edge, ...]]:
    """Make the function that makes the edges of one call of a variadic op: one rule serves every array."""
    (arrays,) = op.arrays
    if arrays not in op.rules:
        return lambda *call, **options: _missing_rule(op, arrays)
    needs = Rule(op.rules[arrays], arrays, 0).needs
    defaults = op.body.__kwdefaults__ or {}

    def link(out: Any, *call: Any, **options: Any) -> tuple[Edge, ...]:
        values, nodes = call[: len(call) // 2], call[len(call) // 2 :]
        known = {**defaults, **options, "out": out, arrays: values}
        if f"{arrays}_shape" in needs:
            known[f"{arrays}_shape"] = [value.shape for value in values]
        return tuple(
            (
                node,
                Rule(op.rules[arrays], arrays, index),
                tuple({**known, "index": index}[need] for need in needs),
            )
            for index, node in enumerate(nodes)
            if node is not None
        )

    return link


def _missing_rule(op: Op, argument: str) -> NoReturn:
    raise GraphError(
        f"{op.name}: it has no gradient for its argument {argument!r}, which requires grad. Pass "
        f"{argument}.detach() if the result is meant not to depend on it."
    )
