// SPDX-License-Identifier: MIT
#pragma once

// FilePath: the name of a file as an argument of a function. Strings and std::filesystem::path convert to it, without the header
// <filesystem>, which every translation unit would take a quarter of a second to read.

#include <string>
#include <string_view>
#include <utility>

#ifdef _WIN32
#include <filesystem>
#endif

namespace tessera {

class FilePath {
 public:
#ifdef _WIN32
  using Native = std::wstring;
  FilePath(const char* name) : FilePath(std::filesystem::path(name)) {}
  FilePath(const std::string& name) : FilePath(std::filesystem::path(name)) {}
  FilePath(std::string_view name) : FilePath(std::filesystem::path(name)) {}
#else
  // What the system's functions take.
  using Native = std::string;
  // A name; on Windows in the code page of the program.
  FilePath(const char* name) : native_(name) {}
  FilePath(std::string name) : native_(std::move(name)) {}
  FilePath(std::string_view name) : native_(name) {}
#endif
  // For a std::filesystem::path.
  template <class Path>
    requires requires(const Path& path) {
      path.u8string();
      Native(path.native());
    }
  FilePath(const Path& path) : native_(path.native()) {
#ifdef _WIN32
    const auto text = path.u8string();
    text_.assign(text.begin(), text.end());
#endif
  }

  // What the system's functions take.
  const Native& native() const { return native_; }
#ifdef _WIN32
  // For messages, in UTF-8.
  const std::string& text() const { return text_; }
#else
  // For messages.
  const std::string& text() const { return native_; }
#endif

 private:
  Native native_;
#ifdef _WIN32
  std::string text_;
#endif
};

}  // namespace tessera
