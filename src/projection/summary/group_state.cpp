#include "projection/summary/group_state.h"

#include <utility>

#include "expression/aggregate/index_key.h"
#include "model/byte_io.h"

namespace penstock {
namespace {

std::unique_ptr<expression::Tally> tally_of(const expression::AggregateShape& shape) {
  switch (expression::keeping(shape)) {
    case expression::Keeping::kTally:
    case expression::Keeping::kDistinctTally:
      return expression::make_tally(shape);
    case expression::Keeping::kRows:
    case expression::Keeping::kDistinctValues:
      break;
  }
  return nullptr;
}

}  // namespace

GroupState new_group(const SummaryDefinition& definition, std::uint64_t number, std::string keys) {
  GroupState group;
  group.number = number;
  group.keys = std::move(keys);
  for (const SummaryDefinition::Call& call : definition.calls) group.tallies.push_back(tally_of(call.shape));
  return group;
}

std::string encode(const GroupState& group) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.number(group.number);
  writer.signed_number(group.rows);
  writer.signed_number(group.commit_micros);
  writer.text(group.keys);
  for (const auto& tally : group.tallies)
    if (tally != nullptr) tally->encode(bytes);
  return bytes;
}

std::optional<GroupState> decode_group(const SummaryDefinition& definition, std::string_view bytes) {
  ByteReader reader(bytes);
  const std::uint64_t number = reader.number();
  const std::int64_t rows = reader.signed_number();
  const std::int64_t commit_micros = reader.signed_number();
  GroupState group = new_group(definition, number, std::string(reader.text()));
  if (!reader.ok()) return std::nullopt;
  group.rows = rows;
  group.commit_micros = commit_micros;
  std::string_view rest = bytes.substr(static_cast<std::size_t>(reader.at() - bytes.data()));
  for (const auto& tally : group.tallies)
    if (tally != nullptr && !tally->decode(rest)) return std::nullopt;
  return group;
}

}  // namespace penstock
