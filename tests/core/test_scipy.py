"""SciPy's functions of any namespace's arrays, called with Variables: values, gradients, refusals.

``docs/scipy.md`` lists what is shown here, and a test holds it to these tables. See ``array_api_mode.py``
for how this file is run.
"""

# What may be missing, or imported in the wrong mode, is imported below need_array_api_mode.
# ruff: noqa: E402

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.errors import GraphError, NotDifferentiableError
from tests.core.array_api_mode import (
    check_differentiates,
    like,
    need_array_api_mode,
    skip_but_on_numpy,
)
from tests.core.arrays import assert_close, to_backend, variable
from tests.core.raising import raises

need_array_api_mode("scipy")

from scipy import (
    cluster,
    constants,
    differentiate,
    fft,
    integrate,
    linalg,
    ndimage,
    optimize,
    signal,
    spatial,
    special,
    stats,
)
from scipy.spatial.transform import RigidTransform, Rotation, Slerp

DOC = (Path(__file__).parents[2] / "docs" / "scipy.md").read_text()


def draw(*shape, low=0.3, high=1.5):
    return np.random.default_rng(shape).uniform(low, high, shape)


def statistic(test, **options):
    """Give a function that joins a test's statistic and its p-value."""

    def function(*samples):
        found = test(*samples, **options)
        return found.statistic + 2 * found.pvalue

    return function


def rotated(function):
    """Give a function of a rotation as one of its vector."""
    return lambda v, *others: function(Rotation.from_rotvec(v), *others)


def moved(function):
    """Give a function of a rigid motion as one of its exponential coordinates."""
    return lambda v, *others: function(RigidTransform.from_exp_coords(v), *others)


# What is called, by the name under scipy that docs/scipy.md has, and its arrays.
WORKS = {
    "special.logsumexp": (special.logsumexp, draw(5)),
    "special.logsumexp weighted": (
        lambda x, b: special.logsumexp(x, b=b, axis=1),
        draw(3, 4),
        draw(3, 4),
    ),
    "special.softmax": (lambda x: special.softmax(x, axis=1), draw(3, 4)),
    "special.log_softmax": (lambda x: special.log_softmax(x, axis=0), draw(3, 4)),
    "special.gammaln": (special.gammaln, draw(4)),
    "special.gamma": (special.gamma, draw(4)),
    "special.digamma": (special.digamma, draw(4)),
    "special.polygamma": (lambda x: special.polygamma(1, x), draw(4)),
    "special.multigammaln": (lambda x: special.multigammaln(x + 2, 2), draw(4)),
    "special.gammainc": (lambda x: special.gammainc(like(x, np.float64(2.0)), x), draw(4)),
    "special.chdtrc": (lambda x: special.chdtrc(like(x, np.float64(3.0)), x), draw(4)),
    "special.beta": (special.beta, draw(4), draw(4)),
    "special.betaln": (special.betaln, draw(4), draw(4)),
    "special.betainc": (
        lambda x: special.betainc(like(x, np.float64(2.0)), like(x, np.float64(0.7)), x / 2),
        draw(4),
    ),
    "special.stdtr": (lambda x: special.stdtr(like(x, np.float64(3.0)), x), draw(4, low=-2)),
    "special.fdtrc": (
        lambda x: special.fdtrc(like(x, np.float64(3.0)), like(x, np.float64(5.0)), x),
        draw(4),
    ),
    "special.erf": (special.erf, draw(4)),
    "special.erfc": (special.erfc, draw(4)),
    "special.erfinv": (lambda x: special.erfinv(x / 2), draw(4)),
    "special.expit": (special.expit, draw(4)),
    "special.logit": (lambda x: special.logit(x / 2), draw(4)),
    "special.log_expit": (special.log_expit, draw(4)),
    "special.ndtr": (special.ndtr, draw(4)),
    "special.ndtri": (lambda x: special.ndtri(x / 2), draw(4)),
    "special.log_ndtr": (special.log_ndtr, draw(4)),
    "special.entr": (special.entr, draw(4)),
    "special.rel_entr": (special.rel_entr, draw(4), draw(2, 4)),
    "special.xlogy": (special.xlogy, draw(4), draw(2, 4)),
    "special.xlog1py": (special.xlog1py, draw(4), draw(2, 4)),
    "special.i0": (special.i0, draw(4)),
    "special.i1e": (special.i1e, draw(4)),
    "special.sinc": (special.sinc, draw(4)),
    "stats.zscore": (lambda x: stats.zscore(x, axis=1, ddof=1), draw(3, 5)),
    "stats.zmap": (stats.zmap, draw(4), draw(6)),
    "stats.gzscore": (stats.gzscore, draw(6)),
    "stats.skew": (stats.skew, draw(7)),
    "stats.skew unbiased": (lambda x: stats.skew(x, axis=1, bias=False), draw(3, 5)),
    "stats.kurtosis": (stats.kurtosis, draw(7)),
    "stats.kurtosis unbiased": (lambda x: stats.kurtosis(x, axis=1, bias=False), draw(3, 5)),
    "stats.moment": (lambda x: stats.moment(x, 3), draw(7)),
    "stats.gmean": (stats.gmean, draw(7)),
    "stats.gmean weighted": (lambda x, w: stats.gmean(x, weights=w), draw(7), draw(7)),
    "stats.hmean": (stats.hmean, draw(7)),
    "stats.pmean": (lambda x: stats.pmean(x, 2), draw(7)),
    "stats.gstd": (stats.gstd, draw(7)),
    "stats.sem": (stats.sem, draw(7)),
    "stats.variation": (stats.variation, draw(7)),
    "stats.tmean": (lambda x: stats.tmean(x, (0.4, 1.2)), draw(7)),
    "stats.tvar": (stats.tvar, draw(7)),
    "stats.trim_mean": (lambda x: stats.trim_mean(x, 0.2), draw(7)),
    "stats.iqr": (stats.iqr, draw(7)),
    "stats.quantile": (lambda x: stats.quantile(x, like(x, np.array([0.3, 0.6]))), draw(7)),
    "stats.median_abs_deviation": (stats.median_abs_deviation, draw(7)),
    "stats.circmean": (stats.circmean, draw(7)),
    "stats.circstd": (stats.circstd, draw(7)),
    "stats.kstat": (lambda x: stats.kstat(x, 3), draw(7)),
    "stats.lmoment": (stats.lmoment, draw(7)),
    "stats.entropy": (stats.entropy, draw(7), draw(7)),
    "stats.differential_entropy": (stats.differential_entropy, draw(9)),
    "stats.directional_stats": (lambda x: stats.directional_stats(x).mean_direction, draw(5, 3)),
    "stats.boxcox_llf": (lambda x: stats.boxcox_llf(0.7, x), draw(7)),
    "stats.yeojohnson_llf": (lambda x: stats.yeojohnson_llf(0.7, x), draw(7)),
    "stats.ttest_1samp": (lambda x: statistic(stats.ttest_1samp, popmean=0.6)(x), draw(7)),
    "stats.ttest_ind": (statistic(stats.ttest_ind), draw(7), draw(5)),
    "stats.ttest_rel": (statistic(stats.ttest_rel), draw(7), draw(7) ** 2),
    "stats.pearsonr": (statistic(stats.pearsonr), draw(7), draw(1, 7)[0]),
    "stats.f_oneway": (statistic(stats.f_oneway), draw(7), draw(5), draw(6)),
    "stats.bartlett": (statistic(stats.bartlett), draw(7), draw(5)),
    "stats.levene": (statistic(stats.levene), draw(7), draw(5)),
    "stats.skewtest": (statistic(stats.skewtest), draw(12)),
    "stats.kurtosistest": (statistic(stats.kurtosistest), draw(22)),
    "stats.normaltest": (statistic(stats.normaltest), draw(22)),
    "stats.jarque_bera": (statistic(stats.jarque_bera), draw(12)),
    "stats.chisquare": (statistic(stats.chisquare), draw(6)),
    "stats.power_divergence": (statistic(stats.power_divergence, lambda_=0.5), draw(6)),
    "stats.combine_pvalues": (statistic(stats.combine_pvalues), draw(4) / 2),
    "integrate.trapezoid": (integrate.trapezoid, draw(6), np.cumsum(draw(6))),
    "integrate.cumulative_trapezoid": (
        lambda y, x: integrate.cumulative_trapezoid(y, x),
        draw(6),
        np.cumsum(draw(6)),
    ),
    "integrate.cumulative_simpson": (
        lambda y, x: integrate.cumulative_simpson(y, x=x),
        draw(6),
        np.cumsum(draw(6)),
    ),
    "integrate.romb": (lambda y: integrate.romb(y, 0.3), draw(9)),
    "integrate.fixed_quad": (lambda a: integrate.fixed_quad(lambda t: a * t * t, 0, 1)[0], draw(1)),
    "differentiate.derivative": (lambda x: differentiate.derivative(lambda t: t**3, x).df, draw(3)),
    "fft.fft": (fft.fft, draw(6)),
    "fft.rfft": (fft.rfft, draw(6)),
    "fft.irfft": (fft.irfft, draw(6)),
    "fft.hfft": (fft.hfft, draw(6)),
    "fft.fftn": (fft.fftn, draw(2, 3)),
    "fft.rfft2": (fft.rfft2, draw(3, 4)),
    "fft.fht": (lambda x: fft.fht(x, 0.1, 0.2), draw(6)),
    "fft.fftshift": (fft.fftshift, draw(5)),
    "signal.fftconvolve": (signal.fftconvolve, draw(7), draw(3)),
    "signal.fftconvolve same": (
        lambda x, y: signal.fftconvolve(x, y, "same", axes=1),
        draw(2, 7),
        draw(2, 3),
    ),
    "signal.convolve": (lambda x, y: signal.convolve(x, y, method="fft"), draw(7), draw(3)),
    "signal.correlate": (lambda x, y: signal.correlate(x, y, method="fft"), draw(7), draw(3)),
    "signal.hilbert": (signal.hilbert, draw(8)),
    "signal.hilbert envelope": (lambda x: abs(signal.hilbert(x, axis=0)), draw(6, 2)),
    "signal.hilbert2": (signal.hilbert2, draw(4, 4)),
    "signal.envelope": (signal.envelope, draw(16)),
    "signal.resample": (lambda x: signal.resample(x, 12), draw(8)),
    "signal.freqz": (lambda b: signal.freqz(b, worN=8)[1], draw(3)),
    "signal.vectorstrength": (lambda x: signal.vectorstrength(x, 0.5)[0], draw(6)),
    "spatial.Rotation.as_matrix": (rotated(lambda r: r.as_matrix()), draw(2, 3)),
    "spatial.Rotation.as_quat": (rotated(lambda r: r.as_quat()), draw(2, 3)),
    "spatial.Rotation.as_rotvec": (rotated(lambda r: r.as_rotvec()), draw(2, 3)),
    "spatial.Rotation.as_euler": (rotated(lambda r: r.as_euler("xyz")), draw(2, 3)),
    "spatial.Rotation.as_mrp": (rotated(lambda r: r.as_mrp()), draw(2, 3)),
    "spatial.Rotation.apply": (rotated(lambda r, x: r.apply(x)), draw(3), draw(5, 3)),
    "spatial.Rotation.inv": (rotated(lambda r, x: r.inv().apply(x)), draw(3), draw(2, 3)),
    "spatial.Rotation composed": (
        lambda v, w: (Rotation.from_rotvec(v) * Rotation.from_rotvec(w)).as_rotvec(),
        draw(3),
        draw(1, 3)[0],
    ),
    "spatial.Rotation.__pow__": (rotated(lambda r: (r**0.5).as_matrix()), draw(2, 3)),
    "spatial.Rotation.magnitude": (rotated(lambda r: r.magnitude()), draw(2, 3)),
    "spatial.Rotation.mean": (rotated(lambda r: r.mean().as_rotvec()), draw(4, 3)),
    "spatial.Rotation.concatenate": (
        lambda v, w: Rotation.concatenate(
            [Rotation.from_rotvec(v), Rotation.from_rotvec(w)]
        ).as_matrix(),
        draw(2, 3),
        draw(3, 3),
    ),
    "spatial.Rotation.from_quat": (lambda q: Rotation.from_quat(q).as_matrix(), draw(2, 4)),
    "spatial.Rotation.from_euler": (
        lambda a: Rotation.from_euler("zyx", a).as_matrix(),
        draw(2, 3),
    ),
    "spatial.Rotation.from_mrp": (lambda p: Rotation.from_mrp(p).as_matrix(), draw(2, 3) / 2),
    "spatial.Rotation.align_vectors": (
        lambda a, b: Rotation.align_vectors(a, b)[0].as_matrix(),
        draw(4, 3),
        draw(1, 4, 3)[0],
    ),
    "spatial.Slerp": (
        lambda v: Slerp(like(v, np.array([0.0, 1.0])), Rotation.from_rotvec(v))(
            like(v, np.array([0.3, 0.6]))
        ).as_matrix(),
        draw(2, 3),
    ),
    "spatial.RigidTransform.apply": (moved(lambda t, x: t.apply(x)), draw(6), draw(2, 3)),
    "spatial.RigidTransform.as_exp_coords": (moved(lambda t: t.as_exp_coords()), draw(6)),
    "spatial.RigidTransform.inv": (moved(lambda t: t.inv().as_matrix()), draw(6)),
    "spatial.RigidTransform composed": (
        lambda v, w: (
            RigidTransform.from_exp_coords(v) * RigidTransform.from_exp_coords(w)
        ).as_matrix(),
        draw(6),
        draw(1, 6)[0],
    ),
    "cluster.vq.whiten": (cluster.vq.whiten, draw(6, 2)),
    "optimize.rosen": (optimize.rosen, draw(4)),
    "optimize.rosen_der": (optimize.rosen_der, draw(4)),
    "constants.convert_temperature": (
        lambda x: constants.convert_temperature(x, "C", "F"),
        draw(3),
    ),
}

# Statistics of ranks and counts: constant but for jumps, so without a gradient.
CONSTANT = {
    "stats.rankdata": lambda x, y: stats.rankdata(x),
    "stats.mannwhitneyu": lambda x, y: stats.mannwhitneyu(x, y).statistic,
    "stats.wilcoxon": lambda x, y: stats.wilcoxon(x, y).statistic,
    "stats.kruskal": lambda x, y: stats.kruskal(x, y).statistic,
    "stats.chatterjeexi": lambda x, y: stats.chatterjeexi(x, y).statistic,
}

ON_NUMPY_ONLY = {
    "integrate.fixed_quad": "its nodes are NumPy's arrays",
    "integrate.tanhsinh": "its nodes are NumPy's arrays",
    "stats.lmoment": "whether it writes through a view depends on where the backend copies",
}

VECTOR, MATRIX = draw(6), draw(4, 4) + 3 * np.eye(4)

# These compute on NumPy arrays alone, or compiled: the gradient would be lost.
RAISES = {
    "integrate.simpson": lambda v: integrate.simpson(v),
    "fft.dct": lambda v: fft.dct(v),
    "signal.convolve by itself": lambda v: signal.convolve(v, v),
    "signal.detrend": lambda v: signal.detrend(v),
    "signal.lfilter": lambda v: signal.lfilter(sa.asarray([1.0]), sa.asarray([1.0, 0.5]), v),
    "signal.savgol_filter": lambda v: signal.savgol_filter(v, 3, 1),
    "signal.welch": lambda v: signal.welch(v, nperseg=4),
    "ndimage.gaussian_filter": lambda v: ndimage.gaussian_filter(v, 1.0),
    "ndimage.sum": lambda v: ndimage.sum(v),
    "linalg.inv": lambda v: linalg.inv(variable(MATRIX)),
    "linalg.det": lambda v: linalg.det(variable(MATRIX)),
    "linalg.solve": lambda v: linalg.solve(variable(MATRIX), variable(MATRIX)),
    "linalg.cholesky": lambda v: linalg.cholesky(variable(MATRIX)),
    "linalg.svd": lambda v: linalg.svd(variable(MATRIX)),
    "linalg.eigh": lambda v: linalg.eigh(variable(MATRIX)),
    "linalg.norm": lambda v: linalg.norm(v),
    "linalg.expm": lambda v: linalg.expm(variable(MATRIX)),
    "spatial.distance.cdist": lambda v: spatial.distance.cdist(variable(MATRIX), variable(MATRIX)),
    "spatial.distance.pdist": lambda v: spatial.distance.pdist(variable(MATRIX)),
    "spatial.distance.cosine": lambda v: spatial.distance.cosine(v, v * v),
    "stats.linregress": lambda v: stats.linregress(v, v * v),
    "stats.boxcox": lambda v: stats.boxcox(v),
    "stats.gaussian_kde": lambda v: stats.gaussian_kde(v),
    "stats.wasserstein_distance": lambda v: stats.wasserstein_distance(v, v * v),
    "cluster.vq.vq": lambda v: cluster.vq.vq(variable(MATRIX), variable(MATRIX)),
    "special.ellipk": lambda v: special.ellipk(v),
    "special.loggamma": lambda v: special.loggamma(v),
}


@pytest.mark.parametrize("name", WORKS)
def test_differentiates(name):
    skip_but_on_numpy(ON_NUMPY_ONLY, name)
    function, *inputs = WORKS[name]
    check_differentiates(function, inputs)


@pytest.mark.parametrize("name", CONSTANT)
def test_ranks_have_no_gradient(name):
    x, y = draw(7), draw(1, 7)[0]
    out = CONSTANT[name](variable(x), variable(y))
    assert isinstance(out, Variable)
    assert not out.requires_grad
    assert_close(out, np.asarray(CONSTANT[name](x, y)))


@pytest.mark.parametrize("name", RAISES)
def test_raises_where_the_gradient_would_be_lost(name):
    try:
        out = RAISES[name](variable(VECTOR))
    except NotDifferentiableError as error:
        assert "lose the gradient of a Variable that requires grad" in str(error)  # noqa: PT017
        assert "v." in str(error)  # noqa: PT017
        return
    # A newer SciPy lets arrays of other namespaces through: then no gradient is lost.
    results = out if isinstance(out, tuple) else (out,)
    assert all(isinstance(result, Variable) and result.requires_grad for result in results)


def test_a_write_to_a_part_of_another_array_raises():
    skip_but_on_numpy(ON_NUMPY_ONLY, "integrate.tanhsinh")
    v = variable(VECTOR)
    with raises(GraphError, "setitem", "shares its memory with another one"):
        integrate.tanhsinh(lambda t, a: a * t * t, v * 0, v * 0 + 1, args=(v,))


@pytest.mark.xfail(reason="it adds through a view, and += rebinds a Variable", strict=True)
def test_overlapping_and_adding():
    """The one function known to give wrong values; docs/scipy.md warns of it."""
    check_differentiates(signal.oaconvolve, [draw(30), draw(3)])


def test_those_that_raise_take_what_requires_no_grad():
    v = variable(VECTOR, requires_grad=False)
    assert_close(np.asarray(integrate.simpson(v)), np.asarray(integrate.simpson(VECTOR)))
    assert_close(linalg.norm(v), np.asarray(linalg.norm(VECTOR)))


def test_arrays_of_two_kinds_are_refused():
    """SciPy asks that all arrays of a call be of one namespace."""
    with raises(TypeError, "Multiple namespaces"):
        stats.pearsonr(variable(VECTOR), VECTOR[::-1])


def test_a_rotation_from_a_matrix_differentiates_along_rotations():
    """Off them, NumPy's makes the matrix orthogonal first, and Variables' does not."""

    def function(v):
        return Rotation.from_matrix(Rotation.from_rotvec(v).as_matrix()).as_rotvec()

    v = variable(draw(3))
    (gradient,) = sa.grad(function(v), v, to_backend(np.array([1.0, 2.0, 3.0])))
    assert_close(gradient, np.array([1.0, 2.0, 3.0]))


def test_simpsons_rule_by_its_cumulative_sums():
    """What docs/scipy.md gives for ``integrate.simpson``, which raises."""
    for n in (5, 7):
        y = draw(n)
        check_differentiates(lambda y: integrate.cumulative_simpson(y, dx=0.3)[-1], [y])
        last = integrate.cumulative_simpson(variable(y), dx=0.3)[-1]
        assert_close(last, np.asarray(integrate.simpson(y, dx=0.3)))


@pytest.mark.parametrize("name", [*WORKS, *CONSTANT, *RAISES, "integrate.tanhsinh"])
def test_the_page_names_it(name):
    module, _, function = name.partition(" ")[0].partition(".")
    assert f"`{module}`" in DOC
    assert f"`{function.rpartition('.')[2]}`" in DOC
