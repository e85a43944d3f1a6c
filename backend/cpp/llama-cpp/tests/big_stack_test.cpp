#include "big_stack.h"

#include "check.h"

#include <stdexcept>

using serving::run_with_stack;

namespace {

// Not optimised into a loop: each call looks at the one before it.
size_t depth_of(const volatile char * above, size_t left) {
    volatile char here[1024];
    here[0] = above[0];
    return left == 0 ? 0 : 1 + depth_of(here, left - 1);
}

}  // namespace

TEST(the_stack_is_as_large_as_wanted) {
    size_t depth = 0;
    const volatile char top = 1;
    // Far more than a thread has by itself.
    run_with_stack(256 << 20, [&] { depth = depth_of(&top, 100000); });
    EXPECT(depth == 100000);
}

TEST(what_is_thrown_arrives) {
    bool caught = false;
    try {
        run_with_stack(1 << 20, [] { throw std::runtime_error("oops"); });
    } catch (const std::runtime_error &) {
        caught = true;
    }
    EXPECT(caught);
}

TEST(a_stack_beyond_all_memory_is_refused) {
    bool caught = false;
    try {
        run_with_stack(size_t{1} << 60, [] {});
    } catch (const std::bad_alloc &) {
        caught = true;
    }
    EXPECT(caught);
}
