#include "percent.h"

#include "check.h"

using serving::percent_encoded;

TEST(only_plain_letters_stay_as_they_are) {
    EXPECT(percent_encoded("") == "");
    EXPECT(percent_encoded("aZ09-._~") == "aZ09-._~");
    EXPECT(percent_encoded("a b%\n") == "a%20b%25%0A");
    EXPECT(percent_encoded("é\xFF") == "%C3%A9%FF");
}
