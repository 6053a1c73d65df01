// The target model of one object: what tells it from everything else in the first frame, a ridge classifier in closed form.
// The same as mobilevos/engine/target_model.py, for a single object.

private let ridge = 0.02

/// The classifier, channels + 1 numbers, of a frame's descriptor (channels, rows / 2, columns / 2) and mask (rows, columns).
func classifier(of descriptor: [Float], mask: [Float], rows: Int, columns: Int) -> [Float] {
    let pixels = rows / 2 * (columns / 2), channels = descriptor.count / pixels
    var own = [Double](repeating: 0, count: pixels)
    for y in 0..<rows {
        for x in 0..<columns { own[y / 2 * (columns / 2) + x / 2] += Double(mask[y * columns + x]) / 4 }
    }
    let inside = own.reduce(0, +), outside = Double(pixels) - inside
    var equations = [[Double]](repeating: [Double](repeating: 0, count: channels + 2), count: channels + 1)
    var sample = [Double](repeating: 1, count: channels + 1)
    for pixel in 0..<pixels {  // the object weighs twice as much as the rest
        let weight = 2 * own[pixel] / (inside + 1) + (1 - own[pixel]) / (outside + 1)
        for c in 0..<channels { sample[c] = Double(descriptor[c * pixels + pixel]) }
        for i in 0...channels {
            for j in 0...channels { equations[i][j] += weight * sample[i] * sample[j] }
            equations[i][channels + 1] += weight * sample[i] * (2 * own[pixel] - 1)
        }
    }
    for i in 0...channels { equations[i][i] += ridge }
    for pivot in 0...channels {  // Gauss-Jordan; the matrix is positive definite
        let scale = equations[pivot][pivot]
        for j in pivot...(channels + 1) { equations[pivot][j] /= scale }
        for i in 0...channels where i != pivot {
            let factor = equations[i][pivot]
            for j in pivot...(channels + 1) { equations[i][j] -= factor * equations[pivot][j] }
        }
    }
    return equations.map { Float($0[channels + 1]) }
}
