// Whether a grammar may be handed to llama.cpp, which trusts it: some would end the process, others never let go of it.
#pragma once

#include <optional>
#include <string>

namespace serving {

// What is wrong with it in these respects, as the end of a sentence that begins with "the grammar". Nothing for one that
// does not parse in others: llama.cpp tells those.
std::optional<std::string> problem_of_grammar(const std::string & grammar);

}  // namespace serving
