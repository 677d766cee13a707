"""The table of cases is whole: every public function and op has one, and says what the op's rules say."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections import Counter

import pytest

from simple_autograd import ops
from tests.core.op_table import CASES, FAMILIES, LEFT_OUT, OWN_OPS, each_case

pytestmark = pytest.mark.not_strict("no array is in it")

ELSEWHERE = {
    "multigammaln": "a sum of gammaln: test_special.py",
    "transfer": "needs two backends: test_backends.py",
    **dict.fromkeys(
        ("can_cast", "finfo", "iinfo", "isdtype", "result_type"),
        "about data types: test_data_types.py",
    ),
}


def listed(table):
    """Give the names in one of the tables of ``ops/__init__.py``."""
    return [name for family in table for name in table[family].split()]


def test_the_tables_say_what_the_families_export():
    tabled = {*listed(ops.PUBLIC), *listed(ops.FURTHER)}
    assert len(tabled) == len(listed(ops.PUBLIC)) + len(listed(ops.FURTHER)), "a name stands twice"
    exported = set()
    for family in {*ops.PUBLIC, *ops.FURTHER}:
        module = importlib.import_module(f"simple_autograd.ops.{family}")
        names = {name for name in module.__all__ if not isinstance(getattr(module, name), type)}
        exported |= names
        assert names == {
            name for table in (ops.PUBLIC, ops.FURTHER) for name in table.get(family, "").split()
        }, f"ops/__init__.py and {family}.__all__ differ"
    assert exported == tabled


def test_a_function_is_loaded_when_it_is_asked_for():
    program = """
import sys
import simple_autograd as sa
loaded = [name for name in sys.modules if name.startswith("simple_autograd.ops.")]
assert "simple_autograd.ops.trigonometric" not in loaded, loaded
assert sa.cos is sa.ops.cos and "simple_autograd.ops.trigonometric" in sys.modules
assert "cos" in dir(sa) and "svd" not in dir(sa) and "svd" in dir(sa.ops)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_function_and_op_has_one_case():
    counts = Counter(case.name for case in CASES)
    wanted = {*listed(ops.PUBLIC), *listed(ops.FURTHER), *OWN_OPS}
    wanted -= {name for family in LEFT_OUT for name in ops.FURTHER[family].split()}
    assert sorted(wanted - {*counts} - {*ELSEWHERE}) == [], "these have no case"
    assert sorted({*counts} - wanted) == [], "these cases are of no function or op"
    assert [name for name, count in counts.items() if count > 1] == []


def test_cases_are_in_the_file_of_their_family():
    for family in FAMILIES:
        name = family.__name__.rpartition(".")[2]
        for case in family.CASES:
            home = OWN_OPS[case.name].body if case.name in OWN_OPS else getattr(ops, case.name)
            assert home.__module__ == f"simple_autograd.ops.{name}", case.name


@pytest.mark.parametrize("name", OWN_OPS)
def test_every_op_has_rules_or_the_mark(name):
    op = OWN_OPS[name]
    case = next((case for case in CASES if case.name == name), None)
    constant = case.constant if case else ()
    if op.differentiable:
        assert {*op.arrays} - {*op.rules} == {*constant}, (
            "a rule is missing, or a name in `constant`"
        )
    else:
        assert not op.rules, "it is marked as not differentiable, and has rules"


@each_case()
def test_order_is_that_of_the_op(case):
    if case.name in OWN_OPS:
        assert (case.order > 0) == OWN_OPS[case.name].differentiable


@each_case()
def test_case_has_samples(case):
    assert case.all_samples()
    assert [str(sample) for sample in case.all_samples()] == [
        str(sample) for sample in case.all_samples()
    ]
