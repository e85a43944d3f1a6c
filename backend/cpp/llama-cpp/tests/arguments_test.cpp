#include "arguments.h"

#include "check.h"

using namespace serving;

namespace {

bool is_bad(const std::vector<std::string> & arguments) {
    return std::holds_alternative<BadArguments>(parse_arguments(arguments));
}

Arguments good(const std::vector<std::string> & arguments) {
    const auto parsed = parse_arguments(arguments);
    EXPECT(std::holds_alternative<Arguments>(parsed));
    return std::holds_alternative<Arguments>(parsed) ? std::get<Arguments>(parsed) : Arguments{};
}

}  // namespace

TEST(defaults) {
    const Arguments arguments = good({});
    EXPECT(arguments.address == "127.0.0.1:50051");
    EXPECT(!arguments.backend_dir);
    EXPECT(!arguments.models);
    EXPECT(arguments.grace_seconds == 5);
    EXPECT(!arguments.verbose);
}

TEST(every_option_in_both_spellings) {
    for (const auto & words : std::vector<std::vector<std::string>>{
             {"--addr", "[::1]:0", "--backend-dir", "/x=y", "--grace-seconds", "0", "-v"},
             {"--addr=[::1]:0", "--backend-dir=/x=y", "--grace-seconds=0", "--verbose"}}) {
        const Arguments arguments = good(words);
        EXPECT(arguments.address == "[::1]:0");
        EXPECT(arguments.backend_dir == "/x=y");
        EXPECT(arguments.grace_seconds == 0);
        EXPECT(arguments.verbose);
    }
}

TEST(unix_addresses) {
    EXPECT(good({"--addr", "unix:/tmp/socket"}).address == "unix:/tmp/socket");
    EXPECT(is_bad({"--addr", "unix:"}));
}

TEST(help_and_version_win_over_what_follows) {
    EXPECT(std::holds_alternative<HelpWanted>(parse_arguments({"--help", "--nonsense"})));
    EXPECT(std::holds_alternative<VersionWanted>(parse_arguments({"-V"})));
}

TEST(mistakes_are_named) {
    const auto parsed = parse_arguments({"--adr", "127.0.0.1:1"});
    EXPECT(std::holds_alternative<BadArguments>(parsed));
    EXPECT(std::get<BadArguments>(parsed).message.find("--adr") != std::string::npos);
    EXPECT(is_bad({"--addr"}));
    EXPECT(is_bad({"--addr", "127.0.0.1"}));
    EXPECT(is_bad({"--addr", ":80"}));
    EXPECT(is_bad({"--addr", "127.0.0.1:65536"}));
    EXPECT(is_bad({"--addr", "127.0.0.1:1x"}));
    EXPECT(is_bad({"--addr", "127.0.0.1:"}));
    EXPECT(is_bad({"--models="}));
    EXPECT(good({"--models", "/models"}).models == "/models");
    EXPECT(is_bad({"--grace-seconds", "-1"}));
    EXPECT(is_bad({"--grace-seconds", "soon"}));
    EXPECT(is_bad({"--backend-dir", ""}));
    EXPECT(is_bad({"--verbose=yes"}));
    EXPECT(is_bad({"stray"}));
}

TEST(lists) {
    EXPECT(split_list("").empty());
    EXPECT(split_list(" , ,").empty());
    EXPECT((split_list("a:1, b:2 ,,c:3") == std::vector<std::string>{"a:1", "b:2", "c:3"}));
}
