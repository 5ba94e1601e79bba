#include "app/preview/preview.h"

#include <fmt/format.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp

#include <cstdlib>
#include <filesystem>
#include <set>

#include "app/factory.h"
#include "base/log.h"
#include "projection/composite_projector.h"
#include "sink/mongo/encode/document_json.h"

namespace penstock::app {
namespace {

// A directory of its own, gone at the end.
class ScratchFolder {
 public:
  static Result<ScratchFolder> make() {
    std::error_code error;
    const auto base = std::filesystem::temp_directory_path(error);
    std::string path = (base / "penstock-preview-XXXXXX").string();
    if (error || mkdtemp(path.data()) == nullptr)
      return fail(ErrorKind::kConfiguration, "no directory for temporary files can be made",
                  "set TMPDIR to a directory that may be written to");
    return ScratchFolder(std::move(path));
  }
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// The projector speaks of builds that are none.
class QuietLog {
 public:
  QuietLog() : was_info_(log::enabled(log::Level::kInfo) && !log::enabled(log::Level::kDebug)) {
    if (was_info_) log::set_level(log::Level::kWarn);
  }
  ~QuietLog() {
    if (was_info_) log::set_level(log::Level::kInfo);
  }
  QuietLog(const QuietLog&) = delete;
  QuietLog& operator=(const QuietLog&) = delete;

 private:
  const bool was_info_;
};

class Maker {
 public:
  Maker(Projector& projector, std::size_t most) : projector_(projector), most_(most) {}

  // As a load would bring them, all tables at once.
  Status load(const std::vector<std::string>& tables, const PreviewRows& rows) {
    PENSTOCK_ASSIGN([[maybe_unused]] const Position start, projector_.open(Checkpoint{}));
    for (const std::string& table : tables) PENSTOCK_TRY(step_load(table, LoadState::kLoading));
    for (const EventBatchPtr& batch : rows.batches) {
      WriteGroup group;
      group.batches.push_back(batch);
      PENSTOCK_TRY(projector_.project(*batch, 0, batch->events.size(), group));
      PENSTOCK_TRY(take(group));
    }
    for (const std::string& table : tables) PENSTOCK_TRY(step_load(table, LoadState::kLoaded));
    WriteGroup group;
    PENSTOCK_TRY(projector_.close(group));
    return take(group);
  }

  Status build() {
    while (projector_.has_pending() && documents_.size() < most_) {
      WriteGroup group;
      PENSTOCK_TRY(projector_.step(kPosition, group));
      PENSTOCK_TRY(take(group));
      if (group.publish) return {};
      PENSTOCK_TRY(projector_.save(kPosition, {}));
    }
    return {};
  }

  std::vector<std::string> documents_;

 private:
  Status step_load(const std::string& table, LoadState state) {
    LoadStep step;
    step.table.table = table;
    step.table.state = state;
    step.table.load_id = 1;
    return projector_.load_step(step);
  }

  Status take(const WriteGroup& group) {
    if (!group.rejected.empty()) return fail(group.rejected.front().error);
    for (const DocumentWrite& write : group.writes) {
      if (write.kind != WriteKind::kInsert && write.kind != WriteKind::kReplace) continue;
      if (documents_.size() >= most_) return {};
      PENSTOCK_ASSIGN(std::string json, mongo::document_json(write));
      if (seen_.insert(json).second) documents_.push_back(std::move(json));
    }
    return {};
  }

  static constexpr Position kPosition{Lsn{1}, 0, Lsn{1}};
  Projector& projector_;
  const std::size_t most_;
  std::set<std::string> seen_;  // a row may have been read more than once
};

using Pretty = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

// Numbers pass as they are, doubles by their shortest text.
class JsonPrinter : public Pretty {
 public:
  using Pretty::Pretty;
  bool RawNumber(const Ch* text, rapidjson::SizeType length, bool /*copy*/) {
    const std::string_view number(text, length);
    if (number.find_first_of(".eE") == std::string_view::npos)
      return RawValue(text, length, rapidjson::kNumberType);
    std::string shortest = fmt::format("{}", std::strtod(std::string(number).c_str(), nullptr));
    if (shortest.find_first_of(".eE") == std::string::npos) shortest += ".0";
    return RawValue(shortest.data(), static_cast<rapidjson::SizeType>(shortest.size()),
                    rapidjson::kNumberType);
  }
};

}  // namespace

Result<std::vector<std::string>> make_documents(const CollectionSpec& spec, const TableDescriptions& tables,
                                                const PreviewRows& rows, const std::string& file,
                                                std::size_t most) {
  const QuietLog quiet;
  PENSTOCK_ASSIGN(const ScratchFolder folder, ScratchFolder::make());
  std::vector<TableSchema> schemas;
  std::vector<std::string> names;
  for (const auto& [name, table] : tables) {
    names.push_back(name);
    schemas.push_back(*table.schema);
  }
  PENSTOCK_ASSIGN(const auto projector,
                  make_projector({spec}, schemas, {folder.path() + "/state", std::size_t{8} << 20, file}));
  Maker maker(*projector, most);
  PENSTOCK_TRY(maker.load(names, rows));
  PENSTOCK_TRY(maker.build());
  return std::move(maker.documents_);
}

std::string indented(const std::string& json, const std::string& indent) {
  rapidjson::StringBuffer buffer;
  JsonPrinter writer(buffer);
  writer.SetIndent(' ', 2);
  rapidjson::MemoryStream stream(json.data(), json.size());
  rapidjson::Reader reader;
  reader.Parse<rapidjson::kParseNumbersAsStringsFlag>(stream, writer);
  std::string out = indent;
  for (const char c : std::string_view(buffer.GetString(), buffer.GetSize())) {
    out += c;
    if (c == '\n') out += indent;
  }
  return out;
}

}  // namespace penstock::app
