#include "check.h"

#include <cstdio>
#include <vector>

namespace check {
namespace {

struct Test {
    const char * name;
    Body body;
};

std::vector<Test> & tests() {
    static std::vector<Test> all;
    return all;
}

int failures = 0;

}  // namespace

Register::Register(const char * name, Body body) {
    tests().push_back({name, body});
}

void expect(bool holds, const char * expression, const char * file, int line, const std::string & detail) {
    if (!holds) {
        ++failures;
        std::printf("%s:%d: %s does not hold %s\n", file, line, expression, detail.c_str());
    }
}

}  // namespace check

int main() {
    for (const auto & test : check::tests()) {
        const int before = check::failures;
        test.body();
        std::printf("%s %s\n", check::failures == before ? "ok    " : "FAILED", test.name);
    }
    return check::failures == 0 && !check::tests().empty() ? 0 : 1;
}
