// Matching by the set of places that a text may have reached: time grows with the text times the expression,
// whatever the expression.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace penstock::expression {

struct Piece;

using Characters = std::span<const char32_t>;

class Program {
 public:
  Program() = default;
  // `budget`: instructions that may still be made; below 0 afterwards when there were too many. The program
  // points into the piece.
  Program(const Piece& piece, bool newline_ends_line, std::int64_t& budget);

  // Where the longest or shortest match that begins at `start` ends, at most at `limit`.
  std::optional<std::size_t> longest(Characters text, std::size_t start, std::size_t limit) const;
  std::optional<std::size_t> shortest(Characters text, std::size_t start, std::size_t limit) const;
  bool matches(Characters text, std::size_t start, std::size_t end) const;
  // Whether there is a match anywhere that begins at `start` or later.
  bool found_in(Characters text, std::size_t start) const;
  // Whether a match that begins anywhere ends at `end`.
  bool ends_at(Characters text, std::size_t end) const;
  // False when no match begins with this character.
  bool may_begin_with(char32_t character) const;
  bool may_be_empty() const { return may_be_empty_; }

 private:
  enum class Op : std::uint8_t { kSet, kSplit, kAnchor, kLook, kMatch };
  struct Instruction {
    Op op = Op::kMatch;
    std::size_t next = 0;
    std::size_t other = 0;  // kSplit
    const Piece* piece = nullptr;
    std::size_t look = 0;
  };
  class Run;
  void emit(const Piece& piece, std::int64_t& budget);
  void emit_repetition(const Piece& piece, std::int64_t& budget);
  std::size_t add(Instruction instruction, std::int64_t& budget);
  void find_beginnings();
  bool holds(const Instruction& instruction, Characters text, std::size_t at) const;

  std::vector<Instruction> code_;
  std::vector<std::shared_ptr<const Program>> looks_;
  std::vector<const Piece*> first_sets_;
  bool may_be_empty_ = false;
  bool newline_ends_line_ = false;
};

}  // namespace penstock::expression
