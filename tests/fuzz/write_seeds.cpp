// SPDX-License-Identifier: MIT

// Writes the seed corpus: for each fuzz target a folder with one good file of each kind and all malformed files of the tests.
//
//     write_seeds FOLDER

#include <filesystem>
#include <fstream>
#include <string>

#include "../io/legacy_defects.hpp"
#include "../io/npz_defects.hpp"
#include "../io/pickle_defects.hpp"
#include "../io/safetensors_defects.hpp"
#include "../io/writers.hpp"
#include "../io/zip_defects.hpp"

using namespace tessera::test;

namespace {

class Corpus {
 public:
  explicit Corpus(std::filesystem::path folder) : folder_(std::move(folder)) { std::filesystem::create_directories(folder_); }
  void add(const std::string& bytes) {
    constexpr std::size_t longest = 20'000;  // long seeds make a fuzzer slow
    if (bytes.size() <= longest) std::ofstream(folder_ / std::to_string(count_++), std::ios::binary) << bytes;
  }
  void add(const std::vector<Defect>& defects) {
    for (const Defect& defect : defects) add(defect.bytes);
  }
  void add_files(const std::filesystem::path& from, std::initializer_list<const char*> endings) {
    for (const auto& entry : std::filesystem::directory_iterator(from))
      for (const char* const ending : endings)
        if (entry.path().extension() == ending) add(read_file(entry.path()));
  }

 private:
  std::filesystem::path folder_;
  int count_ = 0;
};

}  // namespace

int main(int, char** argv) {
  using namespace pickle;
  const std::filesystem::path root = argv[1];
  const std::string floats = raw({1.0F, 2.0F}), state = dict(text("w") + tensor());

  Corpus tensors(root / "safetensors");
  tensors.add(
      safetensors(R"({"__metadata__":{"labels":"[\"a\"]"},"stem/kernel":{"dtype":"F16","shape":[1,1,2,2],"data_offsets":[0,8]}})", floats));
  tensors.add(R"({"module.stem.proj.weight":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]}})" + floats);
  tensors.add(safetensors_defects());

  Corpus pth_files(root / "pickle_pth");
  for (const std::string& value :
       {state, dict(text("model") + state + text("args") + global("argparse", "Namespace") + ")\x81}b"),
        ordered_dict + '(' + text("p") + global("torch._utils", "_rebuild_parameter") + tuple(tensor() + '\x88' + ordered_dict) + "Ru",
        dict(text("v") + tensor(storage("1", "HalfStorage", 6), number(1), numbers({2, 2}), numbers({1, 2}))),
        dict(text("model_ema") + dict(text("module.w") + tensor()) + text("model") + dict(text("w") + tensor())),
        dict(text("state") + global("my", "Dict") + ")\x81(" + text("net") + state + "u" + text("set") + "\x8f(NN\x90" + text("b") +
             "C\3abc"),
        dict("\x8c\1w\x94" + global("torch._utils", "_rebuild_tensor_v3") +
             tuple(storage("0", "UntypedStorage", 4) + number(0) + numbers({2}) + numbers({1}) + '\x89' + ordered_dict +
                   global("torch", "uint16")) +
             'R'),
        dict(text("n") + rebuild +
             tuple(storage() + number(0) + numbers({2}) + numbers({1}) + '\x89' + ordered_dict + dict(text("neg") + '\x88')) + 'R'),
        dict(text("t") + text("torch._tensor") + text("_rebuild_from_type_v2") + "\x93" +
             tuple(rebuild + global("my", "Tensor") + tuple(storage() + number(0) + numbers({2}) + numbers({1}) + '\x89' + ordered_dict) +
                   "}") +
             'R')}) {
    pth_files.add(document(value));
    pth_files.add(pth_with(value));
  }
  pth_files.add(legacy(state, list(text("0")), raw(std::int64_t{2}) + floats));
  pth_files.add(pickle_defects());
  for (const Defect& defect : pickle_defects())  // the pickles alone
    if (const std::size_t begin = defect.bytes.find('\x80'); begin != std::string::npos) pth_files.add(defect.bytes.substr(begin));
  pth_files.add(zip_defects());
  pth_files.add(legacy_defects());
  pth_files.add_files(std::filesystem::path(TESSERA_TEST_DATA) / "io", {".pth"});

  Corpus arrays(root / "npz");
  arrays.add(npy(npy_dict("<f4", "(2,)"), floats));
  arrays.add(npy(npy_dict("<f2", "(2, 2)", "True"), floats, '\2'));
  arrays.add(zip_of({deflated_member("a/b.npy", npy(npy_dict("|V2", "(1, 4)"), floats))}));
  arrays.add(zip_of({{"a.npy", npy(npy_dict(">f4", "(2L,)"), floats)},
                     {"README", "x"},
                     {"d/", ""},
                     {"b.npy", npy(npy_dict("<U2", "(1,)"), "12345678")}}));
  arrays.add(npz_defects());
  arrays.add(zip_defects());
  arrays.add_files(std::filesystem::path(TESSERA_TEST_DATA) / "io", {".npz"});

  Corpus images(root / "image");
  images.add_files(std::filesystem::path(TESSERA_TEST_DATA) / "vision", {".png", ".jpg"});
  images.add_files(std::filesystem::path(TESSERA_TEST_DATA) / "vision" / "damaged", {".png", ".jpg"});

  Corpus labels(root / "labels");
  for (const std::string& text :
       {std::string("cat\ndog\r\n"), std::string(R"(["cat","dog \u00e9"])"),
        std::string(R"({"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]})"),
        std::string(R"({"id2label": {"1": "dog", "0": "cat"}, "label_names": ["n1"], "label_descriptions": {"n1": "x"}})"),
        std::string("{0: 'tench', 1: u'd\\xe9', 2: ('a' r'b'), 3: -1.5e3, 4: None}  # end"), std::string("index,label\n0,\"a, b\"\n1,c\n"),
        std::string("names:\n- a\n- b\n"), std::string("a,0\nb,1\n"), std::string("n01440764 tench\nn01443537 goldfish\n"),
        std::string("\xFF\xFE"
                    "a\0\n\0b\0",
                    8),
        std::string(R"({"architecture":"a","num_classes":2,"label_names":["x","y"],"pretrained_cfg":{"input_size":[3,8,8],)"
                    R"("interpolation":"bicubic","crop_pct":0.9,"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5]}})"),
        std::string(R"({"seed":"0x1","images":1,"logits":[[1,2.5e-3]],"tolerance":1e-4})")})
    for (const char reader : {'0', '1', '2', '3', '4'}) labels.add(reader + text);
}
