// The target model of one object: what tells it from everything else in the first frame, a ridge classifier in closed form.
// The same as mobilevos/engine/target_model.py, for a single object.
#pragma once

#include <algorithm>
#include <vector>

constexpr double RIDGE = 0.02;

// The classifier, channels + 1 numbers, of a frame's descriptor (channels, rows / 2, columns / 2) and mask (rows, columns).
inline std::vector<float> classifier_of(const float* descriptor, size_t channels, const float* mask, size_t rows, size_t columns) {
    const size_t pixels = rows / 2 * (columns / 2), size = channels + 1;
    std::vector<double> own(pixels), sample(size, 1.0), equations(size * (size + 1));
    for (size_t y = 0; y < rows; ++y)
        for (size_t x = 0; x < columns; ++x) own[y / 2 * (columns / 2) + x / 2] += mask[y * columns + x] / 4;
    double inside = 0;
    for (double share : own) inside += share;
    const double outside = pixels - inside;
    const auto at = [&](size_t i, size_t j) -> double& { return equations[i * (size + 1) + j]; };
    for (size_t pixel = 0; pixel < pixels; ++pixel) {  // the object weighs twice as much as the rest
        const double weight = 2 * own[pixel] / (inside + 1) + (1 - own[pixel]) / (outside + 1);
        for (size_t c = 0; c < channels; ++c) sample[c] = descriptor[c * pixels + pixel];
        for (size_t i = 0; i < size; ++i) {
            for (size_t j = 0; j < size; ++j) at(i, j) += weight * sample[i] * sample[j];
            at(i, size) += weight * sample[i] * (2 * own[pixel] - 1);
        }
    }
    for (size_t i = 0; i < size; ++i) at(i, i) += RIDGE;
    for (size_t pivot = 0; pivot < size; ++pivot) {  // Gauss-Jordan; the matrix is positive definite
        for (size_t j = size + 1; j-- > pivot;) at(pivot, j) /= at(pivot, pivot);
        for (size_t i = 0; i < size; ++i) {
            if (i == pivot) continue;
            for (size_t j = size + 1; j-- > pivot;) at(i, j) -= at(i, pivot) * at(pivot, j);
        }
    }
    std::vector<float> found(size);
    for (size_t i = 0; i < size; ++i) found[i] = static_cast<float>(at(i, size));
    return found;
}
