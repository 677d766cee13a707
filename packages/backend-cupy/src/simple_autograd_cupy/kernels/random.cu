// Uniform random numbers, the same ones that NumPy's generator PCG64 draws (O'Neill 2014, PCG XSL RR 128/64).
//
// Its state moves by state * multiplier + summand, modulo 2**128; so do 2**k moves at once, with numbers of their own,
// which come along. A thread moves to its place by the bits of the distance, and draws from there on.

const int DRAWN = 16;  // states by each thread

struct Wide {
    unsigned long long high, low;
};

struct Moves {
    Wide state, multipliers[32], summands[32];  // of 2**k moves
};

__device__ Wide moved(Wide state, Wide multiplier, Wide summand) {
    Wide next;
    next.low = state.low * multiplier.low + summand.low;
    next.high = __umul64hi(state.low, multiplier.low) + state.high * multiplier.low + state.low * multiplier.high +
                summand.high + (next.low < summand.low);
    return next;
}

__device__ unsigned long long output(Wide state) {
    unsigned long long mixed = state.high ^ state.low;
    unsigned turn = state.high >> 58;
    return mixed >> turn | mixed << (64 - turn) % 64;
}

// In double each state gives a number; in float each half of one does, the lower half first.
//
// `count` numbers are drawn; `held` is the upper half that is left of an earlier state and comes first, or -1.
extern "C" __global__ void uniform(Scalar* out, const Moves moves, long long held, long long states, long long count) {
    unsigned first = own_place() * DRAWN;
    if (first == 0 && held >= 0) out[0] = scalar((held >> 8) * Real(1.0 / 16777216));
    if (first >= states) return;
    Wide state = moves.state;
    for (unsigned bits = first, k = 0; bits; bits >>= 1, k++) {
        if (bits & 1) state = moved(state, moves.multipliers[k], moves.summands[k]);
    }
    for (unsigned i = first; i < smaller(first + DRAWN, states); i++) {
        state = moved(state, moves.multipliers[0], moves.summands[0]);
        unsigned long long bits = output(state);
#if defined(DOUBLE)
        out[i] = (bits >> 11) * (1.0 / 9007199254740992);
#else
        unsigned place = 2 * i + (held >= 0);
        out[place] = scalar(Real(unsigned(bits) >> 8) * Real(1.0 / 16777216));
        if (place + 1 < count) out[place + 1] = scalar(Real(unsigned(bits >> 40)) * Real(1.0 / 16777216));
#endif
    }
}
