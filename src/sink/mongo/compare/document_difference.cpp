#include "sink/mongo/compare/document_difference.h"

#include <bson/bson.h>

#include <algorithm>
#include <cstring>

namespace penstock::mongo {
namespace {

// Type, name and value.
std::string_view bytes_of(const bson_iter_t& element) {
  return {reinterpret_cast<const char*>(element.raw) + element.off, element.next_off - element.off};
}

std::string_view name_of(const bson_iter_t& element) {
  return {bson_iter_key(&element), bson_iter_key_len(&element)};
}

// The next one that counts.
bool next(bson_iter_t& element, const IgnoredFields& ignored) {
  while (bson_iter_next(&element)) {
    if (std::find(ignored.begin(), ignored.end(), name_of(element)) == ignored.end()) return true;
  }
  return false;
}

// A value alone, as extended JSON.
std::string json_of(const bson_iter_t& element, bool canonical) {
  bson_t document = BSON_INITIALIZER;
  bson_append_iter(&document, "v", 1, &element);
  char* json = canonical ? bson_as_canonical_extended_json(&document, nullptr)
                         : bson_as_relaxed_extended_json(&document, nullptr);
  std::string text = json != nullptr ? json : "";
  bson_free(json);
  bson_destroy(&document);
  constexpr std::size_t kBefore = 8;  // { "v" :
  constexpr std::size_t kAfter = 2;
  return text.size() < kBefore + kAfter ? "(unreadable)"
                                        : text.substr(kBefore, text.size() - kBefore - kAfter);
}

class Differences {
 public:
  explicit Differences(std::size_t most) : most_(most) {}

  void compare_members(bson_iter_t expected, const bson_iter_t& found, const std::string& prefix,
                       const IgnoredFields& ignored) {
    const bson_iter_t first = expected;
    while (!full() && next(expected, ignored)) {
      bson_iter_t other = found;
      const std::string path = prefix + std::string(name_of(expected));
      if (bson_iter_find_w_len(&other, bson_iter_key(&expected),
                               static_cast<int>(bson_iter_key_len(&expected)))) {
        compare_values(expected, other, path);
      } else {
        add(path, json_of(expected, false), "");
      }
    }
    bson_iter_t more = found;
    while (!full() && next(more, ignored)) {
      bson_iter_t other = first;
      if (!bson_iter_find_w_len(&other, bson_iter_key(&more), static_cast<int>(bson_iter_key_len(&more))))
        add(prefix + std::string(name_of(more)), "", json_of(more, false));
    }
  }

  std::vector<FieldDifference> take() { return std::move(found_); }

 private:
  bool full() const { return found_.size() >= most_; }

  void compare_values(const bson_iter_t& expected, const bson_iter_t& found, const std::string& path) {
    if (bytes_of(expected) == bytes_of(found)) return;
    bson_iter_t inside;
    bson_iter_t inside_found;
    const std::size_t before = found_.size();
    const bool containers = bson_iter_type(&expected) == bson_iter_type(&found) &&
                            (BSON_ITER_HOLDS_DOCUMENT(&expected) || BSON_ITER_HOLDS_ARRAY(&expected));
    if (containers && bson_iter_recurse(&expected, &inside) && bson_iter_recurse(&found, &inside_found))
      compare_members(inside, inside_found, path + ".", {});
    if (found_.size() > before) return;
    add_values(path, expected, found);  // also for members in another order
  }

  void add_values(const std::string& path, const bson_iter_t& expected, const bson_iter_t& found) {
    std::string wanted = json_of(expected, false);
    std::string other = json_of(found, false);
    if (wanted == other) {
      wanted = json_of(expected, true);
      other = json_of(found, true);
    }
    add(path, std::move(wanted), std::move(other));
  }

  void add(std::string path, std::string expected, std::string found) {
    if (!full()) found_.push_back({std::move(path), std::move(expected), std::move(found)});
  }

  std::size_t most_;
  std::vector<FieldDifference> found_;
};

}  // namespace

bool same_bytes(const _bson_t& expected, const _bson_t& found, const IgnoredFields& ignored) {
  if (ignored.empty())
    return expected.len == found.len &&
           std::memcmp(bson_get_data(&expected), bson_get_data(&found), expected.len) == 0;
  bson_iter_t left;
  bson_iter_t right;
  if (!bson_iter_init(&left, &expected) || !bson_iter_init(&right, &found)) return false;
  for (;;) {
    const bool more = next(left, ignored);
    if (more != next(right, ignored)) return false;
    if (!more) return true;
    if (bytes_of(left) != bytes_of(right)) return false;
  }
}

std::vector<FieldDifference> differences(const _bson_t& expected, const _bson_t& found,
                                         const IgnoredFields& ignored, std::size_t most) {
  bson_iter_t left;
  bson_iter_t right;
  Differences all(most);
  if (bson_iter_init(&left, &expected) && bson_iter_init(&right, &found))
    all.compare_members(left, right, "", ignored);
  return all.take();
}

void append_fields(std::string& out, const _bson_t& document, const IgnoredFields& ignored) {
  bson_iter_t element;
  if (!bson_iter_init(&element, &document)) return;
  while (next(element, ignored)) out += bytes_of(element);
}

}  // namespace penstock::mongo
