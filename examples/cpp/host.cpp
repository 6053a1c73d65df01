// Follow an object with OpenVINO in C++.
//
//   mobilevos export lite0 --to openvino --size 256x448 -o model/
//   g++ -O2 -std=c++17 host.cpp -I$OPENVINO/include -L$OPENVINO/libs -l:libopenvino.so.VERSION -o host
//   ./host model/ frames.rgb mask.gray out.gray
//
// $OPENVINO is where OpenVINO is installed: `pip install openvino` brings headers and libraries along. frames.rgb holds
// frames of the model's size as RGB bytes one after the other, mask.gray the first frame's mask, 0 or 255; out.gray gets
// a mask at a quarter of the size for each frame.
#include <openvino/openvino.hpp>

#include "target_model.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

using Tensors = std::map<std::string, ov::Tensor>;

struct Step {
    ov::CompiledModel model;
    ov::InferRequest request;

    Step(ov::Core& core, const std::string& path)
        // Without the hint, OpenVINO computes in bfloat16 where the processor can, and loses masks.
        : model(core.compile_model(path, "CPU", ov::hint::inference_precision(ov::element::f32))),
          request(model.create_infer_request()) {}

    Tensors operator()(const Tensors& given) {
        for (const auto& port : model.inputs()) request.set_tensor(port, given.at(port.get_any_name()));
        request.infer();
        Tensors outputs;
        for (const auto& port : model.outputs()) {
            ov::Tensor copy(port.get_element_type(), port.get_shape());  // the next run writes to the same memory
            request.get_tensor(port).copy_to(copy);
            for (const auto& name : port.get_names()) outputs[name] = copy;  // compilers add names of their own
        }
        return outputs;
    }
};

int main(int count, char** arguments) {
    if (count != 5) return std::cerr << "usage: host MODEL FRAMES MASK OUT\n", 2;
    const std::string folder = arguments[1];
    ov::Core core;
    Step query(core, folder + "/query.xml"), read(core, folder + "/read.xml"), memorise(core, folder + "/memorise.xml");
    const ov::Shape shape = query.model.input().get_shape();  // 1, 3, height, width
    const size_t height = shape[2], width = shape[3], rows = height / 4, columns = width / 4;

    std::ifstream film(arguments[2], std::ios::binary), drawn(arguments[3], std::ios::binary);
    std::ofstream out(arguments[4], std::ios::binary);
    const std::vector<unsigned char> mask((std::istreambuf_iterator<char>(drawn)), {});
    if (mask.size() != height * width) return std::cerr << "the mask must have the model's size\n", 2;

    ov::Tensor masks(ov::element::f32, {1, rows, columns});
    std::fill_n(masks.data<float>(), rows * columns, 0.0f);
    for (size_t y = 0; y < height; ++y)
        for (size_t x = 0; x < width; ++x) masks.data<float>()[y / 4 * columns + x / 4] += mask[y * width + x] / 255.0f / 16;

    Tensors memory;  // first_key, first_value, previous_key, previous_value; classifier, of networks with target models
    std::vector<unsigned char> bytes(height * width * 3), result(rows * columns);
    while (film.read(reinterpret_cast<char*>(bytes.data()), bytes.size())) {
        ov::Tensor frame(ov::element::f32, shape);  // channels before rows before columns, 0..255
        for (size_t pixel = 0; pixel < height * width; ++pixel)
            for (size_t channel = 0; channel < 3; ++channel)
                frame.data<float>()[channel * height * width + pixel] = bytes[3 * pixel + channel];
        Tensors known = query({{"frame", frame}});
        const bool started = !memory.empty();
        if (started) {
            Tensors given = known;
            given.insert(memory.begin(), memory.end());
            given["prior"] = masks;
            masks = read(given).at("probability");
        }
        const float* probability = masks.data<float>();
        // A frame without the object would teach the memory that there is only background.
        if (!started || std::any_of(probability, probability + rows * columns, [](float p) { return p > 0.5f; })) {
            known["masks"] = masks;
            const ov::Tensor value = memorise(known).at("value");
            for (const std::string when : {"first", "previous"}) {
                if (started && when == "first") continue;
                memory[when + "_key"] = known.at("key");
                memory[when + "_value"] = value;
            }
            if (!started && known.count("descriptor")) {  // of networks with target models
                const ov::Tensor descriptor = known.at("descriptor");
                const size_t channels = descriptor.get_shape()[1];
                const auto found = classifier_of(descriptor.data<float>(), channels, masks.data<float>(), rows, columns);
                memory["classifier"] = ov::Tensor(ov::element::f32, {1, found.size()});
                std::copy(found.begin(), found.end(), memory["classifier"].data<float>());
            }
        }
        std::transform(probability, probability + rows * columns, result.begin(), [](float p) { return p > 0.5f ? 255 : 0; });
        out.write(reinterpret_cast<const char*>(result.data()), result.size());
    }
    return out ? 0 : 1;
}
