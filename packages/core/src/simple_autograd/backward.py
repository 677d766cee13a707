"""The walk backwards: from roots over the recorded graph, calling the rules, to the gradients.

Nodes are visited once each, newest first, without recursion: a node's gradient is complete when every newer node has
given its share. The rules run on raw arrays in the backend's namespace, or, with ``create_graph=True``, on Variables
in ``simple_autograd`` itself, so that the walk is recorded like any other computation.

Nothing is done by halves: whether the graph is whole is checked before the first rule runs, and gradients reach the
leaves after the last one has.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any

from . import anomaly
from .backends import Backend, use_backend
from .broadcasting import sum_to_shape
from .errors import BackendMismatchError, GraphError
from .op import Rule, output_node
from .tape import Node, enable_grad, mode, no_grad
from .types import Array, Namespace
from .variable import Variable, wrap
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
    roots = _roots("backward", _several(tensors), grad_tensors)
    targets = None if inputs is None else _nodes_of("backward", _several(inputs))
    found = _walk(roots, targets, retain_graph, create_graph)
    for node, gradient in found.items():
        extras = node.extra()
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
    found = _walk(
        _roots("grad", _several(outputs), grad_outputs), targets, retain_graph, create_graph
    )
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


def _roots(operation: str, outputs: list[Variable], gradients: Any) -> list[tuple[Node, Any]]:
    """Pair each output's node with its gradient, as the tape carries it."""
    if (
        gradients is None
        or isinstance(gradients, Variable)
        or not isinstance(gradients, list | tuple)
    ):
        gradients = [gradients] * (1 if gradients is not None else len(outputs))
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
        return node, backend.xp.ones_like(output._raw)
    if isinstance(gradient, Variable):
        if gradient._backend is not backend:
            raise BackendMismatchError(
                f"{operation}: the gradient is on backend {gradient._backend.name!r}, the Variable on "
                f"{backend.name!r}. Use gradient.to({backend.name!r})."
            )
    else:
        gradient = backend.asarray(gradient)
    if tuple(gradient.shape) != tuple(node.shape):
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
    nodes = _newest_first([node for node, _ in roots])
    if targets is None:
        wanted = {node for node in nodes if node.extras is not None and node.extras.retains}
        needed = None
    else:
        wanted = set(targets)
        needed = _leading_to(wanted, nodes)
    grads: dict[Node, Any] = {}
    found: dict[Node, Any] = {}
    watched = mode.anomaly is not None
    with enable_grad() if create_graph else no_grad():
        for node, gradient in roots:
            gradient = _enter(node, gradient, create_graph)
            grads[node] = grads[node] + gradient if node in grads else gradient
        for node in nodes:
            gradient = grads.pop(node, None)
            if gradient is None:
                continue
            if node.extras is not None or node in wanted:
                gradient = _meet(node, gradient, wanted, found, create_graph)
            if node.order < last_write[0]:
                check_unwritten(node)
            if create_graph:
                _pass_on_recorded(node, gradient, grads, needed, watched)
            else:
                _pass_on(node, gradient, grads, wanted, needed, watched)
            if not retain and node.op is not None:
                node.edges = None
    return found


def _newest_first(roots: list[Node]) -> list[Node]:
    """Collect the nodes that the roots depend on, newest first.

    Raises
    ------
    GraphError
        If a part of the graph has been freed.
    """
    nodes = set(roots)
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if node.edges is None:
            raise GraphError(
                f"backward: the graph has been freed, {node.name} is the first operation found without its saved "
                f"values. A backward pass frees its graph; pass retain_graph=True to the first one to go over it again."
            )
        for edge in node.edges:
            parent = edge[0]
            if parent not in nodes:
                nodes.add(parent)
                pending.append(parent)
    return sorted(nodes, key=_order, reverse=True)


_order = operator.attrgetter("order")


def _leading_to(wanted: set[Node], newest_first: list[Node]) -> set[Node]:
    """Give the nodes that depend on a wanted one, and the wanted ones."""
    needed = set(wanted)
    for node in reversed(newest_first):
        if any(edge[0] in needed for edge in node.edges or ()):
            needed.add(node)
    return needed


def _pass_on(
    node: Node,
    gradient: Any,
    grads: dict[Node, Any],
    wanted: set[Node],
    needed: set[Node] | None,
    watched: bool,
) -> None:
    """Add to the gradients of a node's inputs what its own gradient gives them, on raw arrays."""
    xp = node.backend.xp
    for parent, rule, saved in node.edges:  # type: ignore[union-attr] # _newest_first saw that it is not freed
        if needed is not None and parent not in needed:
            continue
        function = rule.function
        if function is None:
            _collect(xp, parent, rule, gradient, saved, grads)
            continue
        given = function(xp, gradient, *saved)
        if given.shape != parent.shape or given.dtype is not parent.dtype:
            given = _fit(xp, given, parent, node, rule)
        if watched:
            anomaly.check_gradient(node, rule.argument, given)
        if parent in grads:
            grads[parent] = grads[parent] + given
        elif parent in wanted and (
            # The array will be the user's: it must not be another's too, such as the gradient that `add` hands on.
            given is gradient
            or parent.backend.is_view(given)
            or any([given is value for value in saved])
        ):
            grads[parent] = _own(parent.backend, given)
        else:
            grads[parent] = given


def _pass_on_recorded(
    node: Node,
    gradient: Any,
    grads: dict[Node, Any],
    needed: set[Node] | None,
    watched: bool,
) -> None:
    """Do the same with Variables, so that it is recorded."""
    xp = _variable_namespace()
    with use_backend(node.backend):
        for parent, rule, saved in node.edges or ():
            if needed is not None and parent not in needed:
                continue
            lifted = _lift(node, rule, saved)
            if rule.function is None:
                _collect(xp, parent, rule, gradient, lifted, grads)
                continue
            given = rule.function(xp, gradient, *lifted)
            given = _fit(xp, given, parent, node, rule)
            if watched:
                anomaly.check_gradient(node, rule.argument, given._raw)
            grads[parent] = grads[parent] + given if parent in grads else given


def _collect(
    xp: Namespace,
    parent: Node,
    rule: Rule,
    gradient: Any,
    saved: Sequence[Any],
    grads: dict[Node, Any],
) -> None:
    """Set what is no array: a joint node's gradients, or one output's among those of an operation with several."""
    if rule.joint is not None:
        grads[parent] = rule.joint(xp, gradient, *saved)
        return
    places = grads.setdefault(parent, [None] * len(parent.shape))
    places[rule.position] = (
        gradient if places[rule.position] is None else places[rule.position] + gradient
    )


def _fit(xp: Namespace, given: Any, parent: Node, node: Node, rule: Rule) -> Any:
    """Undo broadcasting and casting: give a rule's result the shape and data type of the input it is for."""
    if given.shape != parent.shape:
        pairs = zip(parent.shape[::-1], given.shape[::-1], strict=False)
        if len(given.shape) < len(parent.shape) or not all([a in (1, b) for a, b in pairs]):
            raise GraphError(
                f"backward of {node.name}: its rule for {rule.argument} gave a gradient of shape "
                f"{tuple(given.shape)}; needed is {tuple(parent.shape)}, or a shape that this broadcasts to."
            )
        given = sum_to_shape(xp, given, parent.shape)
    return given if given.dtype == parent.dtype else _cast(xp, given, parent)


def _meet(
    node: Node, gradient: Any, wanted: set[Node], found: dict[Node, Any], create_graph: bool
) -> Any:
    """Do what a node with extras asks for when its gradient is known: hooks, keeping it, checks."""
    extras = node.extras
    if extras is not None and extras.hooks:
        gradient = _run_hooks(node, gradient, create_graph)
    if extras is not None and extras.trace is not None:
        anomaly.check_saved(node)
    if node in wanted:
        kept = _conjugate(node, gradient)
        # NumPy gives scalars where the standard has zero-dimensional arrays.
        found[node] = kept if isinstance(kept, Variable) else node.backend.asarray(kept)
    return gradient


def _variable_namespace() -> Namespace:
    """Give ``simple_autograd``, the namespace whose arrays are Variables. It imports this module, hence the delay."""
    import simple_autograd

    return simple_autograd


def _lift(node: Node, rule: Rule, saved: tuple[Any, ...]) -> list[Any]:
    """Give the values that a rule saved as Variables that know their place on the tape."""
    backend = node.backend
    assert node.op is not None  # a leaf passes nothing on
    assert node.edges is not None  # nor does a freed node
    arrays = node.op.arrays
    parents: dict[int, Node] = {}
    for parent, own, _ in node.edges:
        behind = parent.edges or () if own.joint else ((parent, own, ()),)
        parents.update({edge[1].position: edge[0] for edge in behind})

    def lift(value: Any, place: Node | None) -> Any:
        return wrap(value, backend, place) if type(value) is backend.array_type else value

    lifted = []
    for name, value in zip(rule.needs, saved, strict=True):
        if name == "out" and isinstance(value, tuple):
            value = tuple(
                lift(item, output_node(node, index, item)) for index, item in enumerate(value)
            )
        elif name == "out":
            value = lift(value, node)
        elif name in arrays and node.op.variadic:
            value = tuple(lift(item, parents.get(index)) for index, item in enumerate(value))
        elif name in arrays:
            value = lift(value, parents.get(arrays.index(name)))
        lifted.append(value)
    return lifted


def _enter(node: Node, gradient: Any, create_graph: bool) -> Any:
    """Give a gradient that comes from outside as the tape carries it: a Variable or a raw copy, conjugated."""
    if create_graph:
        gradient = (
            gradient if isinstance(gradient, Variable) else wrap(gradient, node.backend, None)
        )
    else:
        gradient = _own(node.backend, gradient._raw if isinstance(gradient, Variable) else gradient)
    if gradient.dtype != node.dtype:
        gradient = _cast(_variable_namespace() if create_graph else node.backend.xp, gradient, node)
    return _conjugate(node, gradient)


def _run_hooks(node: Node, gradient: Any, create_graph: bool) -> Any:
    """Show the gradient to the hooks of a node; what they return takes its place."""
    for hook in list(node.extra().hooks.values()):
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


def _cast(xp: Namespace, gradient: Any, node: Node) -> Any:
    """Give a gradient the data type of its node's value; a real value takes the real part."""
    complexes = node.backend.complex_dtypes
    if gradient.dtype in complexes and node.dtype not in complexes:
        gradient = xp.real(gradient)
    return xp.astype(gradient, node.dtype)


def _own(backend: Backend, array: Array) -> Array:
    """Give a copy that nobody else holds."""
    return backend.asarray(array, copy=True)
