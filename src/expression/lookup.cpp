#include "expression/lookup.h"

#include <cctype>
#include <map>
#include <unordered_map>

namespace penstock::expression {
namespace {

struct Index {
  std::unordered_map<std::string_view, std::vector<const Function*>> by_name;
  std::map<std::pair<std::uint32_t, std::uint32_t>, const Function*> casts;
  std::vector<std::string> names;
};

Index make_index() {
  Index index;
  for (const Function& function : functions()) {
    if (function.name == "::") {
      index.casts.try_emplace({function.arguments[0], function.result}, &function);
      continue;
    }
    std::vector<const Function*>& overloads = index.by_name[function.name];
    const bool is_word = std::isalpha(static_cast<unsigned char>(function.name[0])) != 0;
    if (overloads.empty() && is_word) index.names.emplace_back(function.name);
    overloads.push_back(&function);
  }
  return index;
}

const Index& table() {
  static const Index index = make_index();
  return index;
}

}  // namespace

const std::vector<const Function*>& functions_named(std::string_view name) {
  static const std::vector<const Function*> none;
  const auto found = table().by_name.find(name);
  return found == table().by_name.end() ? none : found->second;
}

const Function* find_cast(std::uint32_t from, std::uint32_t to) {
  const auto found = table().casts.find({from, to});
  return found == table().casts.end() ? nullptr : found->second;
}

const std::vector<std::string>& function_names() { return table().names; }

}  // namespace penstock::expression
