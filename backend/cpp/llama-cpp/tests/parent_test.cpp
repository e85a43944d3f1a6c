#include "parent.h"

#include "check.h"

using serving::is_off;

TEST(the_watch_is_on_unless_it_is_turned_off) {
    for (const char * setting : {"", " ", "true", "1", "offf", "n"}) {
        EXPECT_WITH(!is_off(setting), setting);
    }
    for (const char * setting : {"false", "0", "no", "off", " Off\t", "FALSE"}) {
        EXPECT_WITH(is_off(setting), setting);
    }
}
