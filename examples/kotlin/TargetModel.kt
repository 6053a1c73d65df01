// The target model of one object: what tells it from everything else in the first frame, a ridge classifier in closed form.
// The same as mobilevos/engine/target_model.py, for a single object.
package com.example.mobilevos

private const val RIDGE = 0.02

/** The classifier, channels + 1 numbers, of a frame's descriptor (channels, rows / 2, columns / 2) and mask (rows, columns). */
fun classifierOf(descriptor: FloatArray, mask: FloatArray, rows: Int, columns: Int): FloatArray {
    val pixels = rows / 2 * (columns / 2)
    val channels = descriptor.size / pixels
    val own = DoubleArray(pixels)
    for (y in 0 until rows) for (x in 0 until columns) own[y / 2 * (columns / 2) + x / 2] += mask[y * columns + x] / 4.0
    val inside = own.sum()
    val outside = pixels - inside
    val equations = Array(channels + 1) { DoubleArray(channels + 2) }
    val sample = DoubleArray(channels + 1) { 1.0 }
    for (pixel in 0 until pixels) { // the object weighs twice as much as the rest
        val weight = 2 * own[pixel] / (inside + 1) + (1 - own[pixel]) / (outside + 1)
        for (c in 0 until channels) sample[c] = descriptor[c * pixels + pixel].toDouble()
        for (i in 0..channels) {
            for (j in 0..channels) equations[i][j] += weight * sample[i] * sample[j]
            equations[i][channels + 1] += weight * sample[i] * (2 * own[pixel] - 1)
        }
    }
    for (i in 0..channels) equations[i][i] += RIDGE
    for (pivot in 0..channels) { // Gauss-Jordan; the matrix is positive definite
        for (j in channels + 1 downTo pivot) equations[pivot][j] /= equations[pivot][pivot]
        for (i in 0..channels) {
            if (i == pivot) continue
            for (j in channels + 1 downTo pivot) equations[i][j] -= equations[i][pivot] * equations[pivot][j]
        }
    }
    return FloatArray(channels + 1) { equations[it][channels + 1].toFloat() }
}
