// Layer, RMS, group, instance and batch norm: statistics of groups of elements, and what they make of the elements.
//
// A group has `size` elements in runs of `run` that lie side by side: those of layer norm are rows, one run each; those
// of batch norm are channels, with a run for each sample. Statistics are two passes over a group that the cache holds,
// or, where there are few long groups, over chunks whose statistics are combined (Chan and others, 1983): blockIdx.y
// says which chunk. Elements find their weight, of `channels` ones, by their place: (place / inner) % channels.

struct Groups {
    unsigned count, size, run;

    // Where in memory element i of group g lies.
    __device__ unsigned place(unsigned g, unsigned i) const {
        return i / run * (count * run) + g * run + i % run;
    }
};

struct Weights {
    const Scalar *weight, *bias;
    unsigned channels, inner;

    __device__ Real factor(unsigned place) const {
        return weight ? real(weight[place / inner % channels]) : Real(1);
    }
    __device__ Real summand(unsigned place) const {
        return bias ? real(bias[place / inner % channels]) : Real(0);
    }
};

// Of a part of a group: from which element to which, and in how many parts there are.
struct Chunk {
    unsigned begin, end;

    __device__ Chunk(unsigned size, unsigned index, unsigned parts) {
        unsigned length = (size + parts - 1) / parts;
        begin = smaller(index * length, size);
        end = smaller(begin + length, size);
    }
    __device__ unsigned size() const { return end - begin; }
};

// Mean, and the sum of the squares of what deviates from it.
struct Moments {
    Real mean, squares;
};

__device__ Moments moments(
    const Scalar* x, Groups groups, unsigned g, Chunk chunk, bool centered
) {
    Moments found = {0, 0};
    if (centered) {
        Real sum = 0;
        for (unsigned i = chunk.begin + threadIdx.x; i < chunk.end; i += blockDim.x) {
            sum += real(x[groups.place(g, i)]);
        }
        sum = total(sum);
        found.mean = chunk.size() ? sum / chunk.size() : Real(0);
    }
    Real squares = 0;
    for (unsigned i = chunk.begin + threadIdx.x; i < chunk.end; i += blockDim.x) {
        Real deviation = real(x[groups.place(g, i)]) - found.mean;
        squares += deviation * deviation;
    }
    found.squares = total(squares);
    return found;
}

__device__ void write_normal(
    const Scalar* x, Weights weights, Scalar* out, Scalar* normal, Real* mean, Real* var, Groups groups, unsigned g,
    Chunk chunk, Moments found, Real eps
) {
    Real variance = found.squares / groups.size, factor = 1 / sqrt(variance + eps);
    for (unsigned i = chunk.begin + threadIdx.x; i < chunk.end; i += blockDim.x) {
        unsigned place = groups.place(g, i);
        Real z = (real(x[place]) - found.mean) * factor;
        normal[place] = scalar(z);
        if (out) out[place] = scalar(z * weights.factor(place) + weights.summand(place));
    }
    if (threadIdx.x == 0 && chunk.begin == 0) {
        mean[g] = found.mean;
        var[g] = variance;
    }
}

extern "C" __global__ void standardize(
    const Scalar* x, const Scalar* weight, const Scalar* bias, Scalar* out, Scalar* normal, Real* mean, Real* var,
    long long count, long long size, long long run, long long channels, long long inner, double eps, long long centered
) {
    Groups groups = {(unsigned)count, (unsigned)size, (unsigned)run};
    Weights weights = {weight, bias, (unsigned)channels, (unsigned)inner};
    Chunk all(groups.size, 0, 1);
    for (unsigned g = blockIdx.x * blockDim.y + threadIdx.y; g < groups.count; g += gridDim.x * blockDim.y) {
        Moments found = moments(x, groups, g, all, centered);
        write_normal(x, weights, out, normal, mean, var, groups, g, all, found, eps);
    }
}

extern "C" __global__ void chunk_moments(
    const Scalar* x, Real* parts, long long count, long long size, long long run, long long centered
) {
    Groups groups = {(unsigned)count, (unsigned)size, (unsigned)run};
    Moments found = moments(x, groups, blockIdx.x, Chunk(groups.size, blockIdx.y, gridDim.y), centered);
    if (threadIdx.x == 0) {
        Real* part = parts + 2 * (blockIdx.x * gridDim.y + blockIdx.y);
        part[0] = found.mean;
        part[1] = found.squares;
    }
}

extern "C" __global__ void standardize_by_chunks(
    const Scalar* x, const Scalar* weight, const Scalar* bias, Scalar* out, Scalar* normal, Real* mean, Real* var,
    const Real* parts, long long count, long long size, long long run, long long channels, long long inner, double eps
) {
    Groups groups = {(unsigned)count, (unsigned)size, (unsigned)run};
    Weights weights = {weight, bias, (unsigned)channels, (unsigned)inner};
    parts += 2 * blockIdx.x * gridDim.y;
    Moments found = {0, 0};
    for (unsigned p = 0; p < gridDim.y; p++) {
        found.mean += parts[2 * p] * Chunk(groups.size, p, gridDim.y).size() / groups.size;
    }
    for (unsigned p = 0; p < gridDim.y; p++) {
        Real apart = parts[2 * p] - found.mean;
        found.squares += parts[2 * p + 1] + apart * apart * Chunk(groups.size, p, gridDim.y).size();
    }
    Chunk chunk(groups.size, blockIdx.y, gridDim.y);
    write_normal(x, weights, out, normal, mean, var, groups, blockIdx.x, chunk, found, eps);
}

// Backward -----------------------------------------------------------------------------------------------------------
//
// With h = above * weight and r = 1 / sqrt(var + eps), x gets r * (h - mean(h) - normal * mean(h * normal)).

// The sums of a gradient, and of its products with the normal values.
struct Sums {
    Real plain, products;
};

__device__ Sums sums(
    const Scalar* above, const Scalar* normal, Weights weights, Groups groups, unsigned g, Chunk chunk
) {
    Real plain = 0, products = 0;
    for (unsigned i = chunk.begin + threadIdx.x; i < chunk.end; i += blockDim.x) {
        unsigned place = groups.place(g, i);
        Real h = real(above[place]) * weights.factor(place);
        plain += h;
        if (normal) products += h * real(normal[place]);
    }
    plain = total(plain);
    return {plain, normal ? total(products) : products};
}

__device__ void write_gradient(
    const Scalar* above, const Scalar* normal, const Real* var, Weights weights, Scalar* for_x, Groups groups,
    unsigned g, Chunk chunk, Sums found, Real eps, bool centered
) {
    Real factor = 1 / sqrt(var[g] + eps);
    Real per_product = found.products / groups.size, mean = centered ? found.plain / groups.size : Real(0);
    for (unsigned i = chunk.begin + threadIdx.x; i < chunk.end; i += blockDim.x) {
        unsigned place = groups.place(g, i);
        Real h = real(above[place]) * weights.factor(place);
        for_x[place] = scalar(factor * (h - mean - real(normal[place]) * per_product));
    }
}

extern "C" __global__ void standardize_backward(
    const Scalar* above, const Scalar* weight, const Scalar* normal, const Real* var, Scalar* for_x, long long count,
    long long size, long long run, long long channels, long long inner, double eps, long long centered
) {
    Groups groups = {(unsigned)count, (unsigned)size, (unsigned)run};
    Weights weights = {weight, nullptr, (unsigned)channels, (unsigned)inner};
    Chunk all(groups.size, 0, 1);
    for (unsigned g = blockIdx.x * blockDim.y + threadIdx.y; g < groups.count; g += gridDim.x * blockDim.y) {
        Sums found = sums(above, normal, weights, groups, g, all);
        write_gradient(above, normal, var, weights, for_x, groups, g, all, found, eps, centered);
    }
}

// Hand over the sums of a channel, or one of its parts.
__device__ void give(Sums found, unsigned channel, Real* parts, Scalar* for_weight, Scalar* for_bias) {
    if (parts) {
        Real* part = parts + 2 * (channel * gridDim.y + blockIdx.y);
        part[0] = found.plain;
        part[1] = found.products;
    } else {
        if (for_weight) for_weight[channel] = scalar(found.products);
        for_bias[channel] = scalar(found.plain);
    }
}

extern "C" __global__ void chunk_sums(
    const Scalar* above, const Scalar* normal, Real* parts, Scalar* for_weight, Scalar* for_bias,
    const Scalar* weight, long long count, long long size, long long run, long long channels, long long inner
) {
    Groups groups = {(unsigned)count, (unsigned)size, (unsigned)run};
    Weights weights = {weight, nullptr, (unsigned)channels, (unsigned)inner};
    Sums found = sums(above, normal, weights, groups, blockIdx.x, Chunk(groups.size, blockIdx.y, gridDim.y));
    if (threadIdx.x == 0) give(found, blockIdx.x, parts, for_weight, for_bias);
}

// The parts are of the weighted gradient, or, where groups are the weights' channels, of the gradient itself.
extern "C" __global__ void standardize_backward_by_chunks(
    const Scalar* above, const Scalar* weight, const Scalar* normal, const Real* var, const Real* parts,
    Scalar* for_x, long long count, long long size, long long run, long long channels, long long inner, double eps,
    long long centered, long long weighted
) {
    Groups groups = {(unsigned)count, (unsigned)size, (unsigned)run};
    Weights weights = {weight, nullptr, (unsigned)channels, (unsigned)inner};
    unsigned g = blockIdx.x;
    parts += 2 * g * gridDim.y;
    Sums found = {0, 0};
    for (unsigned p = 0; p < gridDim.y; p++) {
        found.plain += parts[2 * p];
        found.products += parts[2 * p + 1];
    }
    if (!weighted) {
        Real factor = weights.factor(groups.place(g, 0));
        found.plain *= factor;
        found.products *= factor;
    }
    Chunk chunk(groups.size, blockIdx.y, gridDim.y);
    write_gradient(above, normal, var, weights, for_x, groups, g, chunk, found, eps, centered);
}

// The sums over columns of `rows` rows: the gradients of weights and biases of places in a row. Where several blocks
// share a column, they give parts of them.
extern "C" __global__ void column_sums(
    const Scalar* above, const Scalar* normal, Real* parts, Scalar* for_weight, Scalar* for_bias, long long rows,
    long long columns
) {
    __shared__ Real plain[32][33], products[32][33];
    unsigned column = blockIdx.x * 32 + threadIdx.x, step = blockDim.y * gridDim.y;
    Real sum = 0, product = 0;
    if (column < columns) {
        for (unsigned row = blockIdx.y * blockDim.y + threadIdx.y; row < rows; row += step) {
            unsigned place = row * (unsigned)columns + column;
            Real h = real(above[place]);
            sum += h;
            if (normal) product += h * real(normal[place]);
        }
    }
    plain[threadIdx.y][threadIdx.x] = sum;
    products[threadIdx.y][threadIdx.x] = product;
    __syncthreads();
    if (threadIdx.y || column >= columns) return;
    for (int y = 1; y < blockDim.y; y++) {
        sum += plain[y][threadIdx.x];
        product += products[y][threadIdx.x];
    }
    give({sum, product}, column, parts, for_weight, for_bias);
}

// The parts of each channel, added up: the gradients of weights and biases.
extern "C" __global__ void sum_parts(
    const Real* parts, Scalar* for_weight, Scalar* for_bias, long long count, long long channels
) {
    unsigned channel = own_place();
    if (channel >= channels) return;
    Real plain = 0, products = 0;
    for (unsigned p = 0; p < count; p++) {
        plain += parts[2 * (channel * count + p)];
        products += parts[2 * (channel * count + p) + 1];
    }
    if (for_weight) for_weight[channel] = scalar(products);
    for_bias[channel] = scalar(plain);
}
