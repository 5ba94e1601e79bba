// A map of byte strings inside the state file, ordered by its keys' bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock {

// One thread. Changes belong to the state's open transaction: they become durable with StateStore::save().
// Keys and values are any bytes; keys are compared as unsigned bytes, a prefix first.
class OrderedMap {
 public:
  enum class Direction : std::uint8_t { kForward, kBackward };
  // Returns false to end the scan. May read this map and others, and change others, but not this one.
  using Visit = std::function<Result<bool>(std::string_view key, std::string_view value)>;

  virtual ~OrderedMap() = default;

  // The value lives until the next call of a function of this map.
  virtual Result<std::optional<std::string_view>> get(std::string_view key) = 0;
  virtual Status put(std::string_view key, std::string_view value) = 0;  // over what is there
  // Whether the key was there.
  virtual Result<bool> erase(std::string_view key) = 0;
  virtual Status erase_prefix(std::string_view prefix) = 0;  // empty: everything
  // The entries whose key begins with `prefix`, in the order of their keys; forward those after `after`,
  // backward those before it, where it is given.
  virtual Status scan(std::string_view prefix, Direction direction, const Visit& visit,
                      std::optional<std::string_view> after = std::nullopt) = 0;
};

// Maps by name, e.g. "product_sales.groups". A map is made when it is first asked for.
class OrderedMaps {
 public:
  virtual ~OrderedMaps() = default;
  virtual Result<std::unique_ptr<OrderedMap>> open_map(const std::string& name) = 0;
  virtual Status drop_map(const std::string& name) = 0;  // nothing when there is none
};

}  // namespace penstock
