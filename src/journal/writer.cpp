#include "journal/writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace penstock::journal {
namespace {

constexpr std::size_t kBlockBytes = 1U << 20;
constexpr std::uint64_t kLeastSegment = 64U << 10;
constexpr std::uint64_t kMostSegment = 64U << 20;
constexpr std::size_t kMostShapes = 4096;  // held by address; a relation is described anew at each reconnect

std::int64_t now_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// So that pruning takes away a small part at a time.
std::uint64_t segment_bytes(const Options& options) {
  if (options.segment_bytes != 0) return options.segment_bytes;
  const std::uint64_t most = options.keep_bytes == 0 ? kMostSegment : options.keep_bytes / 32;
  return std::clamp(most, kLeastSegment, kMostSegment);
}

Status sync_folder(const std::string& folder) {
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return fail(file_error("opening", folder));
  const bool done = fsync(directory) == 0;
  const Error error = done ? Error() : file_error("making durable", folder);
  close(directory);
  if (!done) return fail(error);
  return {};
}

}  // namespace

bool has_had(const Position& position, const Event& event) {
  if (event.kind == EventKind::kCommit || event.kind == EventKind::kProgress)
    return event.position.through_lsn <= position.through_lsn;
  return event.position.commit_lsn < position.through_lsn ||
         (event.position.commit_lsn == position.commit_lsn && event.position.ordinal <= position.ordinal);
}

Result<std::unique_ptr<Writer>> Writer::open(Options options) {
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error)
    return fail(
        ErrorKind::kConfiguration,
        fmt::format("the folder {} of the journal cannot be made: {}", options.folder, error.message()),
        "name another one under \"journal.folder\" in the pipeline file");
  options.segment_bytes = segment_bytes(options);
  PENSTOCK_ASSIGN(const Outline found, outline(options.folder, Tail::kVerified));
  PENSTOCK_ASSIGN(const auto numbers, list_segments(options.folder));
  std::unique_ptr<Writer> writer(new Writer(std::move(options)));
  writer->number_ = numbers.empty() ? 0 : numbers.back();
  for (const OutlinedSegment& one : found.segments)
    writer->former_.push_back({one.number, one.bytes, one.begun});
  if (found.empty()) return writer;
  const OutlinedSegment& last = found.segments.back();
  if (last.begin.pipeline != writer->options_.pipeline)
    return fail(ErrorKind::kConfiguration,
                fmt::format("the journal {} is that of pipeline \"{}\"", writer->options_.folder,
                            last.begin.pipeline),
                "name another folder under \"journal.folder\" in the pipeline file");
  writer->begin_ = last.begin;
  writer->begin_.previous = last.number;
  writer->begin_.previous_bytes = last.bytes;
  writer->position_ = writer->written_ = found.end();
  PENSTOCK_ASSIGN(SegmentFile file, SegmentFile::open(segment_path(writer->options_.folder, last.number)));
  for (const OutlinedBlock& block : found.blocks) {
    if (block.segment + 1 != found.segments.size()) continue;
    const BlockKind kind = block.place.header.kind;
    if (kind != BlockKind::kChunk && kind != BlockKind::kStep && kind != BlockKind::kBroken) continue;
    const std::string payload = file.payload(block.place).value_or("");
    std::string_view bytes = payload;
    TableLoads& loads = writer->begin_.loads;
    if (kind == BlockKind::kChunk) {
      PENSTOCK_ASSIGN(const ChunkResult chunk, decode_chunk(bytes));
      loads.chunk(chunk);
    } else if (kind == BlockKind::kStep) {
      PENSTOCK_ASSIGN(const StepRecord step, decode_step(bytes));
      loads.step(step);
    } else {
      loads.broken(std::string(ByteReader(bytes).text()));
    }
  }
  return writer;
}

Writer::~Writer() {
  if (file_ >= 0) close(file_);
}

Status Writer::begin(const SourceIdentity& source, const Position& position, const std::string& gap) {
  PENSTOCK_CHECK(file_ < 0);
  begin_.pipeline = options_.pipeline;
  begin_.source = source;
  begin_.gap = gap;
  if (!gap.empty()) begin_.loads.all_broken();
  if (!gap.empty() || empty()) position_ = written_ = position;
  return rotate();
}

// The segment before is whole and durable, or was when it was opened.
Status Writer::rotate() {
  if (file_ >= 0) {
    former_.push_back({number_, bytes_, begun_});
    begin_.previous = number_;
    begin_.previous_bytes = bytes_;
    begin_.gap.clear();
    ::close(std::exchange(file_, -1));
  }
  ++number_;
  const std::string path = segment_path(options_.folder, number_);
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (file_ < 0 && errno == EEXIST)
    return fail(ErrorKind::kFenced, "another process writes to the journal " + options_.folder,
                "one pipeline runs with one journal: see who else uses this folder");
  if (file_ < 0) return fail(file_error("making", path));
  bytes_ = 0;
  begun_ = now_micros();
  shapes_.clear();
  shape_bytes_.clear();
  PENSTOCK_TRY(write(BlockKind::kBegin, encode_begin(begin_), 0, 0, position_));
  if (fdatasync(file_) != 0) return fail(file_error("making durable", path));
  PENSTOCK_TRY(sync_folder(options_.folder));
  return prune();
}

Status Writer::prune() {
  const std::int64_t now = now_micros();
  std::uint64_t bytes = bytes_;
  for (const Kept& one : former_) bytes += one.bytes;
  while (!former_.empty()) {
    const std::int64_t ended = former_.size() > 1 ? former_[1].begun : begun_;
    const bool old =
        options_.keep.count() > 0 && now - ended > std::chrono::microseconds(options_.keep).count();
    const bool large = options_.keep_bytes > 0 && bytes > options_.keep_bytes;
    if (!old && !large) return {};
    const std::string path = segment_path(options_.folder, former_.front().number);
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return fail(file_error("removing", path));
    log::info("the journal forgets {}: it is {}", path, old ? "old enough" : "larger than it may be");
    bytes -= former_.front().bytes;
    former_.erase(former_.begin());
  }
  return {};
}

Status Writer::broken(const std::string& table, const std::string& why) {
  std::string raw;
  ByteWriter out(raw);
  out.text(table);
  out.text(why);
  begin_.loads.broken(table);
  return write(BlockKind::kBroken, raw, 0, 0, position_);
}

Status Writer::add(const EventBatch& batch) {
  if (batch.step) return add_step(batch);
  if (batch.chunk) return add_chunk(batch);
  return add_events(batch);
}

Status Writer::add_events(const EventBatch& batch) {
  for (const Event& event : batch.events) {
    if (has_had(position_, event)) continue;
    if (event.kind == EventKind::kProgress) {
      position_ = event.position;
      continue;
    }
    std::uint64_t shape = 0;
    if (event.schema != nullptr) {
      PENSTOCK_ASSIGN(shape, shape_number(batch, *event.schema, event.position));
    }
    if (!encoder_) encoder_ = std::make_unique<EventEncoder>(raw_);
    encoder_->add(event, shape);
    ++events_;
    newest_ = std::max(newest_, event.commit_micros);
    position_ = event.position;
    if (raw_.size() >= kBlockBytes) PENSTOCK_TRY(flush());
  }
  return {};
}

// A shape is written before the block that has its first row.
Result<std::uint64_t> Writer::shape_number(const EventBatch& batch, const TableSchema& schema,
                                           const Position& first_use) {
  if (const auto found = shapes_.find(&schema); found != shapes_.end()) return found->second.number;
  const auto owner = std::find_if(batch.schemas.begin(), batch.schemas.end(),
                                  [&](const auto& held) { return held.get() == &schema; });
  PENSTOCK_CHECK(owner != batch.schemas.end());
  std::string bytes = encode_schema(schema);
  const auto [known, is_new] = shape_bytes_.try_emplace(std::move(bytes), shape_bytes_.size());
  if (is_new) {
    PENSTOCK_TRY(flush());
    PENSTOCK_TRY(write(BlockKind::kShape, known->first, 0, 0, first_use));
  }
  if (shapes_.size() >= kMostShapes) shapes_.clear();
  shapes_[&schema] = {*owner, known->second};
  return known->second;
}

Status Writer::add_chunk(const EventBatch& batch) {
  PENSTOCK_TRY(flush());
  std::string raw;
  encode_chunk(raw, *batch.chunk);
  EventEncoder encoder(raw);
  std::int64_t newest = 0;
  for (const Event& event : batch.events) {
    std::uint64_t shape = 0;
    if (event.schema != nullptr) {
      PENSTOCK_ASSIGN(shape, shape_number(batch, *event.schema, position_));
    }
    encoder.add(event, shape);
    newest = std::max(newest, event.commit_micros);
  }
  begin_.loads.chunk(*batch.chunk);
  return write(BlockKind::kChunk, raw, static_cast<std::uint32_t>(batch.events.size()), newest, position_);
}

Status Writer::add_step(const EventBatch& batch) {
  PENSTOCK_TRY(flush());
  // A table without rows is to be known, too.
  for (const auto& schema : batch.schemas) {
    PENSTOCK_ASSIGN([[maybe_unused]] const auto number, shape_number(batch, *schema, position_));
  }
  const StepRecord step{batch.step->table, !batch.schemas.empty()};
  begin_.loads.step(step);
  return write(BlockKind::kStep, encode_step(step.table, step.of_load), 0, 0, position_);
}

Status Writer::flush() {
  if (!has_unwritten()) return {};
  PENSTOCK_TRY(write(BlockKind::kEvents, raw_, events_, newest_, position_));
  raw_.clear();
  encoder_.reset();
  events_ = 0;
  newest_ = 0;
  return {};
}

Status Writer::write(BlockKind kind, std::string_view raw, std::uint32_t events, std::int64_t newest,
                     const Position& position) {
  PENSTOCK_CHECK(file_ >= 0);
  std::string payload;
  PENSTOCK_TRY(compressor_.compress(raw, payload));
  BlockHeader header;
  header.kind = kind;
  header.stored_bytes = static_cast<std::uint32_t>(payload.size());
  header.raw_bytes = static_cast<std::uint32_t>(raw.size());
  header.position = position;
  header.newest_commit = newest;
  header.written = now_micros();
  header.events = events;
  stored_ = encode_header(header);
  stored_ += payload;
  PENSTOCK_TRY(append(stored_));
  if (kind == BlockKind::kEvents) written_ = position;
  return {};
}

Status Writer::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(bytes_));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return fail(file_error("writing to", segment_path(options_.folder, number_)));
    bytes_ += static_cast<std::uint64_t>(done);
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  return {};
}

Status Writer::sync() {
  PENSTOCK_TRY(flush());
  if (fdatasync(file_) != 0)
    return fail(file_error("making durable", segment_path(options_.folder, number_)));
  // At least twenty segments within the time they are kept, so that little goes at once.
  const std::int64_t age = now_micros() - begun_;
  const bool old = options_.keep.count() > 0 && age > std::chrono::microseconds(options_.keep).count() / 20;
  return bytes_ >= options_.segment_bytes || old ? rotate() : Status();
}

}  // namespace penstock::journal
