// The compiled tree. Immutable once built: any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "expression/expression.h"
#include "model/arena.h"
#include "model/value.h"

namespace penstock::expression {

// What one evaluation is given, and its error.
struct Frame {
  // [0]: the row of the expression's level; behind it, inside an aggregate, the embedded rows it has come to.
  const Row* const* rows = nullptr;
  Arena& arena;
  std::span<const Value> keys = {};     // of Grouped
  std::span<const Value> results = {};  // of Grouped
  const Value* element = nullptr;       // what the surrounding node has come to: an array's element
  Error error = {};

  bool refuse(std::string message) {
    error = make_error(ErrorKind::kBadValue, std::move(message));
    return false;
  }
};

class Node;
using NodePtr = std::unique_ptr<Node>;

class Node {
 public:
  explicit Node(Type type) : type_(type) {}
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  virtual ~Node() = default;

  Type type() const { return type_; }
  // False: frame.error says why. `out` may borrow from the rows, the arena and the tree.
  virtual bool evaluate(Frame& frame, Value& out) const = 0;
  // Two nodes with equal identities compute the same.
  virtual void append_identity(std::string& out) const = 0;
  // The nodes it is made of, each of which may be replaced by one of the same type.
  virtual void each_child(const std::function<void(NodePtr&)>&) {}
  // What the node itself reads of the rows, apart from its children.
  virtual std::optional<Reference> reads() const { return std::nullopt; }
  // Its value, when that does not depend on anything.
  virtual const Value* constant() const { return nullptr; }

 protected:
  void append_type(std::string& out) const {
    out += std::to_string(type_.oid) + "," + std::to_string(type_.modifier);
  }

 private:
  Type type_;
};

std::string identity(const Node& node);
// All that the tree reads, each once.
void collect_reads(Node& node, std::vector<Reference>& reads);

}  // namespace penstock::expression
