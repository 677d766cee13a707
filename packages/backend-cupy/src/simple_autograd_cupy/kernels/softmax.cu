// Softmax and its logarithm along an axis, and cross-entropy against class indices with its gradient.
//
// A sample has `classes` logits, `inner` places apart. Where they lie side by side, the threads along x share a sample;
// otherwise each thread has one of its own, and neighbours in memory are neighbours among threads.

struct Samples {
    unsigned count, classes, inner;

    __device__ unsigned place(unsigned s, unsigned c) const {
        return (s / inner * classes + c) * inner + s % inner;
    }
    __device__ unsigned first() const { return blockIdx.x * blockDim.y + threadIdx.y; }
    __device__ unsigned step() const { return gridDim.x * blockDim.y; }
};

// The largest logit of a sample, and the sum of the exponentials of all less that one.
struct Exponentials {
    Real largest, sum;

    __device__ Exponentials(const Scalar* x, Samples samples, unsigned s) {
        largest = -infinity();
        for (unsigned c = threadIdx.x; c < samples.classes; c += blockDim.x) {
            largest = Largest()(largest, real(x[samples.place(s, c)]));
        }
        largest = combined(largest, Largest(), -infinity());
        sum = 0;
        for (unsigned c = threadIdx.x; c < samples.classes; c += blockDim.x) {
            sum += exp(real(x[samples.place(s, c)]) - largest);
        }
        sum = total(sum);
    }
};

extern "C" __global__ void softmax(
    const Scalar* x, Scalar* out, long long count, long long classes, long long inner, long long logarithm
) {
    Samples samples = {(unsigned)count, (unsigned)classes, (unsigned)inner};
    for (unsigned s = samples.first(); s < samples.count; s += samples.step()) {
        Exponentials found(x, samples, s);
        Real log_sum = log(found.sum);
        for (unsigned c = threadIdx.x; c < samples.classes; c += blockDim.x) {
            Real shifted = real(x[samples.place(s, c)]) - found.largest;
            out[samples.place(s, c)] = scalar(logarithm ? shifted - log_sum : exp(shifted) / found.sum);
        }
    }
}

// What a sample shall be: its class gets the class's weight, smoothed; an ignored one gets nothing at all.
struct Target {
    const Scalar* weight;
    long long own;
    unsigned classes;
    Real smoothing;
    bool known, wrong;

    __device__ Target(const Scalar* weight, long long own, Samples samples, long long ignored, Real smoothing)
        : weight(weight), own(own), classes(samples.classes), smoothing(smoothing), known(own != ignored),
          wrong(known && (own < 0 || own >= samples.classes)) {}

    __device__ Real factor(unsigned c) const { return weight ? real(weight[c]) : Real(1); }

    // The probability that class c has in it, times its weight.
    __device__ Real share(unsigned c) const {
        if (!known) return 0;
        return factor(c) * ((c == own ? 1 - smoothing : Real(0)) + smoothing / classes);
    }

    // What the sample counts in a mean. What is no class at all makes everything NaN.
    __device__ Real count() const { return wrong ? not_a_number() : known ? factor(own) : Real(0); }
};

extern "C" __global__ void cross_entropy(
    const Scalar* x, const long long* targets, const Scalar* weight, Scalar* probabilities, Real* losses,
    long long count, long long classes, long long inner, long long ignored, double smoothing
) {
    Samples samples = {(unsigned)count, (unsigned)classes, (unsigned)inner};
    for (unsigned s = samples.first(); s < samples.count; s += samples.step()) {
        Exponentials found(x, samples, s);
        Target target(weight, targets[s], samples, ignored, smoothing);
        Real log_sum = log(found.sum), loss = 0;
        for (unsigned c = threadIdx.x; c < samples.classes; c += blockDim.x) {
            Real shifted = real(x[samples.place(s, c)]) - found.largest, share = target.share(c);
            probabilities[samples.place(s, c)] = scalar(exp(shifted) / found.sum);
            // Where the share is 0 nothing counts, not even a logit of minus infinity.
            if (share != 0) loss += share * (log_sum - shifted);
        }
        loss = total(loss);
        if (threadIdx.x == 0) losses[s] = target.wrong ? not_a_number() : loss;
    }
}

// What this thread's share of the samples counts in a mean.
__device__ Real counted_by_thread(const long long* targets, const Scalar* weight, Samples samples, long long ignored) {
    Real sum = 0;
    for (unsigned s = threadIdx.x; s < samples.count; s += blockDim.x) {
        sum += Target(weight, targets[s], samples, ignored, 0).count();
    }
    return sum;
}

// What the losses of a mean are divided by, in one block.
extern "C" __global__ void counted(
    const long long* targets, const Scalar* weight, Real* out, long long count, long long classes, long long ignored
) {
    Samples samples = {(unsigned)count, (unsigned)classes, 1};
    Real sum = total(counted_by_thread(targets, weight, samples, ignored));
    if (threadIdx.x == 0) *out = sum;
}

// The sum of losses, or their mean by what the samples count, in one block.
extern "C" __global__ void reduced(
    const Real* losses, const long long* targets, const Scalar* weight, Scalar* out, long long count,
    long long classes, long long ignored, long long mean
) {
    Samples samples = {(unsigned)count, (unsigned)classes, 1};
    Real sum = 0, divisor = 1;
    for (unsigned s = threadIdx.x; s < samples.count; s += blockDim.x) sum += losses[s];
    sum = total(sum);
    if (mean) divisor = total(counted_by_thread(targets, weight, samples, ignored));
    if (threadIdx.x == 0) *out = scalar(sum / (divisor == 0 ? not_a_number() : divisor));
}

extern "C" __global__ void cross_entropy_backward(
    const Scalar* loss_grad, const Scalar* probabilities, const long long* targets, const Scalar* weight,
    const Real* divisor, Scalar* out, long long count, long long classes, long long inner, long long ignored,
    double smoothing, long long one_for_each
) {
    Samples samples = {(unsigned)count, (unsigned)classes, (unsigned)inner};
    Real divided = divisor && *divisor != 0 ? *divisor : Real(1);
    for (unsigned s = samples.first(); s < samples.count; s += samples.step()) {
        Target target(weight, targets[s], samples, ignored, smoothing);
        Real shares = 0, above = real(loss_grad[one_for_each ? s : 0]) / divided;
        for (unsigned c = threadIdx.x; c < samples.classes; c += blockDim.x) shares += target.share(c);
        shares = target.wrong ? not_a_number() : total(shares);
        for (unsigned c = threadIdx.x; c < samples.classes; c += blockDim.x) {
            unsigned place = samples.place(s, c);
            out[place] = scalar(above * (real(probabilities[place]) * shares - target.share(c)));
        }
    }
}
