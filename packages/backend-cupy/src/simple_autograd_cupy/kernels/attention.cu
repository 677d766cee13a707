// Attention around its products: heads cut out of rows, joined to rows, or made dense where they lie scattered, and the
// softmax of scores with its gradient.
//
// Scores are (..., queries, keys), a row for each query; the threads along x share one. They are written over.

// An array with up to four axes, to be copied to where its elements lie in order, but for `skipped` places after each
// `width` of them.
struct Scattered {
    const Scalar* from;
    Scalar* to;
    long long steps[4];
    int lengths[4];
    unsigned width, skipped;
};

// Several of them; blockIdx.y says which one.
struct Several {
    Scattered arrays[4];
};

extern "C" __global__ void gather(const Several all) {
    const Scattered& array = all.arrays[blockIdx.y];
    unsigned own = own_place(), rest = own;
    long long place = 0;
    for (int axis = 3; axis >= 0; axis--) {
        unsigned length = array.lengths[axis];
        place += rest % length * array.steps[axis];
        rest /= length;
    }
    if (!rest) array.to[own + own / array.width * array.skipped] = array.from[place];
}

// Which keys a query sees, as booleans, or as numbers that are added to the scores; how far apart they lie by axis.
struct Mask {
    const bool* seen;
    const Scalar* added;
    long long steps[4], heads, queries;
    bool causal;

    // Where the mask of a row begins.
    __device__ long long begin(unsigned row) const {
        unsigned head = row / (unsigned)queries, query = row % (unsigned)queries;
        return head / (unsigned)heads * steps[0] + head % (unsigned)heads * steps[1] + query * steps[2];
    }
    __device__ Real apply(Real score, unsigned row, unsigned key) const {
        if (causal && key > row % (unsigned)queries) return -infinity();
        if (seen) return seen[begin(row) + key * steps[3]] ? score : -infinity();
        return added ? score + real(added[begin(row) + key * steps[3]]) : score;
    }
};

extern "C" __global__ void attention(
    Scalar* scores, const bool* seen, const Scalar* added, const Scalar* kept, Scalar* weights,
    long long step0, long long step1, long long step2, long long step3, long long heads, long long queries,
    long long causal, long long rows, long long keys
) {
    Mask mask = {seen, added, {step0, step1, step2, step3}, heads, queries, causal != 0};
    for (unsigned row = blockIdx.x * blockDim.y + threadIdx.y; row < rows; row += gridDim.x * blockDim.y) {
        Scalar* own = scores + row * (unsigned)keys;
        Real largest = -infinity(), sum = 0;
        for (unsigned key = threadIdx.x; key < keys; key += blockDim.x) {
            largest = Largest()(largest, mask.apply(real(own[key]), row, key));
        }
        largest = combined(largest, Largest(), -infinity());
        // Where no key is seen, all exponentials shall be 0 and not NaN.
        if (largest == -infinity()) largest = 0;
        for (unsigned key = threadIdx.x; key < keys; key += blockDim.x) {
            sum += exp(mask.apply(real(own[key]), row, key) - largest);
        }
        sum = total(sum);
        if (sum == 0) sum = 1;
        for (unsigned key = threadIdx.x; key < keys; key += blockDim.x) {
            Real probability = exp(mask.apply(real(own[key]), row, key) - largest) / sum;
            unsigned place = row * (unsigned)keys + key;
            own[key] = scalar(probability);
            if (kept) weights[place] = scalar(probability * real(kept[place]));
        }
    }
}

// From the gradient of the weights, which is written over, that of the scores; and the weights once more, if some are
// not kept.
extern "C" __global__ void attention_backward(
    const Scalar* probabilities, const Scalar* kept, Scalar* above, Scalar* weights, long long rows, long long keys
) {
    for (unsigned row = blockIdx.x * blockDim.y + threadIdx.y; row < rows; row += gridDim.x * blockDim.y) {
        unsigned begin = row * (unsigned)keys;
        Real sum = 0;
        for (unsigned key = threadIdx.x; key < keys; key += blockDim.x) {
            unsigned place = begin + key;
            sum += real(probabilities[place]) * real(above[place]) * (kept ? real(kept[place]) : Real(1));
        }
        sum = total(sum);
        for (unsigned key = threadIdx.x; key < keys; key += blockDim.x) {
            unsigned place = begin + key;
            Real probability = real(probabilities[place]), factor = kept ? real(kept[place]) : Real(1);
            if (kept) weights[place] = scalar(probability * factor);
            above[place] = scalar(probability * (real(above[place]) * factor - sum));
        }
    }
}
