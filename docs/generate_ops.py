"""Write ``docs/ops.md``: every public function on arrays, its gradient, and where it runs.

``python -m docs.generate_ops``, from the project's folder, with all packages and SciPy installed. What the page says
comes from three places, none of them prose: the registry of ops (which arguments have rules, which kernels there are),
the table of cases that the tests read (how often a function was differentiated, whether complex data was), and the
functions themselves, which are called with the cases' samples to see how they treat axes. ``tests/test_ops_page.py``
fails where the page is not what this program gives.
"""

from __future__ import annotations

import importlib
import inspect
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import simple_autograd as sa
from simple_autograd import ops
from simple_autograd.backends.numpy import NumPyBackend
from simple_autograd.op import OPS
from tests.core.arrays import is_floating, options_to_backend
from tests.core.op_case import SMOOTH, SPECIAL, OpCase, Sample
from tests.core.op_table import CASES

PAGE = Path(__file__).with_name("ops.md")
SPELLED = {"": sa, "linalg.": sa.linalg, "fft.": sa.fft, "special.": sa.special}
NUMPY = NumPyBackend()

HEAD = """\
# Every function

<!-- Written by docs/generate_ops.py: change that, or a docstring, and run `python -m docs.generate_ops`. -->

All functions of `simple_autograd` on arrays, by family. Those of `linalg`, `fft` and `special` are named with their
module.

- *gradient*: how often it can be differentiated, and in which arguments it cannot; or why it has none.
- *complex*: whether its complex gradients are tested, in PyTorch's convention.
- *axes*: *elementwise*, arrays broadcast; *along* axes that are named; *batched*, on vectors or matrices in the last
  axes, the leading axes being a batch; *whole*, on the array as it is.
- *runs*: *everywhere*, written in the array API standard; *kernel*, the same, and NumPy has a faster one; *composed* of
  other functions here; *SciPy*, which it needs; *NumPy* alone.
"""


class Row(NamedTuple):
    """One function."""

    function: str
    summary: str
    gradient: str
    complex: str
    axes: str
    runs: str


def page() -> str:
    """Give the text of the page."""
    cases = {case.name: case for case in CASES}
    functions = public()
    text = [HEAD]
    for family in sorted({*ops.PUBLIC, *ops.FURTHER}):
        module = importlib.import_module(f"{ops.__name__}.{family}")
        rows = [
            row_of(names, function, cases.get(function.__name__.strip("_")))
            for function, names in functions.items()
            if function.__module__ == module.__name__
        ]
        if rows:
            text.append(f"\n## {family.replace('_', ' ').capitalize()}\n\n{_first(module)}\n")
            text += [_line(Row._fields)]
            text += [_line("---" for _ in Row._fields)]
            text += [_line(row) for row in sorted(rows)]
    return "\n".join(text) + "\n"


def public() -> dict[Callable[..., Any], list[str]]:
    """Give the functions of the public modules, with the names that they have there."""
    found: dict[Callable[..., Any], list[str]] = {}
    for prefix, module in SPELLED.items():
        for name in module.__all__:
            value = getattr(module, name)
            home = getattr(value, "__module__", None) or ""
            if inspect.isfunction(value) and home.startswith(f"{ops.__name__}."):
                found.setdefault(value, []).append(prefix + name)
    return found


def row_of(names: list[str], function: Callable[..., Any], case: OpCase | None) -> Row:
    """Describe a function; without a case it is one about data types, or a sum of others."""
    return Row(
        ", ".join(f"`{name}`" for name in names),
        _first(function),
        gradient_of(function, case),
        "yes" if case is not None and any(map(has_complex, gradient_samples(case))) else "",
        axes_of(function, case),
        runs_of(function, case),
    )


def gradient_of(function: Callable[..., Any], case: OpCase | None) -> str:
    """Say how often a function can be differentiated, or why it cannot."""
    op = OPS.get(function.__name__.strip("_"))
    order = 2 if case is None and _on_arrays(function) else getattr(case, "order", 0)
    if order or (case is not None and keeps_gradient(function, case)):
        constant = case.constant if case else ()
        if op is not None and op.body.__module__ == function.__module__:
            constant = tuple(name for name in op.arrays if name not in op.rules)
        times = "once" if order == 1 else "always"
        return (
            f"{times}, not in {', '.join(f'`{name}`' for name in constant)}" if constant else times
        )
    if case is None:
        return "none: it gives no array"
    if _creates(function) or not some_of(case):
        return "none: a new array"
    results = [r for s in some_of(case) for r in results_of(function, case, s, np.asarray)]
    kinds = {{"b": "booleans"}.get(result.dtype.kind, "integers") for result in results}
    return f"none: {' or '.join(sorted(kinds))}"


def axes_of(function: Callable[..., Any], case: OpCase | None) -> str:
    """Say how a function treats axes: what its parameters say, or else what calls of it show."""
    named = [name for name in ("axis", "axes") if name in inspect.signature(function).parameters]
    if named:
        return f"along `{named[0]}`"
    samples = [] if case is None or _creates(function) else some_of(case)
    if case is None or not samples:
        return ""
    if all(is_elementwise(function, case, sample) for sample in samples):
        return "elementwise"
    matrices = [s for s in samples if all(array.ndim > 1 for array in arrays_of(s))] or samples
    return "batched" if all(is_batched(function, case, sample) for sample in matrices) else "whole"


def runs_of(function: Callable[..., Any], case: OpCase | None) -> str:
    """Say on which backends a function runs, and by what."""
    if function.__module__ == f"{ops.__name__}.scipy_special":
        return "SciPy"
    name = function.__name__.strip("_")
    samples = [] if case is None else case.all_samples()
    if samples and all("strict" in sample.refused for sample in samples):
        return "NumPy"
    if name not in OPS or OPS[name].body.__module__ != function.__module__:
        makes = _creates(function) or case is None or not some_of(case)
        return "everywhere" if makes else "composed"
    return "kernel" if name in NUMPY.bodies else "everywhere"


# What the cases show ----------------------------------------------------------------------------------------------


def arrays_of(sample: Sample) -> list[np.ndarray]:
    """Give the arrays of a sample."""
    return [value for value in sample.args if isinstance(value, np.ndarray)]


def has_complex(sample: Sample) -> bool:
    """Say whether a sample has complex arrays."""
    return any(map(np.iscomplexobj, arrays_of(sample)))


def gradient_samples(case: OpCase) -> Iterator[Sample]:
    """Give the samples with which gradients are tested."""
    return (s for s in case.all_samples() if case.order and s.kind == SMOOTH)


def some_of(case: OpCase) -> list[Sample]:
    """Give samples that show how a function treats axes: with elements and axes, of real numbers if it takes them."""
    found = [
        sample
        for sample in case.all_samples()
        if sample.kind != SPECIAL and "numpy" not in sample.refused and arrays_of(sample)
        if all(array.ndim and array.size for array in arrays_of(sample))
    ]
    return ([sample for sample in found if not has_complex(sample)] or found)[:6]


def called(
    function: Callable[..., Any], case: OpCase, args: list[Any], sample: Sample
) -> list[Any]:
    """Call a function: itself, or as its case does where arguments are in another order there."""
    options = options_to_backend(sample.options)
    known = inspect.signature(function).parameters
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            out = function(*args, **{name: options[name] for name in options if name in known})
        except TypeError:
            out = case(*args, **options)
    return list(out) if isinstance(out, tuple) else [out]


def results_of(
    function: Callable[..., Any],
    case: OpCase,
    sample: Sample,
    change: Callable[[np.ndarray], np.ndarray],
) -> list[np.ndarray]:
    """Call a function with the arrays of a sample changed; give its results as arrays."""
    args = [
        sa.Variable(change(value), False) if isinstance(value, np.ndarray) else value
        for value in sample.args
    ]
    return [item.numpy() for item in called(function, case, args, sample)]


def keeps_gradient(function: Callable[..., Any], case: OpCase) -> bool:
    """Say whether a result requires grad where an array or a number does."""
    for sample in case.all_samples()[:6]:
        args = [
            sa.Variable(np.asarray(value)) if is_floating(np.asarray(value)) else value
            for value in sample.args
        ]
        try:
            results = called(function, case, args, sample)
        except (TypeError, ValueError):
            continue
        if any(getattr(result, "requires_grad", False) for result in results):
            return True
    return False


def is_elementwise(function: Callable[..., Any], case: OpCase, sample: Sample) -> bool:
    """Say whether parts and reflections of the arguments give the same of the results."""
    try:
        shape = np.broadcast_shapes(*[array.shape for array in arrays_of(sample)])
    except ValueError:
        return False
    keys = [(slice(None, None, -1),) * len(shape), *_behind_the_first(shape)]

    def changed(key: tuple[slice, ...]) -> Callable[[np.ndarray], np.ndarray]:
        return lambda array: np.array(np.broadcast_to(array, shape)[key])

    try:
        whole = results_of(function, case, sample, changed(()))
        return all(item.shape == shape for item in whole) and all(
            np.array_equal(part, item[key], equal_nan=True)
            for key in keys
            for part, item in zip(
                results_of(function, case, sample, changed(key)), whole, strict=True
            )
        )
    except (TypeError, ValueError, IndexError):
        return False


def _behind_the_first(shape: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    for axis in range(len(shape)):
        if shape[axis] > 1:
            yield (slice(None),) * axis + (slice(1, None),)


def is_batched(function: Callable[..., Any], case: OpCase, sample: Sample) -> bool:
    """Say whether two of each argument, stacked along a new first axis, give two of each result."""
    try:
        single = results_of(function, case, sample, np.asarray)
        double = results_of(function, case, sample, lambda array: np.stack([array, array]))
    except (TypeError, ValueError, IndexError):
        return False
    return all(
        two.shape == (2, *one.shape) and np.allclose(two, one, equal_nan=True)
        for one, two in zip(single, double, strict=True)
    )


# Text -------------------------------------------------------------------------------------------------------------


def _creates(function: Callable[..., Any]) -> bool:
    """Say whether a function makes arrays."""
    return function.__module__ == f"{ops.__name__}.creation"


def _on_arrays(function: Callable[..., Any]) -> bool:
    """Say whether a function that has no case is one on arrays; the others are about data types."""
    return not function.__module__.endswith(".data_types")


def _first(documented: Any) -> str:
    """Give the first sentence or line of a docstring, for a cell of a table."""
    text = inspect.getdoc(documented) or ""
    return " ".join(text.split("\n\n")[0].split()).replace("``", "`").replace("|", "\\|")


def _line(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    # The tests' cases leave out what is not installed, and columns would stay empty.
    importlib.import_module("scipy")
    PAGE.write_text(page(), encoding="utf-8")
