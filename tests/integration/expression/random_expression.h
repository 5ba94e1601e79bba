// Random expressions of a wanted type over the columns of a row, made of the Function table itself.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "expression/expression.h"
#include "expression/function.h"

namespace penstock::expression {

// Moments and intervals at the ends of their ranges: PostgreSQL 15 lets arithmetic on them run over, later
// versions refuse. The functions themselves are tried with them one by one.
bool is_far_off(const std::string& text);

class RandomExpression {
 public:
  RandomExpression(const std::vector<Scope::Column>& columns, std::mt19937& random)
      : columns_(columns), random_(random) {}

  // Of about that type: what it turns out to be is PostgreSQL's to say. At least one column is in it, so that
  // PostgreSQL computes it row by row.
  std::string make(std::uint32_t type, int depth);
  std::uint32_t any_type();

 private:
  std::size_t up_to(std::size_t size) {
    return std::uniform_int_distribution<std::size_t>(0, size - 1)(random_);
  }
  bool one_in(std::size_t n) { return up_to(n) == 0; }
  // Any of the types that mix with this one in operators.
  std::uint32_t related(std::uint32_t type);

  std::string argument(std::uint32_t type, int depth);
  std::string column(std::uint32_t type);
  std::string literal(std::uint32_t type);
  std::string call(std::uint32_t type, int depth);
  std::string written(const Function& function, const std::vector<std::string>& arguments);
  std::string conditional(std::uint32_t type, int depth);
  std::string cast(std::uint32_t type, int depth);
  std::string boolean(int depth);
  std::string comparison(int depth);
  std::string set_test(int depth);
  std::string array(std::uint32_t type, int depth);

  const std::vector<Scope::Column>& columns_;
  std::mt19937& random_;
};

}  // namespace penstock::expression
