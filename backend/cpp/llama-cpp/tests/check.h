// A test registers itself with TEST and checks with EXPECT; the program runs all and fails if one expectation does.
#pragma once

#include <string>

namespace check {

using Body = void (*)();

struct Register {
    Register(const char * name, Body body);
};

void expect(bool holds, const char * expression, const char * file, int line, const std::string & detail = "");

}  // namespace check

#define TEST(name)                                            \
    static void name();                                       \
    static const check::Register register_##name(#name, name); \
    static void name()

#define EXPECT(expression) check::expect(static_cast<bool>(expression), #expression, __FILE__, __LINE__)
#define EXPECT_WITH(expression, detail) \
    check::expect(static_cast<bool>(expression), #expression, __FILE__, __LINE__, detail)
