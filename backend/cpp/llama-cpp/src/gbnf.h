// The shape of a grammar: what its rules are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace serving {

// A part of a rule, and how often it stands there.
struct GbnfItem {
    // The rule that it is; for `characters`, one of them.
    size_t rule = 0;
    uint64_t least = 1;
    uint64_t most = 1;

    static constexpr size_t characters = SIZE_MAX;
    bool reads() const { return rule == characters; }
};

// The ways to be a rule, each a sequence.
using GbnfRule = std::vector<std::vector<GbnfItem>>;

// What is wrong with a grammar, as the end of a sentence that begins with "the grammar".
struct GrammarProblem : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The rules, and the groups in them, which are rules without a name. Reads up to where the text is no grammar: others tell
// that. Throws GrammarProblem.
std::vector<GbnfRule> read_gbnf(const std::string & text);

}  // namespace serving
