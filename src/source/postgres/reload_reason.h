// Why a table must be loaded (again), from what its last load was made with and what the catalog says now.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace penstock::postgres {

// Lines "name content": the description's fingerprint and the definition of the table's collections.
std::string load_fingerprint(const std::string& description, const std::string& definition);

// `stored` and `current` come from load_fingerprint. Nothing: the documents are still what the definition
// says. VACUUM FULL and CLUSTER change a table's file alone, SET STATISTICS its attributes alone, neither the
// rows; a rewriting ALTER TYPE changes both. A new partition that is empty now has sent every row it ever
// had.
std::optional<std::string> reload_reason(const std::string& stored, const std::string& current,
                                         const std::set<std::uint32_t>& empty_leaves);

}  // namespace penstock::postgres
