"""The walk backwards: from roots over the recorded graph, calling the rules, to the gradients.

Nodes are visited once each, newest first, without recursion: a node's gradient is complete when every newer node has
given its share. The rules run on raw arrays in the backend's namespace, or, with ``create_graph=True``, on Variables
in ``simple_autograd`` itself, so that the walk is recorded like any other computation.

Gradients reach the leaves after the last rule has run, so a walk that fails leaves none behind. But what it went over
before is freed: that a part of the graph was freed earlier shows when the walk comes to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop
from typing import Any

from . import anomaly
from .backends import any_has_several_devices, use_backend
from .errors import BackendMismatchError, GraphError
from .tape import Node, enable_grad, mode, no_grad
from .types import Namespace
from .variable import Variable, wrap
from .vjp import Rule, cast, fit, give, kept, output_node
from .writes import check_unwritten, last_write

__all__ = ["backward", "grad"]


def backward(
    tensors: Variable | Sequence[Variable],
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Variable | Sequence[Variable] | None = None,
) -> None:
    """Compute the gradients of one or several Variables and add them to the ``grad`` of their leaves.

    Parameters
    ----------
    tensors
        What to differentiate, each as by `Variable.backward`.
    grad_tensors
        For each, the gradient of some scalar with respect to it, in its shape; None for those with one element.
    retain_graph, create_graph
        As in `Variable.backward`.
    inputs
        Variables to which alone gradients shall be added; by default all leaves.
    """
    roots = _roots("backward", tensors, grad_tensors)
    targets = None if inputs is None else _nodes_of("backward", _several(inputs))
    found = _walk(roots, targets, retain_graph, create_graph)
    for node, gradient in found.items():
        extras = node.extras or node.extra()
        if extras.grad is None:
            extras.grad = gradient
        elif create_graph or isinstance(extras.grad, Variable):
            extras.grad = extras.grad + gradient
        else:
            extras.grad += gradient


def grad(
    outputs: Variable | Sequence[Variable],
    inputs: Variable | Sequence[Variable],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Any, ...]:
    """Compute the gradients of outputs with respect to inputs, and give them instead of adding them to ``grad``.

    Parameters
    ----------
    outputs
        What to differentiate.
    inputs
        With respect to what: leaves or inner Variables that require grad.
    grad_outputs
        For each output, the gradient of some scalar with respect to it; None for those with one element.
    retain_graph, create_graph
        As in `Variable.backward`.
    allow_unused
        Give None for an input that no output depends on; by default that raises.

    Returns
    -------
    tuple
        One gradient per input: raw arrays, or Variables with `create_graph`.

    Raises
    ------
    GraphError
        If an output requires no grad, an input is not used, or the graph has been freed.

    Examples
    --------
    >>> import simple_autograd as sa
    >>> x = sa.Variable(3.0)
    >>> (first,) = sa.grad(x**3, x, create_graph=True)
    >>> sa.grad(first, x)
    (array(18.),)
    """
    targets = _nodes_of("grad", _several(inputs))
    found = _walk(_roots("grad", outputs, grad_outputs), targets, retain_graph, create_graph)
    for index, node in enumerate(targets):
        if node not in found and not allow_unused:
            raise GraphError(
                f"grad: no output depends on input {index} (shape {tuple(node.shape)}). Pass allow_unused=True to "
                f"get None for it."
            )
    return tuple(found.get(node) for node in targets)


def _several(variables: Variable | Iterable[Variable]) -> list[Variable]:
    return [variables] if isinstance(variables, Variable) else list(variables)


def _nodes_of(operation: str, inputs: list[Variable]) -> list[Node]:
    for index, variable in enumerate(inputs):
        if not isinstance(variable, Variable):
            raise TypeError(
                f"{operation}: input {index} is a {type(variable).__name__}; needed is a Variable."
            )
        if variable._node is None:
            raise GraphError(f"{operation}: input {index} does not require grad.")
    return [variable._node for variable in inputs if variable._node is not None]


def _roots(
    operation: str, outputs: Variable | Sequence[Variable], gradients: Any
) -> list[tuple[Node, Any]]:
    """Pair each output's node with its gradient."""
    if not isinstance(gradients, (list, tuple)):
        if isinstance(outputs, Variable):
            return [_root(operation, outputs, gradients)]
        gradients = [gradients] * (1 if gradients is not None else len(outputs))
    outputs = _several(outputs)
    if len(gradients) != len(outputs):
        raise ValueError(
            f"{operation}: there are {len(outputs)} outputs and {len(gradients)} gradients for them."
        )
    return [
        _root(operation, output, gradient)
        for output, gradient in zip(outputs, gradients, strict=True)
    ]


def _root(operation: str, output: Variable, gradient: Any) -> tuple[Node, Any]:
    if not isinstance(output, Variable):
        raise TypeError(f"{operation}: needed is a Variable, got a {type(output).__name__}.")
    node, backend = output._node, output._backend
    if node is None:
        raise GraphError(
            f"{operation}: this Variable (shape {tuple(output.shape)}, {output.dtype}) does not require grad: it was "
            f"computed from nothing that does, or inside no_grad, or its data type is not floating."
        )
    if gradient is None:
        if output.size != 1:
            raise GraphError(
                f"{operation}: the gradient may be left out for a Variable with one element only, this one has shape "
                f"{tuple(output.shape)}. Reduce it first (v.sum().backward()), or pass a gradient of its shape."
            )
        # Half the time that ones_like takes.
        return node, backend.xp.ones(output._raw.shape, dtype=output._raw.dtype)
    if isinstance(gradient, Variable):
        if gradient._backend is not backend:
            raise BackendMismatchError(
                f"{operation}: the gradient is on backend {gradient._backend.name!r}, the Variable on "
                f"{backend.name!r}. Use gradient.to({backend.name!r})."
            )
    elif type(gradient) is not backend.array_type:
        gradient = backend.asarray(gradient)
    if gradient.shape != node.shape and tuple(gradient.shape) != tuple(node.shape):
        raise ValueError(
            f"{operation}: the gradient has shape {tuple(gradient.shape)}; needed is the Variable's, "
            f"{tuple(node.shape)}."
        )
    return node, gradient


def _walk(
    roots: list[tuple[Node, Any]],
    targets: list[Node] | None,
    retain_graph: bool | None,
    create_graph: bool,
) -> dict[Node, Any]:
    """Carry the roots' gradients back; give those of `targets`, or of all nodes that keep theirs."""
    retain = create_graph if retain_graph is None else retain_graph
    if create_graph:
        with enable_grad():
            return _carry(roots, targets, retain, create_graph)
    return _carry(roots, targets, retain, create_graph)  # rules on raw arrays record nothing


def _carry(
    roots: list[tuple[Node, Any]], targets: list[Node] | None, retain: bool, create_graph: bool
) -> dict[Node, Any]:
    """Go over the nodes, newest first.

    A node is older than what was computed from it. So the newest one that has been given anything has been given all.
    """
    wanted = None if targets is None else set(targets)
    needed = None if wanted is None else _leading_to(wanted, [node for node, _ in roots])
    watched = mode.anomaly is not None
    plain = wanted is None and not watched and not create_graph
    quick = plain and not any_has_several_devices()
    grads: dict[Node, Any] = {}
    pending: list[Node] = []  # a heap
    found: dict[Node, Any] = {}
    for node, gradient in roots:
        give(node, _enter(node, gradient, create_graph), grads, pending)
    while pending:
        node = heappop(pending)
        gradient = grads.pop(node)
        if node.extras is not None or (wanted is not None and node in wanted):
            gradient = _meet(node, gradient, wanted, found, create_graph)
        vjp = node.vjp
        assert vjp is not None  # no leaf is pending
        if node.held is None:
            raise GraphError(
                f"backward: the graph has been freed, {node.name} is the first operation found without its saved "
                f"values. A backward pass frees its graph; pass retain_graph=True to the first one to go over it again."
            )
        if node.order < last_write[0]:
            check_unwritten(node)
        if quick and vjp.pull is not None:
            vjp.pull(node, gradient, node.backend.xp, grads, pending)
        else:
            with node.backend.current():
                if plain and vjp.pull is not None:
                    vjp.pull(node, gradient, node.backend.xp, grads, pending)
                elif vjp.output is not None:
                    _collect(node, gradient, grads, pending, needed)
                elif create_graph:
                    _pass_on_recorded(node, gradient, grads, pending, needed, watched)
                else:
                    _pass_on(node, gradient, grads, pending, wanted, needed, watched)
        if not retain:
            node.held = None
    for node, gradient in grads.items():  # the leaves
        _meet(node, gradient, wanted, found, create_graph)
    return found


def _leading_to(wanted: set[Node], roots: list[Node]) -> set[Node]:
    """Give the wanted nodes, and of those that the roots depend on the ones that depend on a wanted one."""
    nodes = set(roots)
    unseen = list(nodes)
    while unseen:
        parents = {parent for parent in unseen.pop().next_functions if parent not in nodes}
        nodes |= parents
        unseen += parents
    needed = set(wanted)
    for node in sorted(nodes, reverse=True):  # the oldest first
        if any([parent in needed for parent in node.next_functions]):
            needed.add(node)
    return needed


def _pulls(
    node: Node, needed: set[Node] | None
) -> Iterator[tuple[Rule, tuple[Any, ...], list[tuple[int, str, Node]]]]:
    """Give the rules that are needed, what each one saved, and for whom they are.

    Those are, of each input that gets a gradient, its place in what the rule gives, its name, and its node.
    """
    held = node.held or ()
    for rule in node.vjp.rules if node.vjp else ():
        ends = [
            (index, rule.arguments[index], held[position])
            for index, position in enumerate(rule.positions)
            if held[position] is not None and (needed is None or held[position] in needed)
        ]
        if ends:
            yield rule, tuple([held[place] for place in rule.places]), ends


def _pass_on(
    node: Node,
    gradient: Any,
    grads: dict[Node, Any],
    pending: list[Node],
    wanted: set[Node] | None,
    needed: set[Node] | None,
    watched: bool,
) -> None:
    """Add to the gradients of a node's inputs what its own gradient gives them, on raw arrays.

    This is what `VJP.pull` does, where that is not all: only some inputs may be meant, and what is given be looked at.
    """
    xp = node.backend.xp
    for rule, saved, ends in _pulls(node, needed):
        gave = rule.function(xp, gradient, *saved)
        for index, argument, parent in ends:
            several = len(rule.arguments) > 1
            given = fit(xp, gave[index] if several else gave, parent, node, argument)
            if watched:
                anomaly.check_gradient(node, argument, given)
            if parent in wanted if wanted is not None else parent.extras is not None:
                given = kept(parent, given, gradient, (*saved, *gave[:index]) if several else saved)
            give(parent, given, grads, pending)


def _pass_on_recorded(
    node: Node,
    gradient: Any,
    grads: dict[Node, Any],
    pending: list[Node],
    needed: set[Node] | None,
    watched: bool,
) -> None:
    """Do the same with Variables, so that it is recorded."""
    xp = _variable_namespace()
    with use_backend(node.backend):
        for rule, _, ends in _pulls(node, needed):
            gave = rule.function(xp, gradient, *_lift(node, rule))
            for index, argument, parent in ends:
                given = gave if len(rule.arguments) == 1 else gave[index]
                given = fit(xp, given, parent, node, argument)
                if watched:
                    anomaly.check_gradient(node, argument, given._raw)
                give(parent, given, grads, pending)


def _collect(
    node: Node,
    gradient: Any,
    grads: dict[Node, Any],
    pending: list[Node],
    needed: set[Node] | None,
) -> None:
    """Put the gradient of one output into its place among those of an operation with several."""
    (parent,) = node.next_functions
    if needed is not None and parent not in needed:
        return
    assert node.vjp is not None  # it is an output
    assert node.vjp.output is not None
    if parent not in grads:
        give(parent, [None] * len(parent.shape), grads, pending)
    places = grads[parent]
    earlier = places[node.vjp.output]
    places[node.vjp.output] = gradient if earlier is None else earlier + gradient


def _meet(
    node: Node,
    gradient: Any,
    wanted: set[Node] | None,
    found: dict[Node, Any],
    create_graph: bool,
) -> Any:
    """Do what a node with extras asks for when its gradient is known: hooks, keeping it, checks."""
    extras = node.extras
    if extras is not None and extras.hooks:
        gradient = _run_hooks(node, gradient, create_graph)
    if extras is not None and extras.trace is not None:
        anomaly.check_saved(node)
    if (extras is not None and extras.retains) if wanted is None else node in wanted:
        result = _conjugate(node, gradient)
        if type(result) is not node.backend.array_type and not isinstance(result, Variable):
            # NumPy gives scalars where the standard has zero-dimensional arrays.
            result = node.backend.asarray(result)
        found[node] = result
    return gradient


def _variable_namespace() -> Namespace:
    """Give ``simple_autograd``, the namespace whose arrays are Variables. It imports this module, hence the delay."""
    import simple_autograd

    return simple_autograd


def _lift(node: Node, rule: Rule) -> list[Any]:
    """Give the values that a rule saved as Variables that know their place on the tape."""
    backend, vjp = node.backend, node.vjp
    assert vjp is not None  # a leaf passes nothing on
    assert node.held is not None  # nor does a freed node
    held = node.held

    def lift(value: Any, place: Node | None) -> Any:
        return wrap(value, backend, place) if type(value) is backend.array_type else value

    lifted = []
    for place in rule.places:
        value = held[place]
        name = vjp.needs[place - vjp.inputs] if place < vjp.inputs + len(vjp.needs) else "index"
        if name == "out" and isinstance(value, tuple):
            value = tuple(
                lift(item, output_node(node, index, item)) for index, item in enumerate(value)
            )
        elif name == "out":
            value = lift(value, node)
        elif name in vjp.arrays and vjp.variadic:
            value = tuple(lift(item, held[index]) for index, item in enumerate(value))
        elif name in vjp.arrays:
            value = lift(value, held[vjp.arrays.index(name)])
        lifted.append(value)
    return lifted


def _enter(node: Node, gradient: Any, create_graph: bool) -> Any:
    """Give a gradient that comes from outside as the tape carries it: a Variable or a raw array, conjugated."""
    if create_graph:
        if not isinstance(gradient, Variable):
            gradient = wrap(gradient, node.backend, None)
    else:
        if isinstance(gradient, Variable):
            gradient = gradient._raw
        if node.extras is not None:  # it may be kept, and must not be another's too
            gradient = node.backend.asarray(gradient, copy=True)
    if gradient.dtype is not node.dtype and gradient.dtype != node.dtype:
        gradient = cast(_variable_namespace() if create_graph else node.backend.xp, gradient, node)
    return _conjugate(node, gradient)


def _run_hooks(node: Node, gradient: Any, create_graph: bool) -> Any:
    """Show the gradient to the hooks of a node; what they return takes its place."""
    for hook in list(node.extra().hooks.values()):
        with enable_grad() if create_graph else no_grad():
            replacement = hook(_conjugate(node, gradient))
        if replacement is None:
            continue
        if not isinstance(replacement, Variable):
            replacement = node.backend.asarray(replacement)
        if tuple(replacement.shape) != tuple(node.shape):
            raise ValueError(
                f"hook on {node.name}: it returned shape {tuple(replacement.shape)}; needed is the gradient's, "
                f"{tuple(node.shape)}, or None."
            )
        gradient = _enter(node, replacement, create_graph)
    return gradient


def _conjugate(node: Node, gradient: Any) -> Any:
    """Go between the gradient that users see and the one that the tape carries; the same for real data."""
    if node.dtype not in node.backend.complex_dtypes:
        return gradient
    return (_variable_namespace() if isinstance(gradient, Variable) else node.backend.xp).conj(
        gradient
    )
