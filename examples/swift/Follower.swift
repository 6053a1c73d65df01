// Follow an object with Core ML. Not compiled in our tests: written against Apple's documented API.
//
//   mobilevos export lite0 --to coreml --precision fp16 --size 256x448 -o model/
//
// Add query, read and memorise.mlpackage to the app; Xcode compiles them to .mlmodelc.
//
//   let follower = try Follower(height: 256, width: 448)
//   try follower.start(pixels, mask: mask)       // mask: 64 x 112 floats in 0..1, a quarter of the size
//   let mask = try follower.step(nextPixels)     // 64 x 112 probabilities; enlarge them over the picture
import CoreML

final class Follower {
    enum Mistake: Error { case modelMissing(String), notStarted }

    private let query, read, memorise: MLModel
    private let height, width: Int
    private var memory: [String: MLFeatureValue] = [:]  // first_*, previous_*, classifier
    private var masks: MLMultiArray

    init(height: Int, width: Int, bundle: Bundle = .main) throws {
        func load(_ name: String) throws -> MLModel {
            guard let url = bundle.url(forResource: name, withExtension: "mlmodelc") else { throw Mistake.modelMissing(name) }
            return try MLModel(contentsOf: url)
        }
        (query, read, memorise) = (try load("query"), try load("read"), try load("memorise"))
        (self.height, self.width) = (height, width)
        masks = try MLMultiArray(shape: [1, height / 4, width / 4] as [NSNumber], dataType: .float32)
    }

    /// Begin with a frame, RGBA bytes of the model's size, and the object's mask at a quarter of it.
    func start(_ frame: [UInt8], mask: [Float]) throws {
        for (index, value) in mask.enumerated() { masks[index] = NSNumber(value: value) }
        let features = try run(query, ["frame": pixels(frame)])
        let value = try remember(features)
        for when in ["first", "previous"] { (memory["\(when)_key"], memory["\(when)_value"]) = (features["key"], value) }
        memory["classifier"] = nil
        guard let seen = features["descriptor"]?.multiArrayValue else { return }  // only networks with target models have it
        let descriptor = (0..<seen.count).map { seen[$0].floatValue }
        let found = classifier(of: descriptor, mask: mask, rows: height / 4, columns: width / 4)
        let array = try MLMultiArray(shape: [1, found.count] as [NSNumber], dataType: .float32)
        for (index, value) in found.enumerated() { array[index] = NSNumber(value: value) }
        memory["classifier"] = MLFeatureValue(multiArray: array)
    }

    /// Probabilities of the object in the next frame, at a quarter of the model's size.
    func step(_ frame: [UInt8]) throws -> [Float] {
        guard !memory.isEmpty else { throw Mistake.notStarted }
        let features = try run(query, ["frame": pixels(frame)])
        var given = features.merging(memory) { _, new in new }
        given["prior"] = MLFeatureValue(multiArray: masks)
        guard let found = try run(read, given)["probability"]?.multiArrayValue else { throw Mistake.modelMissing("read") }
        masks = found
        let probabilities = (0..<found.count).map { found[$0].floatValue }
        // A frame without the object would teach the memory that there is only background.
        if probabilities.contains(where: { $0 > 0.5 }) {
            (memory["previous_key"], memory["previous_value"]) = (features["key"], try remember(features))
        }
        return probabilities
    }

    private func remember(_ features: [String: MLFeatureValue]) throws -> MLFeatureValue? {
        var given = features
        given["masks"] = MLFeatureValue(multiArray: masks)
        return try run(memorise, given)["value"]
    }

    /// A model is given those of the values that it has inputs for.
    private func run(_ model: MLModel, _ values: [String: MLFeatureValue]) throws -> [String: MLFeatureValue] {
        let names = model.modelDescription.inputDescriptionsByName.keys
        let given = try MLDictionaryFeatureProvider(dictionary: values.filter { names.contains($0.key) })
        let outputs = try model.prediction(from: given)
        return outputs.featureNames.reduce(into: [:]) { $0[$1] = outputs.featureValue(for: $1) }
    }

    /// (1, 3, height, width), RGB, 0..255.
    private func pixels(_ rgba: [UInt8]) throws -> MLFeatureValue {
        let array = try MLMultiArray(shape: [1, 3, height, width] as [NSNumber], dataType: .float32)
        let planes = array.dataPointer.bindMemory(to: Float32.self, capacity: array.count)
        let size = height * width
        for index in 0..<size {
            for channel in 0..<3 { planes[channel * size + index] = Float32(rgba[4 * index + channel]) }
        }
        return MLFeatureValue(multiArray: array)
    }
}
