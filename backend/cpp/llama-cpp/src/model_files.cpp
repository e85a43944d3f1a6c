#include "model_files.h"

#include "failure.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace serving {
namespace {

namespace fs = std::filesystem;

constexpr std::array<char, 4> magic{'G', 'G', 'U', 'F'};

bool leads_out(const fs::path & relative) {
    return relative.empty() || *relative.begin() == "..";
}

}  // namespace

void check_file(const std::string & path) {
    std::error_code error;
    const auto status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found) {
        throw Failure(::grpc::StatusCode::NOT_FOUND, "there is no file at '" + path + "'");
    }
    if (error) {
        throw failed_precondition("cannot look at the file '" + path + "': " + error.message());
    }
    if (status.type() != fs::file_type::regular) {
        throw invalid_argument("'" + path + "' is no file; name a GGUF file");
    }
    std::array<char, magic.size()> first{};
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw failed_precondition("cannot read the file '" + path + "'");
    }
    if (!file.read(first.data(), first.size()) || first != magic) {
        throw invalid_argument("'" + path + "' is no GGUF file");
    }
}

std::string file_in(const std::string & directory, const std::string & name) {
    const fs::path path = name;
    if (path.is_relative() && leads_out(path.lexically_normal())) {
        throw invalid_argument("'" + name + "' leads out of ModelPath");
    }
    return (fs::path(directory) / path).string();
}

void check_below(const std::optional<std::string> & root, const std::vector<std::string> & paths) {
    if (!root) {
        return;
    }
    const fs::path real = fs::weakly_canonical(*root);
    for (const std::string & path : paths) {
        std::error_code error;
        const fs::path file = fs::weakly_canonical(path, error);
        if (error || leads_out(file.lexically_relative(real))) {
            throw Failure(::grpc::StatusCode::PERMISSION_DENIED,
                          "'" + path + "' is not in the directory of models that this server was started with");
        }
    }
}

}  // namespace serving
