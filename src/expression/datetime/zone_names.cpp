// How a zone is found by what people call it (PostgreSQL manual: "Time Zones", "Date/Time Configuration
// Files").
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <unordered_map>

#include "expression/datetime/zone.h"
#include "expression/text/character_class.h"

namespace penstock::expression {
namespace {

constexpr const char* kDatabase = "/usr/share/zoneinfo";

// PostgreSQL's default list, without those whose offset changed over time.
const std::unordered_map<std::string_view, std::int64_t>& abbreviations() {
  static const std::unordered_map<std::string_view, std::int64_t> kAbbreviations = {
      {"acdt", 37800},  {"acsst", 37800}, {"acst", 34200},  {"act", -18000},  {"acwst", 31500},
      {"adt", -10800},  {"aedt", 39600},  {"aesst", 39600}, {"aest", 36000},  {"aft", 16200},
      {"akdt", -28800}, {"akst", -32400}, {"almst", 25200}, {"almt", 21600},  {"amt", -14400},
      {"ast", -14400},  {"awsst", 32400}, {"awst", 28800},  {"azost", 0},     {"azot", -3600},
      {"bdst", 7200},   {"bdt", 21600},   {"bnt", 28800},   {"bort", 28800},  {"bot", -14400},
      {"bra", -10800},  {"brst", -7200},  {"brt", -10800},  {"bst", 3600},    {"btt", 21600},
      {"cadt", 37800},  {"cast", 34200},  {"cct", 28800},   {"cdt", -18000},  {"cest", 7200},
      {"cet", 3600},    {"cetdst", 7200}, {"chadt", 49500}, {"chast", 45900}, {"chut", 36000},
      {"clst", -10800}, {"cot", -18000},  {"cst", -21600},  {"cxt", 25200},   {"ddut", 36000},
      {"eat", 10800},   {"edt", -14400},  {"eest", 10800},  {"eet", 7200},    {"eetdst", 10800},
      {"egst", 0},      {"egt", -3600},   {"est", -18000},  {"fet", 10800},   {"fjst", 46800},
      {"fjt", 43200},   {"fnst", -3600},  {"fnt", -7200},   {"galt", -21600}, {"gamt", -32400},
      {"gft", -10800},  {"gilt", 43200},  {"gmt", 0},       {"hkt", 28800},   {"hst", -36000},
      {"ict", 25200},   {"idt", 10800},   {"irt", 12600},   {"ist", 7200},    {"jayt", 32400},
      {"jst", 32400},   {"kdt", 36000},   {"kgst", 21600},  {"kst", 32400},   {"lhst", 37800},
      {"ligt", 36000},  {"mart", -34200}, {"mdt", -21600},  {"mest", 7200},   {"mesz", 7200},
      {"met", 3600},    {"metdst", 7200}, {"mez", 3600},    {"mht", 43200},   {"mmt", 23400},
      {"mpt", 36000},   {"msd", 14400},   {"mst", -25200},  {"must", 18000},  {"mut", 14400},
      {"mvt", 18000},   {"myt", 28800},   {"ndt", -9000},   {"nft", -12600},  {"npt", 20700},
      {"nst", -12600},  {"nzdt", 46800},  {"nzst", 43200},  {"nzt", 43200},   {"pdt", -25200},
      {"pet", -18000},  {"pgt", 36000},   {"pht", 28800},   {"pkst", 21600},  {"pkt", 18000},
      {"pmdt", -7200},  {"pmst", -10800}, {"pont", 39600},  {"pst", -28800},  {"pwt", 32400},
      {"pyst", -10800}, {"ret", 14400},   {"sadt", 37800},  {"sast", 7200},   {"sct", 14400},
      {"taht", -36000}, {"tft", 18000},   {"tjt", 18000},   {"tot", 46800},   {"trut", 36000},
      {"tvt", 43200},   {"uct", 0},       {"ulast", 32400}, {"ut", 0},        {"utc", 0},
      {"uyst", -7200},  {"uyt", -10800},  {"uzst", 21600},  {"uzt", 18000},   {"vut", 39600},
      {"wadt", 28800},  {"wakt", 43200},  {"wast", 25200},  {"wat", 3600},    {"wdt", 32400},
      {"wet", 0},       {"wetdst", 3600}, {"wft", 43200},   {"wgst", -7200},  {"wgt", -10800},
      {"xjt", 21600},   {"yapt", 36000},  {"yekst", 21600}, {"z", 0},         {"zulu", 0},
  };
  return kAbbreviations;
}

// The file of the database with that name in any case; empty when there is none.
std::filesystem::path find_file(std::string_view name) {
  std::filesystem::path at = kDatabase;
  while (!name.empty()) {
    const std::size_t slash = std::min(name.find('/'), name.size());
    const std::string wanted = lower_text(name.substr(0, slash));
    name.remove_prefix(std::min(slash + 1, name.size()));
    if (wanted.empty() || wanted[0] == '.') return {};
    std::error_code error;
    std::filesystem::path found;
    for (const auto& entry : std::filesystem::directory_iterator(at, error)) {
      if (lower_text(entry.path().filename().string()) == wanted) found = entry.path();
    }
    if (found.empty()) return {};
    at = found;
  }
  std::error_code error;
  return std::filesystem::is_regular_file(at, error) ? at : std::filesystem::path{};
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// "UTC+3", "<-03>3:30", "+5": west is positive, as in POSIX.
bool read_posix(std::string_view name, std::int64_t& offset) {
  const std::size_t closed = name.starts_with('<') ? name.find('>') : std::string_view::npos;
  const std::size_t at = closed == std::string_view::npos ? name.find_first_of("0123456789+-") : closed + 1;
  if (at >= name.size()) return false;
  std::string_view text = name.substr(at);
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  std::int64_t seconds = 0;
  for (std::int64_t unit = 3600; unit > 0 && !text.empty(); unit /= 60) {
    if (unit < 3600 && text[0] != ':') return false;
    if (unit < 3600) text.remove_prefix(1);
    std::int64_t part = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), part);
    if (read.ec != std::errc{} || part < 0 || part > (unit == 3600 ? 167 : 59)) return false;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    seconds += part * unit;
  }
  offset = negative ? seconds : -seconds;
  return text.empty();
}

Result<std::shared_ptr<const Zone>> load(std::string_view name) {
  if (const std::int64_t offset = abbreviation_offset(name); offset != kNoAbbreviation)
    return Zone::fixed(offset);
  if (const auto path = find_file(name); !path.empty()) {
    const std::string bytes = read_file(path);
    if (bytes.starts_with("TZif")) return Zone::from_file(bytes, name);
  }
  if (std::int64_t offset = 0; read_posix(name, offset)) return Zone::fixed(offset);
  std::error_code error;
  if (!std::filesystem::is_directory(kDatabase, error))
    return fail(ErrorKind::kConfiguration, fmt::format("there is no time zone database in {}", kDatabase),
                "install the system package tzdata");
  return fail(ErrorKind::kBadValue, fmt::format("time zone \"{}\" not recognized", name));
}

}  // namespace

std::int64_t abbreviation_offset(std::string_view name) {
  const auto found = abbreviations().find(lower_text(name));
  return found == abbreviations().end() ? kNoAbbreviation : found->second;
}

Result<std::shared_ptr<const Zone>> Zone::named(std::string_view name) {
  static std::mutex mutex;
  static std::unordered_map<std::string, std::shared_ptr<const Zone>> known;
  const std::lock_guard lock(mutex);
  const std::string key(name);
  if (const auto found = known.find(key); found != known.end()) return found->second;
  PENSTOCK_ASSIGN(auto zone, load(name));
  known.emplace(key, zone);
  return zone;
}

}  // namespace penstock::expression
