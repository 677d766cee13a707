// Pooling, and windows gathered and added up: everything that moves a window over the last one, two or three axes.
//
// Launches say it as three axes, the first ones of length one. Forward a thread has a window, backward an element: it
// asks the windows that it lies in, so that nothing is added by several threads and every result is the same each time.

struct Windows {
    int kernel[3], stride[3], dilation[3], before[3], lengths[3], counts[3];

    __device__ unsigned length() const { return lengths[0] * lengths[1] * lengths[2]; }
    __device__ unsigned count() const { return counts[0] * counts[1] * counts[2]; }
    __device__ int size() const { return kernel[0] * kernel[1] * kernel[2]; }

    // Call visit(position, place) for each element of window m that lies inside, in row-major order.
    template <typename Visit>
    __device__ void elements(unsigned m, Visit visit) const {
        int start[3];
        for (int axis = 2; axis >= 0; axis--) {
            start[axis] = (int)(m % counts[axis]) * stride[axis] - before[axis];
            m /= counts[axis];
        }
        int position = 0;
        for (int i = 0; i < kernel[0]; i++) {
            int z = start[0] + i * dilation[0];
            for (int j = 0; j < kernel[1]; j++) {
                int y = start[1] + j * dilation[1];
                for (int k = 0; k < kernel[2]; k++, position++) {
                    int x = start[2] + k * dilation[2];
                    bool inside = z >= 0 && z < lengths[0] && y >= 0 && y < lengths[1] && x >= 0 && x < lengths[2];
                    if (inside) visit(position, (z * lengths[1] + y) * lengths[2] + x);
                }
            }
        }
    }

    // Call visit(position, m) for each window that has element e, at that position, in row-major order of positions.
    template <typename Visit>
    __device__ void windows(unsigned e, Visit visit) const {
        int own[3], met[3];
        for (int axis = 2; axis >= 0; axis--) {
            own[axis] = (int)(e % lengths[axis]) + before[axis];
            e /= lengths[axis];
        }
        int position = 0;
        for (int i = 0; i < kernel[0]; i++) {
            for (int j = 0; j < kernel[1]; j++) {
                for (int k = 0; k < kernel[2]; k++, position++) {
                    int at[3] = {i, j, k};
                    bool found = true;
                    for (int axis = 0; axis < 3; axis++) {
                        int distance = own[axis] - at[axis] * dilation[axis];
                        met[axis] = distance / stride[axis];
                        found = found && distance >= 0 && distance % stride[axis] == 0 && met[axis] < counts[axis];
                    }
                    if (found) visit(position, (met[0] * counts[1] + met[1]) * counts[2] + met[2]);
                }
            }
        }
    }
};

// Winners are bytes, where a window has no more elements than these can count, or long integers.
struct Winners {
    unsigned char* bytes;
    long long* integers;

    __device__ int get(unsigned place) const { return bytes ? (int)bytes[place] : (int)integers[place]; }
    __device__ void set(unsigned place, int winner) const {
        if (bytes) {
            bytes[place] = (unsigned char)winner;
        } else {
            integers[place] = winner;
        }
    }
};

extern "C" __global__ void max_pool(
    const Scalar* x, Scalar* largest, unsigned char* bytes, long long* integers, const Windows over, long long count
) {
    unsigned own = own_place(), plane = own / over.count();
    if (own >= count) return;
    Real held = -infinity();
    int winner = -1;
    x += plane * over.length();
    over.elements(own % over.count(), [&](int position, unsigned place) {
        Real element = real(x[place]);
        if (element > held || element != element) {
            held = element;
            winner = position;
        } else if (winner < 0) {
            winner = position;  // all are minus infinity so far
        }
    });
    largest[own] = scalar(held);
    Winners{bytes, integers}.set(own, winner < 0 ? 0 : winner);
}

extern "C" __global__ void place_winners(
    const Scalar* values, unsigned char* bytes, long long* integers, Scalar* out, const Windows over, long long count
) {
    unsigned own = own_place(), first = own / over.length() * over.count();
    if (own >= count) return;
    Winners winners = {bytes, integers};
    Real sum = 0;
    over.windows(own % over.length(), [&](int position, unsigned m) {
        if (winners.get(first + m) == position) sum += real(values[first + m]);
    });
    out[own] = scalar(sum);
}

extern "C" __global__ void sum_pool(const Scalar* x, Scalar* out, const Windows over, long long count) {
    unsigned own = own_place(), plane = own / over.count();
    if (own >= count) return;
    Real sum = 0;
    x += plane * over.length();
    over.elements(own % over.count(), [&](int, unsigned place) { sum += real(x[place]); });
    out[own] = scalar(sum);
}

extern "C" __global__ void spread_sums(const Scalar* values, Scalar* out, const Windows over, long long count) {
    unsigned own = own_place(), first = own / over.length() * over.count();
    if (own >= count) return;
    Real sum = 0;
    over.windows(own % over.length(), [&](int, unsigned m) { sum += real(values[first + m]); });
    out[own] = scalar(sum);
}

// A thread for each window, which writes all of it: (planes, size, windows); 0 where it is empty.
extern "C" __global__ void unfold_windows(const Scalar* x, Scalar* out, const Windows over, long long count) {
    unsigned own = own_place(), windows = over.count(), plane = own / windows;
    if (own >= count) return;
    x += plane * over.length();
    out += plane * over.size() * windows + own % windows;
    for (int position = 0; position < over.size(); position++) out[position * windows] = scalar(0);
    over.elements(own % windows, [&](int position, unsigned place) { out[position * windows] = x[place]; });
}

extern "C" __global__ void fold_windows(const Scalar* columns, Scalar* out, const Windows over, long long count) {
    unsigned own = own_place(), windows = over.count();
    if (own >= count) return;
    columns += own / over.length() * over.size() * windows;
    Real sum = 0;
    over.windows(own % over.length(), [&](int position, unsigned m) { sum += real(columns[position * windows + m]); });
    out[own] = scalar(sum);
}
