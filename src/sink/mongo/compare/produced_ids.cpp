#include "sink/mongo/compare/produced_ids.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace penstock::mongo {
namespace {

tl::unexpected<Error> file_error(const std::string& what) {
  return fail(ErrorKind::kConfiguration,
              "a file for the ids of documents cannot be " + what + ": " + std::strerror(errno),
              "see to free space, or name another folder with --state-dir");
}

}  // namespace

Result<ProducedIds> ProducedIds::make(const std::string& folder) {
  std::string name = folder + "/ids-XXXXXX";
  const int descriptor = mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) return file_error("made in " + folder);
  unlink(name.c_str());
  ProducedIds ids;
  ids.file_.reset(fdopen(descriptor, "w+b"));
  if (!ids.file_) return file_error("made in " + folder);
  return ids;
}

Status ProducedIds::add(const Hash128& id) {
  const std::array<std::uint64_t, 2> words{id.high, id.low};
  if (std::fwrite(words.data(), sizeof words, 1, file_.get()) != 1) return file_error("written");
  ++count_;
  return {};
}

void ProducedIds::clear() {
  std::rewind(file_.get());
  count_ = 0;
  changed_.clear();
}

std::size_t ProducedIds::parts(std::size_t most_in_memory) const { return count_ / most_in_memory + 1; }

Status ProducedIds::load(std::size_t part, std::size_t parts) {
  part_ = part;
  parts_ = parts;
  loaded_.clear();
  loaded_.reserve(count_ / parts + 1);
  if (std::fflush(file_.get()) != 0) return file_error("written");
  std::rewind(file_.get());
  std::array<std::uint64_t, 2> words{};
  for (std::uint64_t i = 0; i < count_; ++i) {
    if (std::fread(words.data(), sizeof words, 1, file_.get()) != 1) return file_error("read");
    const Hash128 id{words[0], words[1]};
    if (in_part(id)) loaded_.insert(id);
  }
  // Between reading and writing; after a clear() the file is longer than what counts.
  std::fseek(file_.get(), static_cast<long>(count_ * sizeof words), SEEK_SET);
  return {};
}

bool ProducedIds::contains(const Hash128& id) const {
  const auto changed = changed_.find(id);
  return changed != changed_.end() ? changed->second : loaded_.contains(id);
}

std::uint64_t ProducedIds::count_of_part() const {
  std::uint64_t count = loaded_.size();
  for (const auto& [id, present] : changed_) {
    if (!in_part(id) || present == loaded_.contains(id)) continue;
    present ? ++count : --count;
  }
  return count;
}

}  // namespace penstock::mongo
