#include "expression/regex/tree.h"

namespace penstock::expression {

unsigned inherited(unsigned flags) {
  const bool both = (flags & RegexTree::kPreferences) == RegexTree::kPreferences;
  return (flags & ~RegexTree::kPreferences) | (both ? RegexTree::kMixed : 0);
}
unsigned combined(unsigned first, unsigned second) {
  const unsigned preferred = (first & RegexTree::kPreferences) != 0 ? first & RegexTree::kPreferences
                                                                    : second & RegexTree::kPreferences;
  return inherited(first | second) | preferred;
}
bool is_divided(unsigned flags) { return (flags & (RegexTree::kMixed | RegexTree::kGroups)) != 0; }

PiecePtr make_piece(Piece piece) { return std::make_shared<const Piece>(std::move(piece)); }
PiecePtr concatenation(std::vector<PiecePtr> parts) {
  if (parts.size() == 1) return parts[0];
  Piece piece;
  piece.kind = parts.empty() ? Piece::Kind::kEmpty : Piece::Kind::kConcatenation;
  piece.parts = std::move(parts);
  return make_piece(std::move(piece));
}
PiecePtr repetition(PiecePtr part, int least, int most) {
  if (least == 1 && most == 1) return part;
  Piece piece;
  piece.kind = most == 0 ? Piece::Kind::kEmpty : Piece::Kind::kRepetition;
  piece.least = least;
  piece.most = most;
  piece.parts = {std::move(part)};
  return make_piece(std::move(piece));
}
RegexTree whole(PiecePtr piece, unsigned flags) {
  RegexTree tree;
  tree.flags = flags;
  tree.piece = std::move(piece);
  return tree;
}
RegexTree sequence(RegexTree left, RegexTree right, unsigned flags) {
  RegexTree tree;
  tree.kind = RegexTree::Kind::kSequence;
  tree.flags = flags;
  tree.piece = concatenation({left.piece, right.piece});
  tree.parts.push_back(std::move(left));
  tree.parts.push_back(std::move(right));
  return tree;
}

}  // namespace penstock::expression
