// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/io/legacy_pth.hpp"
#include "tessera/io/npz.hpp"
#include "tessera/io/pth.hpp"
#include "tessera/io/read_tensors.hpp"
#include "tessera/io/safetensors.hpp"
#include "tessera/io/shards.hpp"
#include "tessera/io/zip.hpp"

namespace tessera {

namespace detail {

// How a file of another kind begins, and what to do with it.
struct OtherFormat {
  std::string_view start, what;
};
inline constexpr OtherFormat other_formats[] = {
    {"version https://git-lfs", "a git-lfs pointer, the name of a file and not the file (fetch it with git lfs pull)"},
    {"<", "a web page or XML (was the download a page that asks to log in?)"},
    {"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes it (save the weights as safetensors or .npz)"},
    {"\x93NUMPY", "a single NumPy array (save all arrays together with numpy.savez)"},
    {"GGUF", "a GGUF file (use the checkpoint that it was made from)"},
    {"\x1f\x8b", "a gzip archive (unpack it first)"},
    {"7z\xbc\xaf", "a 7z archive (unpack it first)"},
    {"Rar!", "a RAR archive (unpack it first)"},
    {"PK\x05\x06", "an empty zip archive"},
    {"\x1a\x45\xdf\xa3", "a Matroska file"},
};

TESSERA_COLD_INLINE TensorFile parse_zip(const SharedBytes& file, const std::string& name) {
  const auto zip = std::make_shared<const ZipArchive>(file, name);
  if (has_pth_members(*zip)) return read_pth_members(zip);
  if (has_npy_members(*zip)) return read_npz_members(*zip);
  for (const ZipArchive::Member& member : zip->members())
    if (member.name.find("/models/") != std::string::npos || member.name.ends_with("archive_format"))
      fail(ErrorKind::wrong_file_type, name,
           ": found a program that torch.export wrote: save its numbers in Python with torch.save(model.state_dict(), \"weights.pth\")");
  fail(ErrorKind::wrong_file_type, name,
       ": found a zip archive without data.pkl and without .npy arrays, expected a safetensors, .pth or .npz file");
}

[[noreturn]] TESSERA_COLD_INLINE void fail_for_format(std::string_view text, const std::string& name) {
  constexpr const char* expected = ", expected a safetensors, .pth or .npz file";
  for (const OtherFormat& other : other_formats)
    if (text.starts_with(other.start)) fail(ErrorKind::wrong_file_type, name, ": found ", other.what, expected);
  // ONNX is a protobuf: field 1, a small version, then field 2, a text with the name of the program that wrote it.
  const bool onnx_start = text.size() > 4 && text[0] == '\x08' && text[1] > 0 && text[1] < 32 && (text[2] == '\x12' || text[2] == '\x3a');
  if (onnx_start || name.ends_with(".onnx"))
    fail(ErrorKind::wrong_file_type, name, ": found an ONNX file, a graph and not the weights of a known network", expected,
         ": save the numbers of the PyTorch model with torch.save(model.state_dict(), \"weights.pth\")");
  if (text.starts_with('\x80') && text.size() > 1 && text[1] <= 5)
    fail(ErrorKind::wrong_file_type, name, ": found a file that starts with ", in_quotes(text.substr(0, 16)),
         ", a Python pickle that torch.save did not write", expected);
  if (text.size() > 262 && text.substr(257, 5) == "ustar")
    fail(ErrorKind::wrong_file_type, name, ": found a tar archive", expected, " (unpack it first)");
  fail(ErrorKind::wrong_file_type, name, ": found a file that starts with ", in_quotes(text.substr(0, 16)), expected);
}

}  // namespace detail

TESSERA_COLD_INLINE TensorFile parse_tensors(const SharedBytes& file, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
  if (detail::is_safetensors(file.bytes)) return parse_safetensors(file, name);
  if (text.starts_with("PK\x03\x04")) return detail::parse_zip(file, name);
  if (detail::is_legacy_pth(file.bytes)) return parse_legacy_pth(file, name);
  if (detail::is_json(text)) detail::fail_for_json(text, name);
  detail::fail_for_format(text, name);
}

TESSERA_COLD_INLINE TensorFile read_tensors(const FilePath& path) {
  SharedBytes mapped = map_file(path);
  const std::string_view text(reinterpret_cast<const char*>(mapped.bytes.data()), mapped.bytes.size());
  if (!detail::is_safetensors(mapped.bytes) && detail::is_json(text)) return detail::read_shards(path, text);
  TensorFile file = parse_tensors(mapped, path.text());
  file.mapped = std::move(mapped);
  return file;
}

}  // namespace tessera
