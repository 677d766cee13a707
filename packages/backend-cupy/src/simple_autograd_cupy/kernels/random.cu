// Uniform random numbers, the same ones that NumPy's generator PCG64 draws (O'Neill 2014, PCG XSL RR 128/64).
//
// Its state moves by state * multiplier + summand, modulo 2**128; so do 2**k moves at once, with numbers of their own,
// which come along. A thread moves to its place by the bits of the distance, and from there on by as many moves as a
// block has threads, so that neighbours in memory are neighbours among threads.

const int THREADS = 128, DRAWN = 16;  // in a block, and states by each thread
const int STEP = 7;                   // THREADS is 2**STEP

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

// Call use(i, bits) for each state that this thread draws from: for which one, and the number that it stands for.
template <typename Use>
__device__ void each_state(const Moves& moves, long long states, Use use) {
    unsigned i = blockIdx.x * (DRAWN * THREADS) + threadIdx.x;
    if (i >= states) return;
    Wide state = moves.state;
    for (unsigned bits = i + 1, k = 0; bits; bits >>= 1, k++) {
        if (bits & 1) state = moved(state, moves.multipliers[k], moves.summands[k]);
    }
    for (int drawn = 0; drawn < DRAWN && i < states; drawn++, i += THREADS) {
        if (drawn) state = moved(state, moves.multipliers[STEP], moves.summands[STEP]);
        use(i, output(state));
    }
}

__device__ inline float fraction(unsigned half) { return (half >> 8) * (1.0f / 16777216); }

// Call use(place, number) for each number in single precision: each half of a state gives one, the lower half first.
//
// `count` numbers are drawn; `held` is the upper half that is left of an earlier state and comes first, or -1.
template <typename Use>
__device__ void each_single(const Moves& moves, long long held, long long states, long long count, Use use) {
    if (own_place() == 0 && held >= 0) use(0u, fraction((unsigned)held));
    each_state(moves, states, [&](unsigned i, unsigned long long bits) {
        unsigned place = 2 * i + (held >= 0);
        use(place, fraction((unsigned)bits));
        if (place + 1 < count) use(place + 1, fraction((unsigned)(bits >> 32)));
    });
}

// In double each state gives a number.
extern "C" __global__ void uniform(Scalar* out, const Moves moves, long long held, long long states, long long count) {
#if defined(DOUBLE)
    each_state(moves, states, [=](unsigned i, unsigned long long bits) {
        out[i] = (bits >> 11) * (1.0 / 9007199254740992);
    });
#else
    each_single(moves, held, states, count, [=](unsigned place, float number) { out[place] = scalar(number); });
#endif
}

// Which elements dropout keeps: those whose number, in single precision, is at least p. Given x, what becomes of it.
extern "C" __global__ void draw_kept(
    const Scalar* x, Scalar* out, unsigned char* kept, const Moves moves, long long held, long long states,
    long long count, double p, double rest
) {
    float least = p;
    Real factor = 1 / Real(rest);
    each_single(moves, held, states, count, [=](unsigned place, float number) {
        bool stays = number >= least;
        kept[place] = stays;
        // Not 0 for what is dropped: that of NaN is NaN.
        if (x) out[place] = scalar(real(x[place]) * (stays ? factor : Real(0)));
    });
}

// What is kept of x, over the rest that is kept on average. Each of `kept` is for so many elements side by side.
extern "C" __global__ void dropout(
    const Scalar* x, const unsigned char* kept, Scalar* out, double rest, long long inner, long long count
) {
    unsigned own = own_place();
    if (own >= count) return;
    out[own] = scalar(real(x[own]) * (kept[own / (unsigned)inner] ? 1 / Real(rest) : Real(0)));
}
