// A regular expression taken apart (PostgreSQL manual: "POSIX Regular Expressions").
#pragma once

#include <memory>
#include <vector>

#include "expression/regex/character_set.h"
#include "expression/regex/program.h"

namespace penstock::expression {

enum class Anchor {
  kLineStart,
  kLineEnd,
  kTextStart,
  kTextEnd,
  kWordStart,
  kWordEnd,
  kWordEdge,
  kNoWordEdge
};

// What is matched, without regard to which of several matches is preferred.
struct Piece {
  enum class Kind { kEmpty, kSet, kConcatenation, kAlternatives, kRepetition, kAnchor, kLook };
  static constexpr int kUnbounded = -1;
  Kind kind = Kind::kEmpty;
  CharacterSet set;
  Anchor anchor = Anchor::kLineStart;
  std::vector<std::shared_ptr<const Piece>> parts;  // kRepetition and kLook have one
  int least = 1;
  int most = 1;
  bool behind = false;   // kLook: (?<= and (?<!
  bool negated = false;  // kLook: (?! and (?<!
};
using PiecePtr = std::shared_ptr<const Piece>;

// How a match is divided among groups. Once the whole match is known, each part takes the longest or the
// shortest text it can, those that begin earlier first.
struct Tree {
  enum class Kind { kWhole, kSequence, kAlternatives, kRepetition, kGroup };
  // What a part prefers, and what is inside it.
  static constexpr unsigned kLonger = 1, kShorter = 2, kMixed = 4, kGroups = 8;
  Kind kind = Kind::kWhole;  // kWhole: nothing inside it matters
  unsigned flags = 0;
  int group = 0;
  int most = 1;  // kRepetition: from none to so many
  PiecePtr piece;
  std::vector<Tree> parts;
  Program program;  // of `piece`, made for the parts that dividing needs

  bool has_groups() const { return (flags & kGroups) != 0; }
};

}  // namespace penstock::expression
