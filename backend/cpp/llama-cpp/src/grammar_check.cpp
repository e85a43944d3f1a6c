#include "grammar_check.h"

#include "gbnf.h"

#include <algorithm>

namespace serving {
namespace {

constexpr size_t most_bytes = 4 << 20;
// Rules that lead to each other; llama.cpp calls itself for each.
constexpr size_t longest_chain = 2000;
// Places at which a text may go on because all before them may be empty: llama.cpp keeps all of them, and compares them.
constexpr uint64_t most_places = 256;

using Rules = std::vector<GbnfRule>;

bool may_be_empty(const GbnfItem & item, const std::vector<bool> & empty) {
    return item.least == 0 || (!item.reads() && empty[item.rule]);
}

// One way to be a rule, which may be empty if so many of its parts turn out to be.
struct MaybeEmpty {
    size_t rule;
    size_t needed;
};

// Which rules may be empty.
std::vector<bool> nullable(const Rules & rules) {
    std::vector<MaybeEmpty> ways;
    std::vector<std::vector<size_t>> needed_by(rules.size());
    std::vector<size_t> found;
    std::vector<bool> empty(rules.size());
    const auto needs = [&](const GbnfItem & item) { return item.least > 0; };
    const auto note = [&](const MaybeEmpty & way) {
        if (way.needed == 0 && !empty[way.rule]) {
            empty[way.rule] = true;
            found.push_back(way.rule);
        }
    };
    for (size_t rule = 0; rule < rules.size(); ++rule) {
        for (const auto & sequence : rules[rule]) {
            if (std::any_of(sequence.begin(), sequence.end(), [](const GbnfItem & item) { return item.least > 0 && item.reads(); })) {
                continue;
            }
            for (const GbnfItem & item : sequence) {
                if (needs(item)) {
                    needed_by[item.rule].push_back(ways.size());
                }
            }
            ways.push_back({rule, static_cast<size_t>(std::count_if(sequence.begin(), sequence.end(), needs))});
            note(ways.back());
        }
    }
    while (!found.empty()) {
        const size_t rule = found.back();
        found.pop_back();
        for (const size_t way : needed_by[rule]) {
            --ways[way].needed;
            note(ways[way]);
        }
    }
    return empty;
}

// Walks from each rule to those in it, each rule once, and counts the places at which it may begin.
class Walk {
public:
    explicit Walk(const Rules & rules) : rules_(rules), empty_(nullable(rules)), places_(rules.size()), seen_(rules.size()) {}

    void check() {
        for (size_t start = 0; start < rules_.size(); ++start) {
            enter(start);
            while (!way_.empty()) {
                step();
                if (way_.size() > longest_chain) {
                    throw GrammarProblem("has more than " + std::to_string(longest_chain) + " rules that lead to each other");
                }
            }
        }
    }

private:
    struct Place {
        size_t rule;
        size_t sequence = 0;
        size_t item = 0;
    };

    void enter(size_t rule) {
        if (!seen_[rule]) {
            seen_[rule] = true;
            way_.push_back({rule});
        }
    }

    void step() {
        Place & place = way_.back();
        const GbnfRule & rule = rules_[place.rule];
        if (place.sequence == rule.size()) {
            leave(place.rule);
        } else if (place.item == rule[place.sequence].size()) {
            ++place.sequence;
            place.item = 0;
        } else if (const GbnfItem & item = rule[place.sequence][place.item++]; !item.reads()) {
            enter(item.rule);
        }
    }

    void leave(size_t rule) {
        uint64_t places = 1;
        for (const auto & sequence : rules_[rule]) {
            places = std::max(places, places_in(sequence));
        }
        places_[rule] = places;
        way_.pop_back();
    }

    // Those at its beginning; those further on are looked at on the way.
    uint64_t places_in(const std::vector<GbnfItem> & sequence) const {
        uint64_t places = 0;
        for (auto item = sequence.rbegin(); item != sequence.rend(); ++item) {
            // A rule that leads to itself has none yet: what it adds is what it has.
            uint64_t own = item->reads() ? 1 : places_[item->rule];
            if (!item->reads() && empty_[item->rule]) {
                own *= std::max<uint64_t>(item->most, 1);
            }
            places = own + (may_be_empty(*item, empty_) ? places : 0);
            check(places);
        }
        return places;
    }

    static void check(uint64_t places) {
        if (places > most_places) {
            throw GrammarProblem("has more than " + std::to_string(most_places) +
                                 " places at which one text may go on; repeat nothing that may be empty");
        }
    }

    const Rules & rules_;
    const std::vector<bool> empty_;
    std::vector<uint64_t> places_;
    std::vector<bool> seen_;
    std::vector<Place> way_;
};

}  // namespace

std::optional<std::string> problem_of_grammar(const std::string & grammar) {
    if (grammar.size() > most_bytes) {
        return "has more than " + std::to_string(most_bytes) + " bytes";
    }
    try {
        Walk(read_gbnf(grammar)).check();
    } catch (const GrammarProblem & problem) {
        return problem.what();
    }
    return std::nullopt;
}

}  // namespace serving
