// SPDX-License-Identifier: MIT
#pragma once

// The manners that the programs share: wrong arguments are answered in one line with the nearest valid word and exit status 2.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/core/nearest.hpp"

// Exit statuses: everything worked; an image or the output failed; the arguments, or a file that they name, are no use.
constexpr int exit_success = 0, exit_failure = 1, exit_usage = 2;

// The answer to an option that the program does not have: the nearest that it has. Empty if all are known.
inline std::string explain_unknown_option(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> spellings;
  for (const CLI::Option* const option : app.get_options())
    for (const std::string& name : option->get_lnames()) spellings.push_back("--" + name);
  const std::vector<std::string_view> known(spellings.begin(), spellings.end());
  for (int i = 1; i < argc && std::string_view(argv[i]) != "--"; ++i) {
    const std::string_view word(argv[i]), name = word.substr(0, word.find('='));
    if (!name.starts_with("--") || app.get_option_no_throw(std::string(name)) != nullptr) continue;
    return "found option " + std::string(name) + ", which is not known" + tessera::detail::did_you_mean(name, known, 3, 0);
  }
  return "";
}

// An option that takes one of a few words. Another word is answered by the nearest.
inline CLI::Option* add_choice(CLI::App& app, const std::string& name, std::string& value, std::vector<std::string> words,
                               const std::string& what) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  const auto check = [words = std::move(words)](const std::string& found) {
    if (std::find(words.begin(), words.end(), found) != words.end()) return std::string();
    const std::vector<std::string_view> known(words.begin(), words.end());
    return "found " + tessera::detail::quote(found) + ", which is not known" + tessera::detail::did_you_mean(found, known);
  };
  return app.add_option(name, value, what + ": " + list)->check(CLI::Validator(check, ""))->type_name("NAME");
}

// Parses the command line. Returns false, and the exit status of the program, if there is nothing more to do.
inline bool parse_arguments(CLI::App& app, int argc, char** argv, int& status) {
  try {
    app.parse(argc, argv);
    return true;
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    status = std::fflush(stdout) == 0 ? exit_success : exit_failure;
  } catch (const CLI::ParseError& error) {
    const std::string unknown = explain_unknown_option(app, argc, argv);
    std::fprintf(stderr, "%s: %s (%s --help shows the options)\n", app.get_name().c_str(), unknown.empty() ? error.what() : unknown.c_str(),
                 app.get_name().c_str());
    status = exit_usage;
  }
  return false;
}
