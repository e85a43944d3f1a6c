// The files that callers name.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace serving {

// Throws Failure unless GGUF begins the file. What else it holds is never told.
void check_file(const std::string & path);

// A file of `directory`, or wherever `name` says if it begins at the root. Throws Failure if it leads out of the directory.
std::string file_in(const std::string & directory, const std::string & name);

// Throws Failure unless all are below `root`, where there is one, links followed.
void check_below(const std::optional<std::string> & root, const std::vector<std::string> & paths);

}  // namespace serving
