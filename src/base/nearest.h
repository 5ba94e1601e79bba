// "did you mean …": the known word nearest to a mistyped one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

// The candidate with the fewest inserted, deleted, replaced or swapped letters (case aside); nothing when
// even that one is too far to be meant.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

// "; did you mean fields?", or an empty text.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace penstock
