#include "base64.h"

#include <array>
#include <cstdint>

namespace serving {
namespace {

constexpr uint8_t no_digit = 0xff;

constexpr std::array<uint8_t, 256> make_digits() {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<uint8_t, 256> digits{};
    digits.fill(no_digit);
    for (size_t i = 0; i < alphabet.size(); ++i) {
        digits[static_cast<unsigned char>(alphabet[i])] = static_cast<uint8_t>(i);
    }
    return digits;
}

constexpr std::array<uint8_t, 256> digits = make_digits();

}  // namespace

std::optional<std::string> from_base64(std::string_view text) {
    for (int padding = 0; padding < 2 && text.size() % 4 == static_cast<size_t>(padding == 0 ? 0 : 3) && text.ends_with('=');
         ++padding) {
        text.remove_suffix(1);
    }
    if (text.size() % 4 == 1) {
        return std::nullopt;
    }
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const uint8_t digit = digits[static_cast<unsigned char>(c)];
        if (digit == no_digit) {
            return std::nullopt;
        }
        bits = (bits << 6) | digit;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>((bits >> count) & 0xff);
        }
    }
    return bytes;
}

}  // namespace serving
