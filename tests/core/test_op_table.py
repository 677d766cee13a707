"""The table of cases is whole: every public function and op has one, and says what the op's rules say."""

from __future__ import annotations

from collections import Counter

import pytest

from simple_autograd import ops
from tests.core.op_table import CASES, FAMILIES, OWN_OPS, each_case

ELSEWHERE = {
    "transfer": "needs two backends: test_backends.py",
    **dict.fromkeys(
        ("can_cast", "finfo", "iinfo", "isdtype", "result_type"),
        "about data types: test_data_types.py",
    ),
}


def test_every_function_and_op_has_one_case():
    counts = Counter(case.name for case in CASES)
    wanted = {*ops.__all__} | {*OWN_OPS}
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
