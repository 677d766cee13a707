// What a linear map does beside its product.

// (..., columns, inner) and a bias for each column, added in place: a thread for each element.
extern "C" __global__ void add_bias(
    Scalar* out, const Scalar* bias, long long columns, long long inner, long long count
) {
    unsigned own = own_place();
    if (own >= count) return;
    out[own] = scalar(real(out[own]) + real(bias[own / (unsigned)inner % (unsigned)columns]));
}
