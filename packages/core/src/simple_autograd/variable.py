"""``Variable``: an array that remembers where it came from.

It holds a raw array, the backend that the array belongs to, and, if it requires grad, its node on the tape; nothing
else. Everything about gradients (the gradient itself, hooks, whether it is kept) lives on the node. Operators and
methods are in ``operators.py`` and ``methods/``; they only forward to ops.
"""

from __future__ import annotations

import functools
import inspect
import types
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn, Self

from .backends import Backend, backend_for, get_backend
from .errors import GraphError, NotDifferentiableError
from .methods import Methods
from .operators import Operators
from .tape import Node, leaf, now
from .types import Array, DType, Shape

if TYPE_CHECKING:
    import numpy as np

__all__ = ["RemovableHandle", "Variable", "blank", "wrap"]


class _Constructor:
    """What makes a Variable of an array. It is no part of `Variable` itself: see `_VariableType`."""

    __slots__ = ()

    def __init__(
        self: Any, array: Any, requires_grad: bool | None = None, retains_grad: bool = True
    ) -> None:
        if isinstance(array, Variable):
            array = array.detach()._raw
        backend = backend_for(array)
        array = backend.asarray(array)
        self._raw = array
        self._backend = backend
        self._node = None
        floating = backend.is_floating(array.dtype)
        if not floating and not backend.dtype_name(array.dtype).startswith(("int", "uint", "bool")):
            raise TypeError(f"Variable: needed is numeric data, this has the type {array.dtype}.")
        if requires_grad is None:
            requires_grad = floating
        if requires_grad:
            if not floating:
                _refuse_grad("Variable", array.dtype)
            self._node = leaf(backend, array.shape, array.dtype, retains=retains_grad)


class _VariableType(type):
    """The type of `Variable`: calling the class makes a Variable of an array.

    Every operation makes a Variable, and Python makes an object of a class that has no ``__init__`` faster, by a
    twentieth of what an operation costs. So the constructor is not in the class. A class derived from `Variable` gets
    it as its last base, where ``super().__init__(array)`` finds it.
    """

    def __new__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> Any:
        if any([isinstance(base, cls) and not issubclass(base, _Constructor) for base in bases]):
            bases = (*bases, _Constructor)
        return super().__new__(cls, name, bases, namespace, **options)

    def __call__(cls, *args: Any, **options: Any) -> Any:
        if issubclass(cls, _Constructor):
            return super().__call__(*args, **options)
        variable = super().__call__()
        _Constructor.__init__(variable, *args, **options)
        return variable

    @property
    def __signature__(cls) -> inspect.Signature:
        constructor = cls if issubclass(cls, _Constructor) else _Constructor
        return inspect.signature(types.MethodType(constructor.__init__, cls))


class Variable(Operators, Methods, metaclass=_VariableType):
    """An array whose operations are recorded, so that gradients can be computed.

    Parameters
    ----------
    array
        An array of any backend, or anything that the default backend's ``asarray`` takes: nested sequences, numbers,
        NumPy arrays. Memory is shared with an array of the default backend.
    requires_grad
        Whether gradients flow to this Variable. None means True for floating and complex data, False otherwise.
    retains_grad
        Whether ``backward`` leaves the gradient in ``grad``.

    Raises
    ------
    TypeError
        If gradients are asked for of data that has none (integers, booleans), or the data is no numbers at all.

    Examples
    --------
    >>> from simple_autograd import Variable
    >>> v = Variable([1.0, 2.0, 3.0])
    >>> (v * v).sum().backward()
    >>> v.grad
    array([2., 4., 6.])
    """

    # The array is not called _data: numpy.ma looks for that name on any object, and would take the gradient's array
    # for a plain one.
    __slots__ = ("__weakref__", "_backend", "_node", "_raw")

    _raw: Array
    _backend: Backend
    _node: Node | None

    # Whether others hold the Variable as the object it is, so that v += w must not make another (see Operators).
    _held = False

    # NumPy's scalars and arrays leave operators to us; what NumPy's functions mean is in numpy_protocol/.
    __array_priority__ = 1000

    if TYPE_CHECKING:

        def __init__(
            self, array: Any, requires_grad: bool | None = None, retains_grad: bool = True
        ) -> None: ...

    # State ------------------------------------------------------------------------------------------------------

    @property
    def data(self) -> Array:
        """The raw array, of the backend's own type. Writing into it is not seen by the tape."""
        return self._raw

    @data.setter
    def data(self, array: Any) -> None:
        array = self._backend.asarray(array._raw if isinstance(array, Variable) else array)
        node = self._node
        if node is not None:
            if node.vjp is not None:
                raise GraphError(
                    f"data: this Variable is the result of {node.name}; its values cannot be replaced. Use "
                    f"v.detach() and work on that."
                )
            if not self._backend.is_floating(array.dtype):
                _refuse_grad("data", array.dtype)
            node.shape, node.dtype = array.shape, array.dtype
        self._raw = array

    @property
    def backend(self) -> Backend:
        """The backend that the array belongs to."""
        return self._backend

    @property
    def shape(self) -> Shape:
        """The lengths of the axes."""
        return self._raw.shape

    @property
    def dtype(self) -> DType:
        """The data type, one of the backend's."""
        return self._raw.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._raw.shape)

    @property
    def size(self) -> int:
        """The number of elements (NumPy's and the standard's meaning; PyTorch's ``size()`` is `shape`)."""
        return self._raw.size

    @property
    def device(self) -> Any:
        """The device on which the array lives, as its namespace names it."""
        return self._raw.device

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to this Variable."""
        return self._node is not None

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        self.requires_grad_(requires_grad)

    @property
    def is_leaf(self) -> bool:
        """Whether this Variable was computed from nothing that requires grad."""
        return self._node is None or self._node.vjp is None

    @property
    def grad_fn(self) -> Node | None:
        """The node of the operation that made this Variable; None for a leaf."""
        return None if self.is_leaf else self._node

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Say whether gradients shall flow to this leaf; give the Variable itself.

        Switching it off forgets the gradient.
        """
        node = self._node
        if requires_grad == (node is not None):
            return self
        if not requires_grad:
            if node is not None and node.vjp is not None:
                raise GraphError(
                    f"requires_grad_: this Variable is the result of {node.name}; only a leaf can stop requiring "
                    f"grad. Use v.detach()."
                )
            self._node = None
            return self
        if not self._backend.is_floating(self._raw.dtype):
            _refuse_grad("requires_grad_", self._raw.dtype)
        self._node = leaf(self._backend, self._raw.shape, self._raw.dtype)
        return self

    # Gradients --------------------------------------------------------------------------------------------------

    @property
    def grad(self) -> Any:
        """The gradient that ``backward`` has left here: a raw array, a Variable after ``create_graph=True``, or None.

        Only leaves keep their gradient, and Variables on which `retain_grad` was called; reading another's warns.
        """
        node = self._node
        if node is None:
            return None
        grad = None if node.extras is None else node.extras.grad
        if grad is None and node.vjp is not None and not self.retains_grad:
            warnings.warn(
                f"grad: this Variable is the result of {node.name}, whose gradient is not kept. Call "
                f"v.retain_grad() before backward to keep it.",
                UserWarning,
                stacklevel=2,
            )
        return grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        node = self._node
        if grad is None:
            if node is not None and node.extras is not None:
                node.extras.grad = None
            return
        if node is None:
            raise GraphError(
                "grad: this Variable does not require grad. Call v.requires_grad_() first."
            )
        if not isinstance(grad, Variable):
            grad = self._backend.asarray(grad, dtype=node.dtype)
        if tuple(grad.shape) != tuple(node.shape):
            raise ValueError(
                f"grad: it has shape {tuple(grad.shape)}; needed is the Variable's, {tuple(node.shape)}."
            )
        node.extra().grad = grad

    @property
    def retains_grad(self) -> bool:
        """Whether ``backward`` leaves the gradient in ``grad``."""
        node = self._node
        return node is not None and node.extras is not None and node.extras.retains

    def retain_grad(self, value: bool = True) -> None:
        """Let ``backward`` leave the gradient in ``grad``, which it does by itself only for leaves.

        Raises
        ------
        GraphError
            If the Variable does not require grad.
        """
        node = self._node
        if node is None:
            raise GraphError(
                "retain_grad: this Variable does not require grad. Call v.requires_grad_() first."
            )
        node.extra().retains = value

    def zero_grad(self) -> None:
        """Set the gradient to zero, if there is one."""
        if self.retains_grad and self.grad is not None:
            self.grad = self._backend.xp.zeros_like(self._raw)

    def init_grad(self) -> None:
        """Set the gradient to zero, if there is none."""
        if self.retains_grad and self.grad is None:
            self.grad = self._backend.xp.zeros_like(self._raw)

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Compute the gradients of this Variable and add them to ``grad`` of the leaves it depends on.

        Parameters
        ----------
        gradient
            The gradient of some scalar with respect to this Variable, in its shape. May be left out for a Variable
            with one element; then it is 1.
        retain_graph
            Keep the graph for another backward pass. By default it is freed, unless `create_graph` is set.
        create_graph
            Record the backward pass itself: the gradients are Variables and can be differentiated again.
        inputs
            Variables to which alone gradients shall be added; by default all leaves.

        Raises
        ------
        GraphError
            If nothing was recorded, the graph has been freed, or a saved value was overwritten.
        """
        _backward()(self, gradient, retain_graph, create_graph, inputs)

    def register_hook(self, hook: Callable[[Any], Any]) -> RemovableHandle:
        """Call ``hook(grad)`` whenever the gradient of this Variable is computed.

        The gradient is a raw array (a Variable under ``create_graph=True``). What the hook returns, unless None,
        takes the gradient's place. A hook must not write into its argument.
        """
        node = self._node
        if node is None:
            raise GraphError("register_hook: this Variable does not require grad.")
        hooks, key = node.extra().hooks, now()
        hooks[key] = hook
        return RemovableHandle(hooks, key)

    def detach(self) -> Variable:
        """Give a Variable with the same memory that does not require grad."""
        return wrap(self._raw, self._backend, None)

    # Out of the library -----------------------------------------------------------------------------------------

    def numpy(self) -> np.ndarray:
        """Give the values as a NumPy array, sharing memory where that is possible.

        Raises
        ------
        NotDifferentiableError
            If the Variable requires grad.
        """
        self._refuse_to_leave("numpy()")
        return self._backend.to_numpy(self._raw)

    def item(self) -> bool | int | float | complex:
        """Give the value of a Variable with one element as a Python number."""
        if self._raw.size != 1:
            raise ValueError(
                f"item: needed is one element, this Variable has shape {tuple(self.shape)}."
            )
        return self._backend.to_numpy(self._raw).item()

    def tolist(self) -> Any:
        """Give the values as nested lists of Python numbers."""
        return self._backend.to_numpy(self._raw).tolist()

    def _refuse_to_leave(self, what: str) -> None:
        if self._node is not None:
            raise NotDifferentiableError(
                f"{what}: the result would be a plain array and lose the gradient of a Variable that requires grad. "
                f"Use v.detach() to say that this is meant (v.detach().numpy()), or an operation of simple_autograd."
            )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Convert for ``np.asarray``; refuse if that would lose a gradient."""
        self._refuse_to_leave("np.asarray(v)")
        if self._backend.is_remote:
            raise TypeError(
                f"np.asarray(v): the Variable is on backend {self._backend.name!r}, and nothing goes from there to the "
                f"host unasked. Use v.numpy()."
            )
        values = self._backend.to_numpy(self._raw)
        return get_backend("numpy").asarray(values, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Answer NumPy's ufuncs (see `numpy_protocol`)."""
        from .numpy_protocol import call_ufunc

        return call_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Answer NumPy's functions (see `numpy_protocol`)."""
        from .numpy_protocol import call_function

        return call_function(function, args, kwargs)

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """Give ``simple_autograd``, the array namespace whose arrays are Variables."""
        import simple_autograd

        if api_version not in (None, "2021.12", "2022.12", "2023.12", "2024.12"):
            raise ValueError(f"__array_namespace__: version {api_version!r}; there is 2024.12.")
        return simple_autograd

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[Any, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """Give the memory as a DLPack capsule; refuse if that would lose a gradient."""
        self._refuse_to_leave("__dlpack__")
        return self._raw.__dlpack__(
            stream=stream, max_version=max_version, dl_device=dl_device, copy=copy
        )

    def __dlpack_device__(self) -> tuple[Any, int]:
        """Give the kind and number of the device, as DLPack has them."""
        return self._raw.__dlpack_device__()

    def to_device(self, device: Any, /, *, stream: Any = None) -> Variable:
        """Give the Variable on another device of its backend (see `to` for another backend)."""
        if device != self.device:
            raise ValueError(
                f"to_device: there is no way from {self.device!r} to {device!r} within backend {self._backend.name!r}; "
                f"v.to(...) goes to another backend."
            )
        return self

    def __float__(self) -> float:
        return float(self._scalar("float"))

    def __int__(self) -> int:
        return int(self._scalar("int"))

    def __complex__(self) -> complex:
        return complex(self._scalar("complex"))

    def __bool__(self) -> bool:
        if self._raw.size != 1:
            raise ValueError(
                f"bool: the truth of a Variable of shape {tuple(self.shape)} is ambiguous. Use (v).any() or (v).all()."
            )
        raw = self._raw
        return bool(self._backend.xp.reshape(raw, ()) if raw.shape else raw)

    def __index__(self) -> int:
        value = self.item() if self._raw.size == 1 else None
        if not isinstance(value, int):
            raise TypeError(
                f"index: only an integer Variable of one element can be an index, this one is {self.dtype} of shape "
                f"{tuple(self.shape)}."
            )
        return value

    def _scalar(self, to: str) -> Any:
        # math.sin(v) calls float(v): allowing that would lose a gradient in silence, where v.item() says it aloud.
        if self._node is not None:
            raise NotDifferentiableError(
                f"{to}: the result would be a plain number and lose the gradient of a Variable that requires grad. "
                f"Use v.item() to say that this is meant, or an operation of simple_autograd in place of math's."
            )
        if self._raw.size != 1:
            raise TypeError(
                f"{to}: needed is one element, this Variable has shape {tuple(self.shape)}."
            )
        return self.item()

    # Containers, copies, printing -------------------------------------------------------------------------------

    def __len__(self) -> int:
        if not self._raw.shape:
            raise TypeError("len: a zero-dimensional Variable has no length.")
        return self._raw.shape[0]

    def __iter__(self) -> Iterator[Variable]:
        if not self._raw.shape:
            raise TypeError("iter: a zero-dimensional Variable has nothing to iterate over.")
        return (self[index] for index in range(self._raw.shape[0]))

    # == compares elements, so a Variable is hashed by identity, as PyTorch's tensors are.
    __hash__ = object.__hash__

    def __copy__(self) -> Self:
        return self._twin(self._raw)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if self.grad_fn is not None:
            raise GraphError(
                f"deepcopy: this Variable is the result of {self.grad_fn.name}; a copy would be cut off from its "
                f"graph. Use v.detach() first, or v.clone() for a copy on the tape."
            )
        twin = self._twin(self._backend.xp.asarray(self._raw, copy=True))
        if self.retains_grad and self.grad is not None:
            grad = self.grad._raw if isinstance(self.grad, Variable) else self.grad
            twin.grad = self._backend.xp.asarray(grad, copy=True)
        memo[id(self)] = twin
        return twin

    def _twin(self, data: Array) -> Self:
        """Make a Variable of the same class on other data, requiring grad as this one does."""
        twin = object.__new__(type(self))
        twin._raw, twin._backend, twin._node = data, self._backend, self._node
        if self._node is not None and self._node.vjp is None:
            twin._node = leaf(self._backend, data.shape, data.dtype, retains=self.retains_grad)
        return twin

    def __getstate__(self) -> dict[str, Any]:
        if self.grad_fn is not None:
            raise GraphError(
                f"pickle: this Variable is the result of {self.grad_fn.name}, and graphs cannot be pickled. Use "
                f"v.detach()."
            )
        return {
            "data": self._backend.to_numpy(self._raw),
            "backend": self._backend.name,
            "requires_grad": self.requires_grad,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        backend = get_backend(state["backend"])
        self._backend = backend
        self._raw = backend.asarray(state["data"])
        self._node = (
            leaf(backend, self._raw.shape, self._raw.dtype) if state["requires_grad"] else None
        )

    def __repr__(self) -> str:
        from .printing import variable_repr

        return variable_repr(self)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)


class RemovableHandle:
    """What registering a hook gives: `remove` takes the hook away again."""

    def __init__(self, hooks: dict[int, Callable[..., Any]], key: int) -> None:
        self._hooks = hooks
        self._key = key

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        self._hooks.pop(self._key, None)


blank: Callable[[], Variable] = type.__call__.__get__(Variable)
"""Make a Variable whose parts are still to be set."""


def wrap(data: Array, backend: Backend, node: Node | None) -> Variable:
    """Make a Variable without a look at its parts: the ops' way, where the constructor is the user's."""
    variable = blank()
    variable._raw = data
    variable._backend = backend
    variable._node = node
    return variable


@functools.cache
def _backward() -> Callable[..., None]:
    """Give ``backward``, whose module imports this one."""
    from .walk import backward

    return backward


def _refuse_grad(operation: str, dtype: DType) -> NoReturn:
    raise TypeError(
        f"{operation}: gradients need floating or complex data, this is {dtype}. Convert it "
        f"(np.asarray(a, dtype=float)), or pass requires_grad=False."
    )
