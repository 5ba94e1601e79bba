// The ids of the documents that should be there, in little memory: hashes in a file that has no name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/result.h"
#include "sink/mongo/compare/digest.h"

namespace penstock::mongo {

// One thread at a time.
class ProducedIds {
 public:
  // In `folder`; gone with this object or the process. kInternal when it cannot be written.
  static Result<ProducedIds> make(const std::string& folder);

  // Each id once.
  Status add(const Hash128& id);
  std::uint64_t count() const { return count_; }
  // From now on these say it, whatever was added before.
  void set(const Hash128& id, bool present) { changed_[id] = present; }
  void clear();

  // Makes contains() answer for one part of the ids. 16 bytes and some for each id of the part.
  std::size_t parts(std::size_t most_in_memory) const;
  Status load(std::size_t part, std::size_t parts);
  bool in_part(const Hash128& id) const { return id.high % parts_ == part_; }
  bool contains(const Hash128& id) const;  // of an id of the part
  // How many ids of the part there are, by all that was said.
  std::uint64_t count_of_part() const;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  std::uint64_t count_ = 0;
  std::unordered_map<Hash128, bool> changed_;
  std::unordered_set<Hash128> loaded_;
  std::size_t part_ = 0;
  std::size_t parts_ = 1;
};

}  // namespace penstock::mongo
