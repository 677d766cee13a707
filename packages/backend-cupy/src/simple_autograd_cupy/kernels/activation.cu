// Activations in one pass over memory: functions of one element, and the gradients of some.

template <typename Function>
__device__ void each(const Scalar* x, Scalar* y, long long count, Function function) {
    unsigned own = own_place();
    if (own < count) y[own] = scalar(function(real(x[own])));
}

__device__ Real logistic(Real x) {
    Real small = exp(-fabs(x));  // in (0, 1] whatever the sign
    return (x < 0 ? small : Real(1)) / (1 + small);
}

// log(1 + e**x) without overflow.
__device__ Real rounded(Real x) { return (x > 0 ? x : x != x ? x : Real(0)) + log1p(exp(-fabs(x))); }

__device__ Real normal_area(Real x) { return Real(0.5) * (1 + erf(x * Real(0.70710678118654752))); }

__device__ Real normal_density(Real x) { return exp(x * x * Real(-0.5)) * Real(0.39894228040143268); }

constexpr double GELU_A = 0.79788456080286536, GELU_B = 0.044715 * GELU_A;

extern "C" __global__ void relu(const Scalar* x, Scalar* y, long long count) {
    each(x, y, count, [](Real x) { return x <= 0 ? Real(0) : x; });  // NaN stays
}

extern "C" __global__ void sigmoid(const Scalar* x, Scalar* y, long long count) {
    each(x, y, count, [](Real x) { return logistic(x); });
}

extern "C" __global__ void logsigmoid(const Scalar* x, Scalar* y, long long count) {
    each(x, y, count, [](Real x) { return -rounded(-x); });
}

extern "C" __global__ void silu(const Scalar* x, Scalar* y, long long count) {
    each(x, y, count, [](Real x) { return x * logistic(x); });
}

extern "C" __global__ void softplus(const Scalar* x, Scalar* y, double beta, double threshold, long long count) {
    Real factor = beta, bound = threshold;
    each(x, y, count, [=](Real x) { return x * factor > bound ? x : rounded(x * factor) / factor; });
}

extern "C" __global__ void mish(const Scalar* x, Scalar* y, long long count) {
    each(x, y, count, [](Real x) { return x * tanh(rounded(x)); });
}

extern "C" __global__ void gelu(const Scalar* x, Scalar* y, long long count) {
    each(x, y, count, [](Real x) { return x * normal_area(x); });
}

extern "C" __global__ void gelu_tanh(const Scalar* x, Scalar* y, long long count) {
    each(x, y, count, [](Real x) {
        return Real(0.5) * x * (1 + tanh(x * (Real(GELU_A) + Real(GELU_B) * x * x)));
    });
}

extern "C" __global__ void leaky_relu(const Scalar* x, Scalar* y, double slope, long long count) {
    Real below = slope;
    each(x, y, count, [=](Real x) { return x > 0 ? x : x * below; });
}

extern "C" __global__ void elu(
    const Scalar* x, Scalar* y, double alpha, double scale, double rate, long long count
) {
    Real above = scale, below = Real(alpha) * above, steep = rate;
    each(x, y, count, [=](Real x) { return x > 0 ? x * above : expm1(x * steep) * below; });
}

extern "C" __global__ void hardsigmoid(const Scalar* x, Scalar* y, long long count) {
    each(x, y, count, [](Real x) { return x < -3 ? Real(0) : x > 3 ? Real(1) : (x + 3) / 6; });
}

extern "C" __global__ void hardswish(const Scalar* x, Scalar* y, long long count) {
    each(x, y, count, [](Real x) { return x * (x < -3 ? Real(0) : x > 3 ? Real(1) : (x + 3) / 6); });
}

// The gradients: what comes from above times the slope.

template <typename Slope>
__device__ void each_backward(const Scalar* above, const Scalar* x, Scalar* out, long long count, Slope slope) {
    unsigned own = own_place();
    if (own < count) out[own] = scalar(real(above[own]) * slope(real(x[own])));
}

extern "C" __global__ void silu_backward(const Scalar* above, const Scalar* x, Scalar* out, long long count) {
    each_backward(above, x, out, count, [](Real x) { return logistic(x) * (1 + x * (1 - logistic(x))); });
}

extern "C" __global__ void gelu_backward(const Scalar* above, const Scalar* x, Scalar* out, long long count) {
    each_backward(above, x, out, count, [](Real x) { return normal_area(x) + x * normal_density(x); });
}

extern "C" __global__ void gelu_tanh_backward(const Scalar* above, const Scalar* x, Scalar* out, long long count) {
    each_backward(above, x, out, count, [](Real x) {
        Real square = x * x, bent = tanh(x * (Real(GELU_A) + Real(GELU_B) * square));
        Real inner = x * (Real(GELU_A) + Real(3 * GELU_B) * square);
        return Real(0.5) * (1 + bent) * (1 + (1 - bent) * inner);
    });
}

extern "C" __global__ void relu_backward(const Scalar* above, const Scalar* y, Scalar* out, long long count) {
    unsigned own = own_place();
    if (own < count) out[own] = real(y[own]) <= 0 ? scalar(0) : above[own];
}
