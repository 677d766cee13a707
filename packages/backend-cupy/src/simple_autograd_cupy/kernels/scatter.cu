// Values added at positions along an axis: the gradients of embeddings, of indexing and of gathers.
//
// Values are (outer, places, inner), the result (outer, length, inner). Positions wrap around, as CuPy's own do.

__device__ unsigned wrapped(long long position, unsigned length) {
    long long rest = position % (long long)length;
    return (unsigned)(rest < 0 ? rest + length : rest);
}

// A thread for each value. The order in which they are added is that in which threads happen to come.
extern "C" __global__ void scatter_add(
    const Scalar* values, const long long* positions, Real* out, long long places, long long inner, long long length,
    long long count
) {
    unsigned own = own_place();
    if (own >= count) return;
    unsigned row = own / (unsigned)inner, position = wrapped(positions[row % (unsigned)places], length);
    unsigned target = (row / (unsigned)places * (unsigned)length + position) * (unsigned)inner + own % (unsigned)inner;
    atomicAdd(out + target, real(values[own]));
}

// A thread for each value in the order of positions; the first one of a position adds up all that are there.
extern "C" __global__ void segment_sums(
    const Scalar* values, const long long* positions, const long long* order, Scalar* out, long long places,
    long long inner, long long length, long long count
) {
    unsigned own = own_place();
    if (own >= count) return;
    unsigned row = own / (unsigned)inner, rank = row % (unsigned)places, block = row / (unsigned)places;
    unsigned position = wrapped(positions[order[rank]], length), column = own % (unsigned)inner;
    if (rank && wrapped(positions[order[rank - 1]], length) == position) return;
    Real sum = 0;
    for (; rank < places && wrapped(positions[order[rank]], length) == position; rank++) {
        sum += real(values[(block * (unsigned)places + (unsigned)order[rank]) * (unsigned)inner + column]);
    }
    out[(block * (unsigned)length + position) * (unsigned)inner + column] = scalar(sum);
}
