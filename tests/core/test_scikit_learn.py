"""scikit-learn's estimators and metrics of any namespace's arrays, called with Variables.

``docs/scipy.md`` lists what is shown here. See ``array_api_mode.py`` for how this file is run.
"""

# What may be missing, or imported in the wrong mode, is imported below need_array_api_mode.
# ruff: noqa: E402

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.backends import get_backend
from simple_autograd.errors import GraphError, NotDifferentiableError
from tests.core.array_api_mode import (
    check_differentiates,
    like,
    need_array_api_mode,
    skip_but_on_numpy,
)
from tests.core.arrays import assert_close, variable
from tests.core.raising import raises

need_array_api_mode("scipy", "scikit-learn")

import sklearn
from sklearn import linear_model, metrics, preprocessing
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.metrics import pairwise
from sklearn.mixture import GaussianMixture
from sklearn.naive_bayes import GaussianNB

DOC = (Path(__file__).parents[2] / "docs" / "scipy.md").read_text()
# The one way to normalize that works in every namespace.
QR = {"power_iteration_normalizer": "QR"}
LABELS = np.array([0, 1, 0, 1, 1, 0, 1, 0, 1])


@pytest.fixture(autouse=True)
def _dispatch():
    with sklearn.config_context(array_api_dispatch=True):
        yield


def draw(*shape):
    return np.random.default_rng(shape).uniform(0.3, 1.5, shape)


def pca(result, **options):
    """Give a function of the data, from one of a fitted PCA and the data."""
    return lambda x: result(PCA(2, **options).fit(x), x)


def ridge(result, model=None):
    model = model or (lambda: Ridge(0.5, solver="svd"))
    return lambda x, y: result(model().fit(x, y), x)


def transformed(transformer):
    return lambda x: transformer.fit_transform(x)


# What is called, by the name in docs/scipy.md, and its arrays.
WORKS = {
    # The signs of components are free.
    "PCA transform": (pca(lambda p, x: abs(p.transform(x)), svd_solver="full"), draw(9, 4)),
    "PCA covariance": (
        pca(lambda p, x: abs(p.transform(x)), svd_solver="covariance_eigh"),
        draw(9, 4),
    ),
    "PCA randomized": (
        pca(lambda p, x: p.explained_variance_, svd_solver="randomized", random_state=0, **QR),
        draw(9, 4),
    ),
    "PCA whitened": (
        pca(lambda p, x: abs(p.transform(x)), svd_solver="full", whiten=True),
        draw(9, 4),
    ),
    "PCA variance": (pca(lambda p, x: p.explained_variance_ratio_, svd_solver="full"), draw(9, 4)),
    "PCA inverse": (
        pca(lambda p, x: p.inverse_transform(p.transform(x)), svd_solver="full"),
        draw(9, 4),
    ),
    "PCA score": (pca(lambda p, x: p.score_samples(x), svd_solver="full"), draw(9, 4)),
    "Ridge coefficients": (ridge(lambda r, x: r.coef_), draw(9, 4), draw(9)),
    "Ridge intercept": (ridge(lambda r, x: r.intercept_), draw(9, 4), draw(9)),
    "Ridge predict": (ridge(lambda r, x: r.predict(x)), draw(9, 4), draw(9)),
    "RidgeCV": (
        ridge(lambda r, x: r.coef_, lambda: RidgeCV((0.1, 1.0))),
        draw(9, 4),
        draw(9),
    ),
    "MinMaxScaler": (transformed(preprocessing.MinMaxScaler()), draw(7, 3)),
    "MaxAbsScaler": (transformed(preprocessing.MaxAbsScaler()), draw(7, 3)),
    "Normalizer": (transformed(preprocessing.Normalizer()), draw(7, 3)),
    "PolynomialFeatures": (transformed(preprocessing.PolynomialFeatures()), draw(7, 3)),
    "KernelCenterer": (lambda x: preprocessing.KernelCenterer().fit_transform(x @ x.T), draw(5, 3)),
    "LinearDiscriminantAnalysis": (
        lambda x: LinearDiscriminantAnalysis().fit(x, like(x, LABELS)).decision_function(x),
        draw(9, 3),
    ),
    "GaussianNB": (
        lambda x: GaussianNB().fit(x, like(x, LABELS)).predict_joint_log_proba(x),
        draw(9, 3),
    ),
    "Nystroem": (
        lambda x: Nystroem(n_components=3, random_state=0, kernel="polynomial").fit_transform(x),
        draw(6, 3),
    ),
    "mean_squared_error": (
        lambda x, y: metrics.mean_squared_error(x, y, multioutput="raw_values"),
        draw(6, 2),
        draw(1, 6, 2)[0],
    ),
    "mean_absolute_error": (
        lambda x, y: metrics.mean_absolute_error(x, y, multioutput="raw_values"),
        draw(6, 2),
        draw(1, 6, 2)[0],
    ),
    **{
        name: (getattr(pairwise, name), draw(4, 2), draw(3, 2))
        for name in [
            "additive_chi2_kernel",
            "chi2_kernel",
            "cosine_distances",
            "cosine_similarity",
            "euclidean_distances",
            "laplacian_kernel",
            "linear_kernel",
            "manhattan_distances",
            "polynomial_kernel",
            "rbf_kernel",
            "sigmoid_kernel",
        ]
    },
    "paired_euclidean_distances": (
        pairwise.paired_euclidean_distances,
        draw(4, 2),
        draw(1, 4, 2)[0],
    ),
}

# Those that compute on NumPy arrays alone, and scores, which scikit-learn gives as plain numbers.
RAISES = {
    "LinearRegression": lambda x: linear_model.LinearRegression().fit(x, x[:, 0]),
    "RobustScaler": lambda x: preprocessing.RobustScaler().fit(x),
    "scale": lambda x: preprocessing.scale(x),
    "mean_squared_error": lambda x: metrics.mean_squared_error(x, x * x),
    "r2_score": lambda x: metrics.r2_score(x, x * x),
}


ON_NUMPY_ONLY = dict.fromkeys(
    ["RobustScaler", "scale"],
    "it compares data types with NumPy's, of which array-api-strict warns",
)


@pytest.mark.parametrize("name", WORKS)
def test_differentiates(name):
    function, *inputs = WORKS[name]
    check_differentiates(function, inputs)


@pytest.mark.parametrize("name", RAISES)
def test_raises_where_the_gradient_would_be_lost(name):
    skip_but_on_numpy(ON_NUMPY_ONLY, name)
    with raises(NotDifferentiableError, "lose the gradient of a Variable that requires grad", "v."):
        RAISES[name](variable(draw(7, 3)))


def test_a_write_to_a_part_of_another_array_raises():
    mixture = GaussianMixture(2, means_init=sa.asarray(variable(draw(2, 2), requires_grad=False)))
    mixture.set_params(init_params="random", random_state=0)
    with raises(GraphError, "setitem", "shares its memory with another one"):
        mixture.fit(variable(draw(9, 2)))


def test_scores_of_what_requires_no_grad_are_numbers():
    x, y = draw(6), draw(1, 6)[0]
    for score in (metrics.mean_squared_error, metrics.r2_score, metrics.max_error):
        found = score(variable(x, requires_grad=False), variable(y, requires_grad=False))
        assert isinstance(found, float)
        assert_close(np.asarray(found), np.asarray(score(x, y)))


def test_a_hyperparameter_by_its_gradient():
    """The gradient of a prediction through two estimators, one behind the other."""

    def function(x, y):
        reduced = PCA(2, svd_solver="full").fit_transform(x)
        return Ridge(0.5, solver="svd").fit(reduced, y).predict(reduced)

    check_differentiates(function, [draw(9, 4), draw(9)])


def test_an_estimator_keeps_variables():
    model = Ridge(0.5, solver="svd").fit(variable(draw(9, 4)), variable(draw(9)))
    assert isinstance(model.coef_, Variable)
    assert model.coef_.requires_grad
    assert model.coef_.backend is get_backend()


@pytest.mark.parametrize("name", [*WORKS, *RAISES, "GaussianMixture"])
def test_the_page_names_it(name):
    assert f"`{name.partition(' ')[0]}`" in DOC
