// What every source of this folder begins with: the types of its arrays and of its arithmetic, and sums over threads.
//
// launching.py puts this text before a family's, and above it one line that says which type is meant (HALF, BFLOAT,
// SINGLE or DOUBLE). Numbers come from Python as long long and double; all counts and places fit in 31 bits.

#if defined(HALF) || defined(BFLOAT)

// Halves are only stored: arithmetic is in float.
struct Scalar {
    unsigned short bits;
};
typedef float Real;

#if defined(BFLOAT)

__device__ inline Real real(Scalar x) { return __uint_as_float((unsigned)x.bits << 16); }

__device__ inline Scalar scalar(Real x) {
    unsigned bits = __float_as_uint(x);
    if (x != x) return Scalar{(unsigned short)(bits >> 16 | 0x40)};
    bits += 0x7fff + (bits >> 16 & 1);  // to the nearest, of two to the even one
    return Scalar{(unsigned short)(bits >> 16)};
}

#elif defined(__CUDACC__)

__device__ inline Real real(Scalar x) {
    float y;
    asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
    return y;
}

__device__ inline Scalar scalar(Real x) {
    Scalar y;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
    return y;
}

#else

// Without a GPU's instructions, whoever compiles this gives the conversions.
__device__ inline Real real(Scalar x) { return float_of_half(x.bits); }
__device__ inline Scalar scalar(Real x) { return Scalar{half_of_float(x)}; }

#endif

#else

#if defined(DOUBLE)
typedef double Scalar;
#else
typedef float Scalar;
#endif

typedef Scalar Real;

__device__ inline Real real(Scalar x) { return x; }
__device__ inline Scalar scalar(Real x) { return x; }

#endif

__device__ inline Real infinity() { return __uint_as_float(0x7f800000u); }
__device__ inline Real not_a_number() { return __uint_as_float(0x7fc00000u); }

__device__ inline unsigned smaller(unsigned a, unsigned b) { return a < b ? a : b; }

// The place of this thread among all, where blocks and grid have one axis.
__device__ inline unsigned own_place() { return blockIdx.x * blockDim.x + threadIdx.x; }

struct Sum {
    __device__ Real operator()(Real a, Real b) const { return a + b; }
};

// NaN wins, as it does in the portable bodies.
struct Largest {
    __device__ Real operator()(Real a, Real b) const { return a > b || a != a ? a : b; }
};

// Combine a value of each of the threads that share threadIdx.y; all of them get the result.
//
// blockDim.x is 1, 32, or a larger power of two; then blockDim.y is 1. Every thread of the block calls this.
template <typename Operation>
__device__ Real combined(Real value, Operation operation, Real neutral) {
    __shared__ Real of_warps[32];
    if (blockDim.x == 1) return value;
    for (int step = 16; step; step /= 2) {
        value = operation(value, __shfl_xor_sync(0xffffffffu, value, step));
    }
    if (blockDim.x == 32) return value;
    __syncthreads();  // those of the last call have been read
    if (threadIdx.x % 32 == 0) of_warps[threadIdx.x / 32] = value;
    __syncthreads();
    value = threadIdx.x % 32 < blockDim.x / 32 ? of_warps[threadIdx.x % 32] : neutral;
    for (int step = 16; step; step /= 2) {
        value = operation(value, __shfl_xor_sync(0xffffffffu, value, step));
    }
    return value;
}

__device__ inline Real total(Real value) { return combined(value, Sum(), Real(0)); }
