#include "grammar_check.h"

#include "check.h"

#include <sstream>

using serving::problem_of_grammar;

namespace {

std::string repeated(const std::string & text, size_t times) {
    std::string all;
    for (size_t i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

bool says(const std::string & grammar, const std::string & what) {
    const auto problem = problem_of_grammar(grammar);
    return problem && problem->find(what) != std::string::npos;
}

std::string chain(size_t length) {
    std::ostringstream all;
    all << "root ::= r0\n";
    for (size_t i = 0; i < length; ++i) {
        all << 'r' << i << " ::= \"a\" r" << i + 1 << '\n';
    }
    all << 'r' << length << " ::= \"b\"\n";
    return all.str();
}

}  // namespace

TEST(grammars_that_people_write_have_no_problem) {
    for (const char * grammar :
         {"root ::= \"yes\" | \"no\"", "root ::= [0-9]{5}", "root ::= ( \"a\" | [^\\]\"] )* # comment\n\nother ::= .",
          "root ::= item{2,4} ws\nitem ::= \"{\" ws \"}\"\nws ::= | \" \" | \"\\n\"{1,2} [ \\t]{0,20}",
          "root ::= (\"a\"? \"b\"?){3} \"c\"{0,2000}", "root ::= <[10]> !<think> \"x\"+", "root ::= \"\\\"\" [\\]] \"\"",
          "root ::= list\nlist ::= \"[\" (list (\",\" list)*)? \"]\""}) {
        EXPECT_WITH(!problem_of_grammar(grammar), grammar);
    }
}

TEST(what_does_not_parse_is_left_to_others) {
    for (const char * grammar : {"", "root", "root ::= (", "root ::= \"a", "root ::= [", "root ::= \"a\"{", "root ::= \"a\"{,3}"}) {
        EXPECT_WITH(!problem_of_grammar(grammar), grammar);
    }
}

TEST(depth_is_bounded) {
    EXPECT(!problem_of_grammar("root ::= " + repeated("(", 90) + "\"a\"" + repeated(")", 90)));
    EXPECT(says("root ::= " + repeated("(", 60000) + "\"a\"" + repeated(")", 60000), "groups"));
    EXPECT(says("root ::= " + repeated("(", 60000), "groups"));
}

TEST(chains_are_bounded) {
    EXPECT(!problem_of_grammar(chain(1000)));
    EXPECT(says(chain(100000), "rules"));
}

TEST(repetitions_make_sense) {
    EXPECT(says("root ::= \"a\"{3,1}", "at least 3"));
    EXPECT(says("root ::= \"a\"{99999999}", "too many"));
}

TEST(places_at_which_a_text_goes_on_are_bounded) {
    EXPECT(says("root ::= ((\"a\"?){50}){30}", "places"));
    EXPECT(says("root ::= (((\"a\"?){9}){9}){9}", "places"));
    EXPECT(says("root ::= \"b\" (((\"a\"?){8}){8}){8} \"c\"", "places"));
    EXPECT(says("root ::= x{300}\nx ::= y y\ny ::= \"a\" | \"\"", "places"));
    EXPECT(says("root ::= a a a a a\na ::= b b b b b\nb ::= c c c c c\nc ::= d d d d d\nd ::= [0-9]?", "places"));
    EXPECT(!problem_of_grammar("root ::= (\"a\"*){0,9}"));
    EXPECT(!problem_of_grammar("root ::= " + repeated("(\"a\" | ", 50) + "\"b\"" + repeated(")*", 50)));
}

TEST(bytes_are_bounded) {
    EXPECT(says("root ::= \"" + repeated("abcdefgh", 1 << 20) + "\"", "bytes"));
}
