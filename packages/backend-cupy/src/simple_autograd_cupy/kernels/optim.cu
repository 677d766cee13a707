// Steps of optimizers on all parameters of a block at once: the state is flat, the parameters and gradients are many
// arrays, whose addresses come along as an argument. One thread updates one element.

const int MOST = 120;  // launching arguments have 4 KiB

struct Tensors {
    Scalar* parameters[MOST];
    const Scalar* gradients[MOST];
    long long ends[MOST];  // of each tensor in the flat state
    long long start, count;
    int widths[MOST];  // of the rows, where a gradient lies column by column; 0 where it lies as its parameter does
};

// Where an element of the flat state lies: in which tensor, and where in that.
struct Element {
    Scalar* parameter;
    Real gradient;

    __device__ Element(const Tensors& tensors, long long i, Real weight_decay, bool maximize) {
        int low = 0, high = (int)tensors.count - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            if (i < tensors.ends[middle]) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        long long begin = low ? tensors.ends[low - 1] : tensors.start;
        unsigned place = i - begin, width = tensors.widths[low];
        parameter = tensors.parameters[low] + place;
        if (width) place = place % width * ((unsigned)(tensors.ends[low] - begin) / width) + place / width;
        gradient = real(tensors.gradients[low][place]);
        if (maximize) gradient = -gradient;
        if (weight_decay != 0) gradient += weight_decay * real(*parameter);
    }
};

// Kingma and Ba, 2015; with a share of the parameters that is `kept`, Loshchilov and Hutter, 2019. The numbers `rest`
// are what is left of 1, `size` is lr without the bias of the mean, `correction2` the bias of the squares: what is
// computed from Python's numbers is computed there, since many GPUs have few units for doubles.
extern "C" __global__ void adam_step(
    const Tensors tensors, Scalar* exp_avg, Scalar* exp_avg_sq, Scalar* max_exp_avg_sq, double beta1, double rest1,
    double beta2, double rest2, double size, double correction2, double eps, double weight_decay, double kept,
    long long maximize
) {
    long long i = tensors.start + own_place();
    if (i >= tensors.ends[tensors.count - 1]) return;
    Element element(tensors, i, weight_decay, maximize);
    Real gradient = element.gradient;
    Real mean = Real(beta1) * real(exp_avg[i]) + Real(rest1) * gradient;
    Real square = Real(beta2) * real(exp_avg_sq[i]) + Real(rest2) * gradient * gradient;
    exp_avg[i] = scalar(mean);
    exp_avg_sq[i] = scalar(square);
    if (max_exp_avg_sq) {
        Real largest = Largest()(real(max_exp_avg_sq[i]), square);
        max_exp_avg_sq[i] = scalar(largest);
        square = largest;
    }
    Real deviation = sqrt(square / Real(correction2));
    Real held = real(*element.parameter) * Real(kept);
    *element.parameter = scalar(held - Real(size) * mean / (deviation + Real(eps)));
}

extern "C" __global__ void sgd_step(
    const Tensors tensors, Scalar* momentum_buffer, double lr, double momentum, double rest, double weight_decay,
    long long nesterov, long long maximize
) {
    long long i = tensors.start + own_place();
    if (i >= tensors.ends[tensors.count - 1]) return;
    Element element(tensors, i, weight_decay, maximize);
    Real update = element.gradient;
    if (momentum_buffer) {
        Real velocity = Real(momentum) * real(momentum_buffer[i]) + Real(rest) * update;
        momentum_buffer[i] = scalar(velocity);
        update = nesterov ? update + Real(momentum) * velocity : velocity;
    }
    *element.parameter = scalar(real(*element.parameter) - Real(lr) * update);
}
