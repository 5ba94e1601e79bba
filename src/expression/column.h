// Columns of the row and of what hangs on it.
#pragma once

#include <string>

#include "expression/node.h"

namespace penstock::expression {

class Column final : public Node {
 public:
  // `reference`: from the expression's level. The first `depth` of its embeds are what the surrounding
  // aggregate ranges over; the others have one row at most, and without it the column is NULL.
  Column(Type type, std::string name, int location, Reference reference, std::size_t depth)
      : Node(type),
        name_(std::move(name)),
        location_(location),
        reference_(std::move(reference)),
        depth_(depth) {}

  bool evaluate(Frame& frame, Value& out) const override;
  void append_identity(std::string& out) const override;
  const std::string& name() const { return name_; }  // as it was written
  int location() const { return location_; }         // in the source
  std::optional<Reference> reads() const override { return reference_; }

 private:
  std::string name_;
  int location_;
  Reference reference_;
  std::size_t depth_;
};

// A key of a group, or the result of one of its aggregates: what Grouped is given.
class GroupValue final : public Node {
 public:
  enum class Kind : std::uint8_t { kKey, kResult };
  GroupValue(Type type, Kind kind, std::size_t index) : Node(type), kind_(kind), index_(index) {}

  bool evaluate(Frame& frame, Value& out) const override {
    out = (kind_ == Kind::kKey ? frame.keys : frame.results)[index_];
    return true;
  }
  void append_identity(std::string& out) const override {
    out += (kind_ == Kind::kKey ? "key(" : "result(") + std::to_string(index_) + ")";
  }

 private:
  Kind kind_;
  std::size_t index_;
};

}  // namespace penstock::expression
