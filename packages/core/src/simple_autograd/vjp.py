"""Vector-Jacobian products: how a gradient goes from a node back to the nodes of its inputs.

A `Rule` is what an op's file says of one array argument. A `VJP` is what an op does with all of its rules; nodes point
to it. It says in which order a node holds things, and has a function, compiled from the rules, that adds to the
gradients of the inputs what the node's own gradient gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappush
from typing import TYPE_CHECKING, Any, NoReturn

from .broadcasting import sum_to_shape
from .errors import GraphError
from .tape import Node, record
from .types import Array, Namespace

if TYPE_CHECKING:
    from .op import Op

__all__ = [
    "VJP",
    "Rule",
    "cast",
    "fit",
    "give",
    "held_by_variadic",
    "held_expression",
    "kept",
    "missing_rule",
    "output_node",
    "vjp_of",
]


class Rule:
    """The gradient rule for an array argument, or for several whose gradients come out of one computation.

    Attributes
    ----------
    function
        ``(xp, grad, *needs)``, gives the gradient for the argument; for several, a tuple of them.
    arguments, positions
        Whose gradients it gives: the parameters' names, and which arrays of a call those are.
    places
        Where a node holds what the rule needs.
    """

    __slots__ = ("arguments", "function", "places", "positions")

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: tuple[str, ...],
        positions: tuple[int, ...],
        places: tuple[int, ...],
    ) -> None:
        self.function = function
        self.arguments = arguments
        self.positions = positions
        self.places = places


class VJP:
    """The vector-Jacobian product of an op with so many inputs, or of one output of an op with several.

    Attributes
    ----------
    name
        The op's name.
    inputs
        The number of inputs: a node first holds their nodes, None for those that do not require grad.
    needs
        The names of what a node holds then: see `Op.gradient`.
    arrays
        The names of the array parameters; of a variadic op the one name.
    variadic
        Whether the op takes any number of arrays.
    rules
        The rules; empty for an output.
    output
        Which output of the operation at its input the node stands for; None for an operation.
    outputs
        Of an operation with several, the VJPs of those met so far.
    pull
        ``(node, gradient, xp, grads, pending)``: adds what all rules give to the gradients of the inputs, on raw
        arrays. None where that is not worth compiling.
    """

    __slots__ = (
        "arrays",
        "inputs",
        "name",
        "needs",
        "output",
        "outputs",
        "pull",
        "rules",
        "variadic",
    )

    def __init__(
        self,
        name: str,
        inputs: int,
        *,
        needs: tuple[str, ...] = (),
        arrays: tuple[str, ...] = (),
        variadic: bool = False,
        rules: tuple[Rule, ...] = (),
        output: int | None = None,
    ) -> None:
        self.name = name
        self.inputs = inputs
        self.needs = needs
        self.arrays = arrays
        self.variadic = variadic
        self.rules = rules
        self.output = output
        self.outputs: dict[int, VJP] = {}
        self.pull: Callable[..., None] | None = None
        if rules and not variadic:
            self.pull = self._first_pull

    def _first_pull(self, *call: Any) -> None:
        self.pull = _compile_pull(self)
        self.pull(*call)


def vjp_of(op: Op, inputs: int) -> VJP:
    """Make the VJP of an op for calls with so many arrays.

    Raises
    ------
    TypeError
        If a rule asks for something that there is not.
    """
    asked = {array: _needs(op, function) for array, function in op.rules.items()}
    needs = tuple(dict.fromkeys(need for names in asked.values() for need in names))
    if op.variadic:
        # One rule serves every array. Its position comes last in what a node holds.
        kept = tuple(need for need in needs if need != "index")
        (array,) = op.arrays
        rules = [
            Rule(
                op.rules[array],
                (f"{array}[{index}]",),
                (index,),
                tuple(
                    inputs + (len(kept) + index if need == "index" else kept.index(need))
                    for need in needs
                ),
            )
            for index in range(inputs)
        ]
        return VJP(op.name, inputs, needs=kept, arrays=op.arrays, variadic=True, rules=tuple(rules))
    rules = []
    for array in op.arrays:
        arguments = op.joint.get(array, (array,))
        if array in op.rules and array == arguments[0]:
            places = tuple(inputs + needs.index(need) for need in asked[array])
            positions = tuple(op.arrays.index(argument) for argument in arguments)
            rules.append(Rule(op.rules[array], arguments, positions, places))
    return VJP(op.name, inputs, needs=needs, arrays=op.arrays, rules=tuple(rules))


def _needs(op: Op, function: Callable[..., Any]) -> tuple[str, ...]:
    """Give the names that a rule asks for after ``xp`` and ``grad``."""
    code = function.__code__
    needs = code.co_varnames[2 : code.co_argcount]
    known = {"out", *op.arrays, *op.options, *[f"{array}_shape" for array in op.arrays]}
    for need in needs:
        if need not in known and not (op.variadic and need == "index"):
            raise TypeError(
                f"{op.name}: a rule asks for {need!r}; there are out, {op.arrays}, <array>_shape, and the options "
                f"{op.options}."
            )
    return needs


def held_expression(op: Op, vjp: VJP) -> str:
    """Write the tuple that a node of an op with a fixed number of arrays holds.

    It is in terms of the op's parameters, ``_out``, and each array's ``_<array>_node``. What only some rules need is
    held only where one of those is needed.
    """
    nodes = [f"_{array}_node" for array in op.arrays]
    items = list(nodes)
    for place, need in enumerate(vjp.needs, start=vjp.inputs):
        users = {
            position for rule in vjp.rules if place in rule.places for position in rule.positions
        }
        if need in op.arrays or need in op.options:
            value = need
        else:
            value = "_out" if need == "out" else f"{need.removesuffix('_shape')}.shape"
        if len(users) < len(nodes):
            asked = " or ".join(f"{nodes[position]} is not None" for position in sorted(users))
            value = f"{value} if {asked} else None"
        items.append(value)
    return f"({', '.join(items)},)"


def held_by_variadic(
    op: Op, vjp: VJP, out: Any, values: list[Any], nodes: list[Node | None], options: dict[str, Any]
) -> tuple[Any, ...]:
    """Give what a node of a variadic op holds."""
    (arrays,) = op.arrays
    known = {**(op.body.__kwdefaults__ or {}), **options, "out": out, arrays: values}
    if f"{arrays}_shape" in vjp.needs:
        known[f"{arrays}_shape"] = [value.shape for value in values]
    return (*nodes, *[known[need] for need in vjp.needs], *range(len(nodes)))


def missing_rule(op: Op, argument: str) -> NoReturn:
    """Raise because an argument that requires grad has no rule."""
    raise GraphError(
        f"{op.name}: it has no gradient for its argument {argument!r}, which requires grad. Pass "
        f"{argument}.detach() if the result is meant not to depend on it."
    )


def output_node(node: Node | None, index: int, value: Any) -> Node | None:
    """Make the node of one output of an operation with several, or None where there is no gradient for it."""
    if node is None or not node.backend.is_floating(value.dtype):
        return None
    assert node.vjp is not None  # only an operation has outputs
    vjp = node.vjp.outputs.get(index)
    if vjp is None:
        vjp = node.vjp.outputs[index] = VJP(node.vjp.name, 1, output=index)
    return record(vjp, node.backend, (node,), value.shape, value.dtype)


# What rules give -------------------------------------------------------------------------------------------------


def _compile_pull(vjp: VJP) -> Callable[..., None]:
    """Compile ``pull`` from the rules.

    For ``multiply`` the text is::

    def pull(node, gradient, xp, grads, pending):
        h0, h1, h2, h3, = node.held
        if h0 is not None:
            given = rule0(xp, gradient, h2)
            if given.shape != h0.shape or given.dtype is not h0.dtype:
                given = fit(xp, given, h0, node, 'x1')
            if h0.extras is None:
                if h0 in grads:
                    grads[h0] = grads[h0] + given
                else:
                    grads[h0] = given
                    push(pending, h0) if pending else pending.append(h0)
            elif h0 in grads:
                grads[h0] += given
            else:
                give(h0, kept(h0, given, gradient, (h2,)), grads, pending)
        ...  # the same for x2
    """
    scope: dict[str, Any] = {"fit": fit, "give": give, "kept": kept, "push": heappush}
    count = vjp.inputs + len(vjp.needs)
    lines = ["def pull(node, gradient, xp, grads, pending):"]
    lines.append("    " + "".join(f"h{place}, " for place in range(count)) + "= node.held")
    for number, rule in enumerate(vjp.rules):
        scope[f"rule{number}"] = rule.function
        saved = "".join(f", h{place}" for place in rule.places)
        several = len(rule.positions) > 1
        asked = " or ".join(f"h{position} is not None" for position in rule.positions)
        lines += [
            f"    if {asked}:",
            f"        given{'s' if several else ''} = rule{number}(xp, gradient{saved})",
        ]
        for index, (argument, position) in enumerate(
            zip(rule.arguments, rule.positions, strict=True)
        ):
            node, indent = f"h{position}", "        "
            if several:
                lines += [f"        if {node} is not None:", f"            given = givens[{index}]"]
                indent = "            "
            held = "".join(f"h{place}, " for place in rule.places)
            held += f"*givens[:{index}], " if several else ""
            lines += [
                f"{indent}if given.shape != {node}.shape or given.dtype is not {node}.dtype:",
                f"{indent}    given = fit(xp, given, {node}, node, {argument!r})",
                f"{indent}if {node}.extras is None:",
                f"{indent}    if {node} in grads:",
                f"{indent}        grads[{node}] = grads[{node}] + given",
                f"{indent}    else:",
                f"{indent}        grads[{node}] = given",
                f"{indent}        push(pending, {node}) if pending else pending.append({node})",
                f"{indent}elif {node} in grads:",
                f"{indent}    grads[{node}] += given",
                f"{indent}else:",
                f"{indent}    give({node}, kept({node}, given, gradient, ({held})), grads, pending)",
            ]
    exec(compile("\n".join(lines), f"{__file__}, backward of {vjp.name}", "exec"), scope)
    return scope["pull"]


def fit(xp: Namespace, given: Any, parent: Node, node: Node, argument: str) -> Any:
    """Undo broadcasting and casting: give a rule's result the shape and data type of the input it is for."""
    if given.shape != parent.shape:
        pairs = zip(parent.shape[::-1], given.shape[::-1], strict=False)
        if len(given.shape) < len(parent.shape) or not all([a in (1, b) for a, b in pairs]):
            raise GraphError(
                f"backward of {node.name}: its rule for {argument} gave a gradient of shape "
                f"{tuple(given.shape)}; needed is {tuple(parent.shape)}, or a shape that this broadcasts to."
            )
        given = sum_to_shape(xp, given, parent.shape)
    return given if given.dtype == parent.dtype else cast(xp, given, parent)


def cast(xp: Namespace, gradient: Any, node: Node) -> Any:
    """Give a gradient the data type of its node's value; a real value takes the real part."""
    complexes = node.backend.complex_dtypes
    if gradient.dtype in complexes and node.dtype not in complexes:
        gradient = xp.real(gradient)
    return xp.astype(gradient, node.dtype)


def give(node: Node, gradient: Any, grads: dict[Node, Any], pending: list[Node]) -> None:
    """Add to a node's gradient. The first time, unless it is a leaf, have the walk come by."""
    if node in grads:
        grads[node] = grads[node] + gradient
        return
    grads[node] = gradient
    if node.vjp is not None:
        heappush(pending, node)


def kept(node: Node, given: Array, gradient: Any, saved: Sequence[Any]) -> Array:
    """Give what a rule gave, as an array that a node may keep for the user, and that may be added to.

    It must not be another's too, such as the gradient that `add` hands on, a saved value, or what the same rule gave
    for another argument.
    """
    if given is gradient or node.backend.is_view(given) or _among(given, saved):
        return node.backend.asarray(given, copy=True)
    if type(gradient) is list and _among(given, gradient):  # those of several outputs
        return node.backend.asarray(given, copy=True)
    return given


def _among(given: Any, values: Sequence[Any]) -> bool:
    """Say whether something is one of several, or within a tuple of them: itself, not its equal."""
    for value in values:  # noqa: SIM110 - any() and a generator cost five times as much
        if value is given or (type(value) is tuple and _among(given, value)):
            return True
    return False
