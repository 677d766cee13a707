"""``@op``: from a body and its gradient rules to a public function.

A *body* computes on raw arrays, in the namespace it is given: ``(xp, *arrays, /, **options)``. Its array arguments
are positional-only; what follows the slash are options. A *rule* gives the gradient for one array argument and names
what it needs, see `Op.gradient`. What happens when the function is called is in ``calls.py``.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, overload

from .autocast import Precision
from .backends import define_body
from .calls import caller
from .types import Namespace

__all__ = ["OPS", "Op", "op"]

P = ParamSpec("P")

_RESERVED = {
    "xp": "namespace",
    "grad": "gradient of the result",
    "out": "result",
    "index": "position among a variadic op's arrays",
}

OPS: dict[str, Op] = {}
"""Every op by its name: what docs and tests walk."""


if TYPE_CHECKING:

    class OpFunction(Protocol[P]):
        """The public function of an op."""

        __name__: str
        op: Op

        def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
            """Run the op: Variables give Variables, raw arrays alone give a raw array."""

        def gradient(self, *arguments: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
            """Register a rule (see `Op.gradient`)."""


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
        The names of the other parameters; the first `named` of them may be given by position too.
    optional
        Whether an array may be left out: its annotation says so (``bias: Array | None``).
    differentiable
        False if the result never has a gradient (comparisons, ``argmax``).
    precision
        What it computes in under `autocast`: ``"lower"``, ``"float32"``, or None for what it is given.
    rules
        The rules' functions by the name of the array argument.
    joint
        The arguments that have one rule together: by the name of each, the names of all of them.
    """

    def __init__(
        self,
        body: Callable[..., Any],
        *,
        differentiable: bool = True,
        precision: Precision | None = None,
    ) -> None:
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
        self.named = 0 if self.variadic else code.co_argcount - code.co_posonlyargcount
        self.optional = _has_optional(self, body)
        self.differentiable = differentiable
        self.precision = precision
        self.rules: dict[str, Callable[..., Any]] = {}
        self.joint: dict[str, tuple[str, ...]] = {}

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
    *, differentiable: bool = True, precision: Precision | None = None
) -> Callable[[Callable[Concatenate[Namespace, P], Any]], OpFunction[P]]: ...
def op(body: Any = None, /, **properties: Any) -> Any:
    """Make a public function of a body (see the module's text).

    Parameters
    ----------
    body
        ``(xp, *arrays, /, **options)``.
    differentiable
        False marks an op whose result never has a gradient; it then needs no rules.
    precision
        What the op computes in under `autocast`: ``"lower"`` is its 16-bit type, None what the op is given.

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
        return functools.partial(op, **properties)
    made = Op(body, **properties)
    home = _home(made.name)
    if home is not None and home != body.__module__:
        # Kernels go by the name: a second op of that name would be computed by the first one's.
        raise ValueError(
            f"op: there is an op {made.name!r} already, in {home}. Give this one another name."
        )
    OPS[made.name] = made
    define_body(made.name, body)
    call = caller(made)
    call.__name__ = made.name
    call.__qualname__ = made.name
    call.__module__ = body.__module__
    call.__doc__ = body.__doc__
    # inspect.signature follows this and so shows the body's parameters without xp.
    call.__wrapped__ = functools.partial(body, None)
    call.op = made
    call.gradient = made.gradient
    return call


def _home(name: str) -> str | None:
    """Give the module of the op of that name, also of one that is not loaded yet; None if there is none."""
    from . import ops

    if name in OPS:
        return OPS[name].body.__module__
    family = ops.family_of(name)
    return family and f"{ops.__name__}.{family}"


def _has_optional(op: Op, body: Callable[..., Any]) -> bool:
    """Say whether an array parameter's annotation or default is None."""
    parameters = body.__code__.co_varnames[: body.__code__.co_argcount]
    defaults = dict(zip(reversed(parameters), reversed(body.__defaults__ or ()), strict=False))
    words = [str(body.__annotations__.get(array, "")) for array in op.arrays]
    return any(["None" in word or "Optional" in word for word in words]) or any(
        [defaults.get(array, ...) is None for array in op.arrays]
    )
