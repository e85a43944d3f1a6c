// scaffold behind backend.Backend.
#include "arguments.h"
#include "server.h"

#include <cstdio>
#include <exception>

int main(int count, char ** values) {
    const auto parsed = serving::parse_arguments({values + 1, values + count});
    if (const auto * ending = std::get_if<serving::Ending>(&parsed)) {
        std::fputs(ending->text.c_str(), ending->code == 0 ? stdout : stderr);
        return ending->code;
    }
    try {
        serving::block_stop_signals();
        serving::serve(std::get<serving::Arguments>(parsed));
        return 0;
    } catch (const std::exception & error) {
        std::fprintf(stderr, "scaffold: %s\n", error.what());
        return 1;
    }
}
