// Maps of summaries over the kept state: what was read and what was changed is held until the writer of the
// group begins anew.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/kept_state.h"
#include "projection/shared/kept_writes.h"
#include "projection/state/ordered_map.h"

namespace penstock {

// One thread. Entries are named "<pipeline> <map> <key in hexadecimal>": their order is that of the keys'
// bytes.
class KeptMaps final : public OrderedMaps {
 public:
  KeptMaps(KeptState& kept, std::string pipeline) : kept_(kept), pipeline_(std::move(pipeline)) {}

  Result<std::unique_ptr<OrderedMap>> open_map(const std::string& name) override;
  Status drop_map(const std::string& name) override;

  // Reads many at once.
  Status prefetch(const std::string& map, const std::vector<std::string>& keys);
  // Appends to the group what was changed since the last call.
  void flush(KeptWrites& writes, WriteGroup& group);
  // What flush() would append, about.
  std::size_t changed_bytes() const { return changed_bytes_; }
  // Of the entries of these maps together: when they are more than `most`, that many go with the group and
  // are gone once it is committed. False: they are fewer; nothing was done.
  Result<bool> erase_some(const std::vector<std::string>& maps, std::size_t most, KeptWrites& writes,
                          WriteGroup& group);
  // Forgets what was read and changed: somebody else may have written.
  void forget();

 private:
  friend class KeptMap;
  struct Entry {
    std::optional<std::string> value;  // none: it is not there
    bool changed = false;
  };
  std::string name_of(const std::string& map, std::string_view key) const;
  Result<Entry*> entry(const std::string& name);
  void put(const std::string& name, std::optional<std::string> value);

  KeptState& kept_;
  const std::string pipeline_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::size_t changed_bytes_ = 0;
};

}  // namespace penstock
