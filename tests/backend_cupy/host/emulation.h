// An emulation of CUDA's launches on one thread of the host: enough of it to run the kernels of simple_autograd_cupy.
//
// Blocks run one after the other. The threads of a block are fibers, which hand over to each other where CUDA's threads
// wait for each other (__syncthreads, the shuffles of a warp), and only there. A warp runs as far as it can, and in which
// order warps and threads do is a setting, so that a barrier that is missing shows. A block whose threads wait in different places, which would hang on a GPU, is
// reported. What it says nothing about: speed, memory's caches, races between blocks.
#pragma once

#include <ucontext.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __shared__ static
#define __restrict__
#define __launch_bounds__(...)

using std::erf, std::exp, std::expm1, std::fabs, std::fmax, std::fmin, std::isnan, std::log, std::log1p, std::sqrt, std::tanh;

struct Dim3 {
    unsigned x, y, z;
};

static Dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace emulation {

enum Waiting { running, at_block, at_warp, finished };

struct Fiber {
    ucontext_t context;
    std::unique_ptr<char[]> stack;
    Dim3 place;
    Waiting waiting;
    char exchanged[16];  // with the warp
};

const size_t STACK = 32768;
static std::vector<Fiber> fibers;
static ucontext_t scheduler;
static unsigned current, living;
static std::function<void()> body;
static const char* fault;

static unsigned linear(Dim3 place) { return (place.z * blockDim.y + place.y) * blockDim.x + place.x; }

static Dim3 place_of(unsigned i) { return {i % blockDim.x, i / blockDim.x % blockDim.y, i / (blockDim.x * blockDim.y)}; }

static void wait(Waiting where) {
    fibers[current].waiting = where;
    swapcontext(&fibers[current].context, &scheduler);
}

static void run_fiber() {
    body();
    fibers[current].waiting = finished;
    swapcontext(&fibers[current].context, &scheduler);
}

// Let a group of threads go on if all of it waits in one place; give whether it did.
//
// Whether threads that have finished are waited for is not said by CUDA's documentation; GPUs do not, and CuPy's scans
// rely on it.
static bool release(unsigned first, unsigned end, Waiting where) {
    bool any = false;
    for (unsigned i = first; i < end; i++) {
#ifdef FINISHED_THREADS_DO_NOT_COUNT
        if (fibers[i].waiting == finished) continue;
#endif
        if (fibers[i].waiting != where) return false;
        any = true;
    }
    for (unsigned i = first; i < end; i++) {
        if (fibers[i].waiting == where) fibers[i].waiting = running;
    }
    return any;
}

// Let the threads of a warp run, over what they wait for each other, until they are done or wait for other warps.
static void run_warp(unsigned first, unsigned end, bool backwards) {
    do {
        for (unsigned i = first; i < end; i++) {
            current = backwards ? first + end - 1 - i : i;
            if (fibers[current].waiting != running) continue;
            threadIdx = fibers[current].place;
            swapcontext(&scheduler, &fibers[current].context);
        }
    } while (release(first, end, at_warp));
}

static bool run_block(bool backwards) {
#ifdef THREADS_NEVER_WAIT
    for (unsigned i = 0; i < living; i++) {
        threadIdx = place_of(backwards ? living - 1 - i : i);
        body();
    }
    return true;
#endif
    for (unsigned i = 0; i < living; i++) {
        Fiber& fiber = fibers[i];
        getcontext(&fiber.context);
        fiber.context.uc_stack.ss_sp = fiber.stack.get();
        fiber.context.uc_stack.ss_size = STACK;
        fiber.context.uc_link = nullptr;
        fiber.place = place_of(i);
        fiber.waiting = running;
        makecontext(&fiber.context, run_fiber, 0);
    }
    unsigned warps = (living + 31) / 32;
    do {
        for (unsigned w = 0; w < warps; w++) {
            unsigned first = 32 * (backwards ? warps - 1 - w : w);
            run_warp(first, first + 32 < living ? first + 32 : living, backwards);
        }
    } while (release(0, living, at_block));
    for (Fiber& fiber : fibers) {
        if (&fiber < &fibers[0] + living && fiber.waiting != finished) {
            fault = "threads of a block wait in different places, or for threads that have finished";
            return false;
        }
    }
    return true;
}

// Launch a kernel that is bound to its arguments; give what went wrong, or null.
static const char* launch(const unsigned* grid, const unsigned* block, bool backwards, std::function<void()> kernel) {
    gridDim = {grid[0], grid[1], grid[2]};
    blockDim = {block[0], block[1], block[2]};
    living = block[0] * block[1] * block[2];
    if (living > 1024 || grid[1] > 65535 || grid[2] > 65535) return "the block or the grid is too large";
    while (fibers.size() < living) {
        fibers.emplace_back();
        fibers.back().stack.reset(new char[STACK]);
    }
    body = kernel;
    fault = nullptr;
    unsigned blocks = grid[0] * grid[1] * grid[2];
    for (unsigned i = 0; i < blocks; i++) {
        unsigned b = backwards ? blocks - 1 - i : i;
        blockIdx = {b % grid[0], b / grid[0] % grid[1], b / (grid[0] * grid[1])};
        if (!run_block(backwards)) return fault;
    }
    return fault;
}

template <typename... Args, size_t... I>
std::function<void()>* bound(void (*kernel)(Args...), void** args, std::index_sequence<I...>) {
    auto kept = std::make_tuple(*(std::remove_cv_t<Args>*)args[I]...);
    return new std::function<void()>([=] { std::apply(kernel, kept); });
}

// Give a kernel bound to its arguments, which are given by their addresses and copied.
template <typename... Args>
std::function<void()>* bind(void (*kernel)(Args...), void** args) {
    return bound(kernel, args, std::index_sequence_for<Args...>());
}

}  // namespace emulation

extern "C" const char* run(const unsigned* grid, const unsigned* block, int backwards, std::function<void()>* kernel) {
    return emulation::launch(grid, block, backwards, *kernel);
}

extern "C" void forget(std::function<void()>* kernel) { delete kernel; }

static void __syncthreads() { emulation::wait(emulation::at_block); }

namespace emulation {

// Give a thread the value of another one of its warp.
template <typename T>
T exchanged(unsigned mask, T value, unsigned from) {
    if (mask != 0xffffffffu || living % 32) fault = "a shuffle is meant for whole warps";
    memcpy(fibers[linear(threadIdx)].exchanged, &value, sizeof value);
    wait(at_warp);
    memcpy(&value, fibers[from].exchanged, sizeof value);
    wait(at_warp);  // all have read
    return value;
}

}  // namespace emulation

template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int lanes) {
    return emulation::exchanged(mask, value, emulation::linear(threadIdx) ^ lanes);
}

template <typename T>
T atomicAdd(T* place, T value) {
    T before = *place;
    *place = before + value;
    return before;
}

static unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)((unsigned __int128)a * b >> 64);
}

static float __uint_as_float(unsigned bits) {
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

static unsigned __float_as_uint(float x) {
    unsigned bits;
    memcpy(&bits, &x, 4);
    return bits;
}

static float float_of_half(unsigned short bits) {
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    float size = exponent == 31 ? (fraction ? NAN : INFINITY)
                 : exponent     ? std::ldexp((float)(fraction | 1024), exponent - 25)
                                : std::ldexp((float)fraction, -24);
    return bits & 0x8000 ? -size : size;
}

static unsigned short half_of_float(float x) {
    unsigned short sign = std::signbit(x) ? 0x8000 : 0;
    float size = std::fabs(x);
    if (x != x) return 0x7e00;
    if (size >= 65520) return sign | 0x7c00;
    int exponent;
    std::frexp(size, &exponent);
    if (exponent < -13) exponent = -13;  // subnormal
    float fraction = std::nearbyint(std::ldexp(size, 11 - exponent));  // of two to the even one
    if (fraction == 2048) {
        fraction = 1024;
        exponent++;
    }
    return sign | (unsigned short)(fraction < 1024 ? fraction : (exponent + 14) * 1024 + fraction - 1024);
}
