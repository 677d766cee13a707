// What CuPy's own kernels need beyond emulation.h: CUDA's functions on numbers, atomics and shuffles.
//
// It comes after emulation.h and before CuPy's headers, which it includes, with CUDA's for the half types.
#pragma once

#include <cfloat>
#include <climits>
#include <cstddef>

#include <math.h>

#include <vector_types.h>

#include <cuda_bf16.h>
#include <cuda_fp16.h>

// CUDA's headers give these other meanings on a host.
#undef __global__
#undef __device__
#undef __host__
#undef __shared__
#undef __constant__
#undef __restrict__
#undef __launch_bounds__
#undef __forceinline__
#undef __noinline__
#define __global__
#define __device__
#define __host__
#define __shared__ static
#define __constant__ static
#define __restrict__
#define __launch_bounds__(...)
#define __forceinline__ inline
#define __noinline__
#define __CUDACC_VER_MAJOR__ 13  // CuPy then takes the half types from CUDA's headers

// Threads that wait, and what they tell each other --------------------------------------------------------------

static void __syncwarp(unsigned = 0xffffffffu) { emulation::wait(emulation::at_warp); }
static void __threadfence() {}

template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned step, int width = 32) {
    unsigned self = emulation::linear(threadIdx);
    return emulation::exchanged(mask, value, self % width + step < (unsigned)width ? self + step : self);
}

template <typename T>
T __shfl_up_sync(unsigned mask, T value, unsigned step, int width = 32) {
    unsigned self = emulation::linear(threadIdx);
    return emulation::exchanged(mask, value, self % width >= step ? self - step : self);
}

template <typename T>
T __shfl_sync(unsigned mask, T value, int lane, int width = 32) {
    unsigned self = emulation::linear(threadIdx);
    return emulation::exchanged(mask, value, self / width * width + lane % width);
}

#define ATOMIC(NAME, T, RESULT)                  \
    static T NAME(T* place, T value) {           \
        T before = *place;                       \
        *place = RESULT;                         \
        return before;                           \
    }
#define ATOMICS(T)                                          \
    ATOMIC(atomicExch, T, value)                            \
    ATOMIC(atomicMax, T, value > before ? value : before)   \
    ATOMIC(atomicMin, T, value < before ? value : before)   \
    ATOMIC(atomicAnd, T, before & value)                    \
    ATOMIC(atomicOr, T, before | value)                     \
    ATOMIC(atomicXor, T, before ^ value)                    \
    static T atomicCAS(T* place, T expected, T value) {     \
        T before = *place;                                  \
        if (before == expected) *place = value;             \
        return before;                                      \
    }
ATOMICS(int)
ATOMICS(unsigned)
ATOMICS(unsigned long long)

// Numbers ---------------------------------------------------------------------------------------------------------

static int __float_as_int(float x) { return (int)__float_as_uint(x); }
static float __int_as_float(int bits) { return __uint_as_float((unsigned)bits); }

static long long __double_as_longlong(double x) {
    long long bits;
    memcpy(&bits, &x, 8);
    return bits;
}

static double __longlong_as_double(long long bits) {
    double x;
    memcpy(&x, &bits, 8);
    return x;
}

static int __popc(unsigned x) { return __builtin_popcount(x); }
static int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
static int __clzll(long long x) { return x ? __builtin_clzll((unsigned long long)x) : 64; }
static double rsqrt(double x) { return 1 / sqrt(x); }
static float rsqrtf(float x) { return 1 / sqrtf(x); }

template <typename A, typename B, typename C = std::common_type_t<A, B>>
C min(A a, B b) {
    if constexpr (std::is_floating_point_v<C>) return std::fmin((C)a, (C)b);
    return (C)b < (C)a ? (C)b : (C)a;
}

template <typename A, typename B, typename C = std::common_type_t<A, B>>
C max(A a, B b) {
    if constexpr (std::is_floating_point_v<C>) return std::fmax((C)a, (C)b);
    return (C)a < (C)b ? (C)b : (C)a;
}

static double erfinv(double y) {
    if (!(y > -1 && y < 1)) return y == 1 ? INFINITY : y == -1 ? -INFINITY : NAN;
    double x = 0;
    for (int i = 0; i < 100; i++) {  // Halley's method
        double step = (erf(x) - y) / (2 / sqrt(M_PI) * exp(-x * x));
        x -= step / (1 + x * step);
    }
    return x;
}

static double erfcinv(double y) {
    if (!(y > 0 && y < 0.1)) return y < 0 || y > 2 ? NAN : erfinv(1 - y);
    double x = sqrt(-log(y));
    for (int i = 0; i < 100; i++) x += (erfc(x) / y - 1) / (2 / sqrt(M_PI) * exp(-x * x - log(y)));  // Newton's
    return x;
}
static double normcdf(double x) { return erfc(-x * M_SQRT1_2) / 2; }
static double normcdfinv(double p) { return -M_SQRT2 * erfcinv(2 * p); }
static double sinpi(double x) { return sin(M_PI * remainder(x, 2)); }
static double cospi(double x) { return cos(M_PI * remainder(x, 2)); }
// The standard library's throw where the result is not finite.
static double cyl_bessel_i0(double x) {
    return !(fabs(x) < 700) ? (x != x ? x : INFINITY) : std::cyl_bessel_i(0.0, fabs(x));
}
static double cyl_bessel_i1(double x) {
    return !(fabs(x) < 700) ? (x != x ? x : copysign(INFINITY, x)) : copysign(std::cyl_bessel_i(1.0, fabs(x)), x);
}

// In single precision.
static float erfinvf(float y) { return (float)erfinv(y); }
static float erfcinvf(float y) { return (float)erfcinv(y); }
static float normcdfinvf(float p) { return (float)normcdfinv(p); }
static float cyl_bessel_i0f(float x) { return (float)cyl_bessel_i0(x); }
static float cyl_bessel_i1f(float x) { return (float)cyl_bessel_i1(x); }

#include <cupy/atomics.cuh>
#include <cupy/bfloat16.cuh>
#include <cupy/carray.cuh>
#include <cupy/complex.cuh>
#include <cupy/float16.cuh>
#include <cupy/math_constants.h>
