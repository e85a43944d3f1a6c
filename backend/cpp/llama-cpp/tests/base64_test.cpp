#include "base64.h"

#include "check.h"

using serving::from_base64;

TEST(texts_of_every_length_come_back) {
    EXPECT(from_base64("") == "");
    EXPECT(from_base64("Zg==") == "f");
    EXPECT(from_base64("Zm8=") == "fo");
    EXPECT(from_base64("Zm9v") == "foo");
    EXPECT(from_base64("Zm9vYmFy") == "foobar");
    EXPECT(from_base64("+/+/") == "\xfb\xff\xbf");
}

TEST(padding_may_be_left_out) {
    EXPECT(from_base64("Zg") == "f");
    EXPECT(from_base64("Zm8") == "fo");
}

TEST(anything_else_is_refused) {
    for (const char * text : {"Z", "Zm9v=", "Zg=", "Zg===", "Z===", "====", "Zm9v\n", " Zm9v", "Zm-_", "data:image/png;base64,Zm9v"}) {
        EXPECT_WITH(!from_base64(text), text);
    }
}
