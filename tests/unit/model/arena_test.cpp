#include "model/arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace penstock {
namespace {

TEST(Arena, AddressesStayValidWhileItGrows) {
  Arena arena;
  std::vector<std::string> texts;
  std::vector<std::string_view> copies;
  for (std::size_t i = 0; i < 5000; ++i) {
    texts.push_back(std::string(i % 97, 'x') + std::to_string(i));
    copies.push_back(arena.copy(texts.back()));
  }
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(copies[i], texts[i]);
}

TEST(Arena, AlignsArraysAndMakesTheirElements) {
  Arena arena;
  for (int round = 0; round < 1000; ++round) {
    arena.copy("odd");
    const auto* numbers = arena.array<std::int64_t>(3);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(numbers) % alignof(std::int64_t), 0U);
    EXPECT_EQ(numbers[0] + numbers[1] + numbers[2], 0);
  }
}

TEST(Arena, TakesOneItemLargerThanABlockAndCountsIt) {
  Arena arena;
  const std::string large(1 << 20, 'y');
  EXPECT_EQ(arena.copy(large), large);
  EXPECT_GE(arena.bytes(), large.size());
  EXPECT_EQ(arena.copy(""), "");
}

TEST(Arena, MovedArenaKeepsItsTexts) {
  Arena first;
  const std::string_view text = first.copy("kept");
  const Arena second = std::move(first);
  EXPECT_EQ(text, "kept");
  EXPECT_GT(second.bytes(), 0U);
}

}  // namespace
}  // namespace penstock
